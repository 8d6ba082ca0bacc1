import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/lib/random.ts'
import { CELL_BYTES, ID_LIMIT, Sketch, SketchDecoder } from '../../src/sync/reconcile/sketch.ts'

const anyId = fc.integer({ min: 1, max: ID_LIMIT - 1 })
const anyIds = fc.uniqueArray(anyId, { maxLength: 60 })

/** Cells that it takes to decode, one after another; `undefined` if `most` do not do. */
function cellsToDecode(decoder: SketchDecoder, theirs: Sketch, most: number): number | undefined {
  while (!decoder.isDone && decoder.cellCount < most)
    decoder.add(theirs.cells(decoder.cellCount, decoder.cellCount + 1))
  return decoder.isDone ? decoder.cellCount : undefined
}

function sorted(ids: Iterable<number>): number[] {
  return [...ids].sort((a, b) => a - b)
}

function randomIds(seed: number, count: number): number[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => 1 + random.int(ID_LIMIT - 1))
}

describe('a sketch', () => {
  test('tells exactly what is in one of two sets alone', () => {
    fc.assert(
      fc.property(anyIds, anyIds, anyIds, (common, left, right) => {
        const taken = new Set(common)
        const ours = left.filter((id) => !taken.has(id))
        const theirs = right.filter((id) => !taken.has(id) && !ours.includes(id))
        const decoder = new SketchDecoder(new Sketch([...common, ...ours]))
        const cells = cellsToDecode(decoder, new Sketch([...common, ...theirs]), 1_000)
        expect(cells).toBeDefined()
        expect(sorted(decoder.ids)).toEqual(sorted([...ours, ...theirs]))
      }),
    )
  })

  test('of equal sets is decoded by one cell, of one difference too', () => {
    const ids = randomIds(1, 5_000)
    expect(cellsToDecode(new SketchDecoder(new Sketch(ids)), new Sketch(ids), 1)).toBe(1)
    const fewer = new Sketch(ids.slice(1))
    expect(cellsToDecode(new SketchDecoder(fewer), new Sketch(ids), 1)).toBe(1)
  })

  test('takes under two cells for each difference, whatever the size of the sets', () => {
    const common = randomIds(2, 3_000)
    for (const seed of [3, 4, 5, 6, 7]) {
      const decoder = new SketchDecoder(new Sketch([...common, ...randomIds(seed, 50)]))
      const theirs = new Sketch([...common, ...randomIds(seed + 100, 50)])
      expect(cellsToDecode(decoder, theirs, 1_000)).toBeLessThan(200)
    }
  })

  test('has the same cells in one piece and in many', () => {
    const ids = randomIds(8, 200)
    const pieces = new Sketch(ids)
    const parts = [0, 3, 4, 20].map((from, index) => pieces.cells(from, [3, 4, 20, 64][index] ?? 0))
    expect(Buffer.concat(parts)).toEqual(Buffer.from(new Sketch(ids).cells(0, 64)))
  })
})

describe('cells from a stranger', () => {
  test('of any bytes name no more ids than there are cells, and end', () => {
    fc.assert(
      fc.property(
        anyIds,
        fc.array(fc.uint8Array({ maxLength: 40 * CELL_BYTES }), { maxLength: 4 }),
        (ours, parts) => {
          const decoder = new SketchDecoder(new Sketch(ours))
          for (const part of parts) decoder.add(part)
          expect(decoder.ids.size).toBeLessThanOrEqual(decoder.cellCount)
        },
      ),
    )
  })

  test('that hold an element where it does not belong do not decode for ever', () => {
    const element = new Sketch([77]).cells(0, 1)
    const decoder = new SketchDecoder(new Sketch([]))
    decoder.add(Buffer.concat(Array.from({ length: 200 }, () => element)))
    expect([...decoder.ids]).toEqual([77])
    decoder.add(new Uint8Array(20 * CELL_BYTES))
    expect(decoder.ids.size).toBeLessThanOrEqual(decoder.cellCount)
  })
})
