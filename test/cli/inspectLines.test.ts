import { Readable, Writable } from 'node:stream'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  judgeLines,
  LineSplitter,
  parseHexLine,
  refusal,
  type LineJudge,
} from '../../src/cli/inspect/inspectLines.ts'

function split(chunks: readonly Uint8Array[], maxBytes = 1000): (string | undefined)[] {
  const splitter = new LineSplitter(maxBytes)
  return [...chunks.flatMap((chunk) => [...splitter.push(chunk)]), ...splitter.end()]
}

describe('lines', () => {
  test.each([
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\nb', ['a', 'b']],
    ['a\n\nb\n', ['a', '', 'b']],
    ['\n', ['']],
  ])('of %j are %j', (text, lines) => {
    expect(split([Buffer.from(text)])).toEqual(lines)
  })

  test('are the same however the text is cut into chunks', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 60 })
    fc.assert(
      fc.property(text, fc.array(fc.nat(60)), (whole, cuts) => {
        const bytes = Buffer.from(whole)
        const ends = [...cuts.sort((a, b) => a - b), bytes.length]
        const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
        expect(split(chunks)).toEqual(split([bytes]))
      }),
    )
  })

  test('over the bound are named and not kept, and the next is read', () => {
    const chunks = ['12', '3456', '7\n1234\n12345\n'].map((text) => Buffer.from(text))
    expect(split(chunks, 4)).toEqual([undefined, '1234', undefined])
  })
})

describe('a line of hex', () => {
  test('of twenty million digits is read', () => {
    expect(parseHexLine('ab'.repeat(10_000_000))).toHaveLength(10_000_000)
  })

  test.each(['0x1', 'xyz', '0x0x00', '00 11', 'ａｂ', '0İ'])('%j is none', (line) => {
    expect(parseHexLine(line)).toBeUndefined()
  })
})

describe('judging', () => {
  const judge: LineJudge = (line) =>
    line === 'bad' ? refusal('rlp-truncated', 'it is bad') : { line, length: line.length }

  /** A reader that takes one write at a time and notes how much waited for it. */
  class SlowReader extends Writable {
    text = ''
    mostWaiting = 0

    override _write(chunk: Buffer, _encoding: string, done: () => void): void {
      this.mostWaiting = Math.max(this.mostWaiting, this.writableLength)
      this.text += chunk.toString()
      setImmediate(done)
    }
  }

  test('answers every line with one line, in order, and says that one was refused', async () => {
    const output = new SlowReader()
    const input = Readable.from([Buffer.from('a\nbad\n'), Buffer.from('c')])
    expect(await judgeLines(input, output, judge)).toBe(true)
    expect(output.text.split('\n')).toEqual([
      '{"line":"a","length":1}',
      '{"error":{"reason":"rlp-truncated","message":"it is bad"}}',
      '{"line":"c","length":1}',
      '',
    ])
  })

  test('says that none was refused, also of no lines at all', async () => {
    expect(await judgeLines(Readable.from([Buffer.from('a\n')]), new SlowReader(), judge)).toBe(
      false,
    )
    expect(await judgeLines(Readable.from([]), new SlowReader(), judge)).toBe(false)
  })

  test('waits for a slow reader instead of filling the memory', async () => {
    const output = new SlowReader()
    const chunks = Array.from({ length: 100 }, () => Buffer.from('a\n'.repeat(1000)))
    await judgeLines(Readable.from(chunks), output, judge)
    expect(output.text.match(/\n/g)).toHaveLength(100_000)
    expect(output.mostWaiting).toBeLessThan(80_000)
  })

  test('ends when the reader goes away', async () => {
    let chunks = 0
    const input = Readable.from(
      (function* endless() {
        for (;;) {
          chunks++
          yield Buffer.from('bad\n'.repeat(1000))
        }
      })(),
    )
    const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) })
    expect(await judgeLines(input, output, judge)).toBe(true)
    expect(chunks).toBeLessThan(30)
  })
})
