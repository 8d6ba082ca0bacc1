import { LengthPrefixedDecoder } from '@libp2p/utils'
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import type { Uint8ArrayList } from 'uint8arraylist'
import { endFramesAtTheirEnd } from '../../src/p2p/links/frameLengths.ts'

const LENGTH_BYTES = 2
let tooShort = 0

/** As noise makes its decoder; counts how often a length was asked for where there is none. */
function decoder(): LengthPrefixedDecoder {
  return new LengthPrefixedDecoder({
    lengthDecoder: Object.assign(
      (data: Uint8Array | Uint8ArrayList) => {
        const bytes = data.subarray(0, LENGTH_BYTES)
        const [high, low] = bytes
        if (high !== undefined && low !== undefined) return high * 256 + low
        tooShort++
        throw new RangeError('too short')
      },
      { bytes: LENGTH_BYTES },
    ),
    encodingLength: () => LENGTH_BYTES,
  })
}

function framed(data: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(data.length >> 8, data.length & 255), data])
}

function decoded(reader: LengthPrefixedDecoder, piece: Uint8Array): Buffer[] {
  return [...reader.decode(piece)].map((frame) => Buffer.from(frame.subarray()))
}

beforeAll(() => {
  endFramesAtTheirEnd()
  endFramesAtTheirEnd()
})

test('frames that came whole are read without asking for a length where nothing is left', () => {
  tooShort = 0
  const frames = [Uint8Array.of(1), Uint8Array.of(2, 3)]
  const read = decoded(decoder(), Buffer.concat(frames.map(framed)))
  expect(read).toEqual(frames.map((frame) => Buffer.from(frame)))
  expect(tooShort).toBe(0)
})

test('however the bytes are cut into pieces, the frames are those that were sent', () => {
  const sent = fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { maxLength: 10 })
  const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 10 })
  fc.assert(
    fc.property(sent, cuts, (frames, lengths) => {
      const bytes = Buffer.concat(frames.map(framed))
      const reader = decoder()
      const read: Buffer[] = []
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const length = lengths[turn % lengths.length] ?? 1
        read.push(...decoded(reader, bytes.subarray(at, at + length)))
        at += length
      }
      expect(read).toEqual(frames.map((frame) => Buffer.from(frame)))
    }),
  )
})
