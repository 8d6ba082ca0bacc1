import { defaultLogger } from '@libp2p/logger'
import { StreamState, YamuxStream } from '@libp2p/yamux/stream'
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { boundMuxerFrames } from '../../src/p2p/links/muxerFrames.ts'
import { LIMITS } from '../../src/p2p/limits.ts'

const MIB = 1024 * 1024
const INITIAL_WINDOW = MIB / 4
const WINDOW_UPDATE = 1
const PLACES = Uint8Array.from({ length: 251 }, (_, at) => at)

/** A stream, and the data frames that it sent. */
function sending() {
  const sent: Uint8Array[] = []
  const stream = new YamuxStream({
    id: '2',
    streamId: 2,
    state: StreamState.Established,
    direction: 'outbound',
    initialStreamWindowSize: INITIAL_WINDOW,
    log: defaultLogger().forComponent('test'),
    getRTT: () => -1,
    sendFrame: (_header, data) => {
      if (data !== undefined) sent.push(data.subarray())
      return true
    },
  })
  const grant = (length: number): void =>
    stream.handleWindowUpdate({
      header: { type: WINDOW_UPDATE, flag: 0, streamID: 2, length },
    })
  return { stream, sent, grant }
}

/** Bytes of which each one tells its place, up to 251. */
function bytesOf(length: number): Uint8Array {
  return Buffer.alloc(length, PLACES)
}

beforeAll(() => {
  boundMuxerFrames()
  boundMuxerFrames()
})

test('4 MB leave in frames that every muxer takes, though the window would allow one frame', () => {
  const { stream, sent, grant } = sending()
  grant(8 * MIB)
  const data = bytesOf(4 * MIB)
  stream.send(data)
  expect(Math.max(...sent.map((frame) => frame.length))).toBe(LIMITS.muxerMaxMessageBytes.value)
  expect(Buffer.concat(sent).equals(data)).toBe(true)
})

test('whatever the windows are, all data leave in order and in bounded frames', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: MIB / 2 }), { minLength: 1, maxLength: 6 })
  const grants = fc.array(fc.integer({ min: 1, max: 2 * MIB }), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(sizes, grants, async (messages, windows) => {
      const { stream, sent, grant } = sending()
      for (const size of messages) stream.send(bytesOf(size))
      for (const window of windows) grant(window)
      const total = messages.reduce((sum, size) => sum + size, 0)
      grant(total + 2 * INITIAL_WINDOW)
      await new Promise((resolve) => setImmediate(resolve))
      const data = Buffer.concat(messages.map((size) => bytesOf(size)))
      expect(Math.max(...sent.map((frame) => frame.length))).toBeLessThanOrEqual(
        LIMITS.muxerMaxMessageBytes.value,
      )
      expect(Buffer.concat(sent).equals(data)).toBe(true)
    }),
    { numRuns: 30 },
  )
})
