import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PeerId } from '../../src/gossip/network.ts'
import { isSameAnswers, mergedAnswers, type Answers } from '../../src/search/answers.ts'
import { MAX_TALLIED } from '../../src/search/limits.ts'
import type { Question } from '../../src/search/question.ts'
import { countOf, mergedTally, NO_TALLY, tallyOf, type Tally } from '../../src/search/tally.ts'

const HIGHEST: Question = { kind: 'extremum', end: 'highest', gauge: 'peers' }
const node = fc.record({ id: fc.integer({ min: 0, max: 2 ** 40 }), has: fc.boolean() })
const answers: fc.Arbitrary<Answers> = fc
  .record({ nodes: fc.array(node, { maxLength: 90 }), value: fc.option(fc.integer()) })
  .map(({ nodes, value }) => ({
    best: value === null ? undefined : { peer: `p${value % 5}` as PeerId, value, errorMs: 0 },
    tally: tallyOfAll(nodes),
    sightings: new Map(),
  }))

function tallyOfAll(nodes: readonly { id: number; has: boolean }[]): Tally {
  return nodes.reduce((all, { id, has }) => mergedTally(all, tallyOf(id, has)), NO_TALLY)
}

describe('answers', () => {
  test('come to the same whatever the order and however often they are merged', () => {
    fc.assert(
      fc.property(answers, answers, answers, (a, b, c) => {
        const merged = (one: Answers, other: Answers) => mergedAnswers(HIGHEST, one, other)
        const all = merged(merged(a, b), c)
        expect(isSameAnswers(all, merged(c, merged(b, a)))).toBe(true)
        expect(isSameAnswers(all, merged(all, b))).toBe(true)
      }),
    )
  })

  test('keep the value that is asked for', () => {
    fc.assert(
      fc.property(answers, answers, (a, b) => {
        const values = [a.best?.value, b.best?.value].filter((value) => value !== undefined)
        const { best } = mergedAnswers(HIGHEST, a, b)
        expect(best?.value).toBe(values.length === 0 ? undefined : Math.max(...values))
      }),
    )
  })
})

describe('a tally', () => {
  test('counts up to its bound exactly, and is an estimate beyond', () => {
    const nodes = (count: number) =>
      Array.from({ length: count }, (_, id) => ({ id: id * 7919, has: id % 4 !== 0 }))
    expect(countOf(tallyOfAll(nodes(40)), 40)).toEqual({ have: 30, of: 40, haveError: 0 })
    const estimate = countOf(tallyOfAll(nodes(4_000)), 4_000)
    expect(estimate.of).toBe(4_000)
    expect(Math.abs(estimate.have - 3_000)).toBeLessThan(3 * estimate.haveError)
  })

  test('is a count without error where every node of the sample has it', () => {
    const all = Array.from({ length: 3 * MAX_TALLIED }, (_, id) => ({ id, has: true }))
    expect(countOf(tallyOfAll(all), 500)).toEqual({ have: 500, of: 500, haveError: 0 })
  })
})
