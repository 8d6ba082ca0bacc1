import { expect, test } from 'vitest'
import type { Query } from '../../src/aggregate/gauges.ts'
import { askForFigures, coverageReading, latencyReading } from '../../src/node/networkFigures.ts'

const asked: Query[] = []

/** Answers that are so old, of which the blocks have none. */
function answers(ageMs: number) {
  return {
    ask: async (query: Query) => {
      asked.push(query)
      throw new Error('no answer in time')
    },
    last: ({ what, gauge }: Query) =>
      gauge.startsWith('block')
        ? undefined
        : {
            value: what === 'p99' ? 40 : 12,
            unit: 'ms',
            spread: 0,
            nodes: 8,
            rounds: 16,
            ageMs,
          },
  }
}

test('the last answers of the network are metrics, and what nobody asked for is not known', () => {
  expect(latencyReading(answers(100_000))).toEqual({
    'tx,p50': 12,
    'tx,p90': 12,
    'tx,p99': 40,
    'block,p50': NaN,
    'block,p90': NaN,
    'block,p99': NaN,
  })
  expect(coverageReading(answers(100_000))).toEqual({ tx: 12, block: NaN })
})

test('an answer of long ago says nothing of now', () => {
  expect(Object.values(latencyReading(answers(120_001))).every(Number.isNaN)).toBe(true)
  expect(coverageReading(answers(120_001))).toEqual({ tx: NaN, block: NaN })
})

test('all of them are asked for, whatever becomes of each', async () => {
  await askForFigures(answers(0))
  expect(asked.map(({ gauge }) => gauge)).toEqual([
    'tx.latency',
    'tx.coverage',
    'block.latency',
    'block.coverage',
  ])
})
