import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/lib/random.ts'
import { openBlockFile } from '../../src/node/blockFile.ts'

/** Half of it compresses well, half not at all; larger than several pieces. */
const random = seededRandom(7)
const CONTENT = Uint8Array.from({ length: 300_000 }, (_, index) =>
  index % 2_000 < 1_000 ? index % 7 : random.int(256),
)
const GZIPPED = gzipSync(CONTENT)

let dir = ''

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'grapevine-'))
})

afterEach(() => rmSync(dir, { recursive: true }))

/** What is read of a file with these bytes, and why no more. */
async function read(bytes: Uint8Array): Promise<{ content: Buffer; failure: unknown }> {
  const path = join(dir, 'file')
  writeFileSync(path, bytes)
  const pieces: Uint8Array[] = []
  try {
    for await (const piece of openBlockFile(path).pieces) pieces.push(piece)
    return { content: Buffer.concat(pieces), failure: undefined }
  } catch (failure) {
    return { content: Buffer.concat(pieces), failure }
  }
}

describe('a file of blocks', () => {
  test('gzipped is read whole, in one part or several', async () => {
    const one = await read(GZIPPED)
    expect(one.failure).toBeUndefined()
    expect(one.content.equals(CONTENT)).toBe(true)
    const two = await read(Buffer.concat([GZIPPED, GZIPPED]))
    expect(two.content.equals(Buffer.concat([CONTENT, CONTENT]))).toBe(true)
  })

  test('gzipped and cut anywhere is read up to there, and then said to be broken', async () => {
    const whole = GZIPPED.length
    const cuts = [
      3,
      10,
      30,
      1_000,
      32_768,
      32_769,
      65_536,
      100_000,
      whole - 9,
      whole - 8,
      whole - 1,
    ]
    let before = 0
    for (const cut of cuts) {
      const { content, failure } = await read(GZIPPED.subarray(0, cut))
      expect(failure, `cut at ${cut}`).toBeInstanceOf(Error)
      expect(content.equals(CONTENT.subarray(0, content.length))).toBe(true)
      expect(content.length).toBeGreaterThanOrEqual(before)
      expect(content.length).toBeGreaterThan((cut / whole) * CONTENT.length * 0.7 - 70_000)
      before = content.length
    }
    expect(before).toBe(CONTENT.length)
  })

  test('gzipped and damaged in the middle is read up to about there', async () => {
    const damaged = Uint8Array.from(GZIPPED)
    damaged.fill(0xff, 100_000, 100_100)
    const { content, failure } = await read(damaged)
    expect(failure).toBeInstanceOf(Error)
    expect(content.length).toBeGreaterThan(100_000)
    expect(content.subarray(0, 100_000).equals(CONTENT.subarray(0, 100_000))).toBe(true)
  })

  test('that is no file is refused in one line', () => {
    expect(() => openBlockFile(dir)).toThrow(/cannot read .* it is a directory/)
    expect(() => openBlockFile(join(dir, 'none'))).toThrow(/cannot read .* ENOENT/)
  })
})
