import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { roundsFor } from '../../src/aggregate/gaugeEpochs.ts'
import { valueOf } from '../../src/aggregate/estimate.ts'
import { MAX_TRIES } from '../../src/aggregate/limits.ts'
import { Participant } from '../../src/aggregate/participant.ts'
import { contribution, rootShare, sumOfMean, summaryDefect } from '../../src/aggregate/summary.ts'
import type { PeerId } from '../../src/gossip/network.ts'
import { seededRandom } from '../../src/lib/random.ts'
import { ModelNetwork, type Loss } from '../builders/aggregate.ts'

const EPOCH = { number: 1, tag: 1, rounds: 16 }
const losses = fc.array(fc.constantFrom<Loss>('nothing', 'request', 'answer'), { maxLength: 200 })
const values = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 2, maxLength: 12 })

/** What a schedule says, then nothing; the last try of an exchange comes through. */
function mendable(schedule: readonly Loss[]): (tries: number) => Loss {
  let at = 0
  return (tries) => (tries === MAX_TRIES ? 'nothing' : (schedule[at++] ?? 'nothing'))
}

/** Rounds until each of `size` nodes holds the mean and the number of nodes within one per cent. */
function roundsToOnePercent(size: number, seed: number): number {
  const random = seededRandom(seed)
  const contributed = Array.from({ length: size }, () => random.int(1_000))
  const mean = contributed.reduce((sum, value) => sum + value, 0) / size
  const network = new ModelNetwork(contributed, random)
  const isNear = (value: number | undefined, truth: number): boolean =>
    Math.abs((value ?? Infinity) - truth) <= truth / 100
  const isKnown = ({ held }: Participant): boolean =>
    isNear(valueOf('mean', held), mean) && isNear(valueOf('count', held), size)
  let rounds = 0
  for (; network.joined.length < size || !network.joined.every(isKnown); rounds++) network.round()
  return rounds
}

describe('an exchange', () => {
  test('moves no mass in or out, whichever requests and answers are lost, where the last try comes through', () => {
    const check = (contributed: number[], schedule: Loss[], seed: number): void => {
      const network = new ModelNetwork(contributed, seededRandom(seed), mendable(schedule))
      const before = network.total(sumOfMean)
      for (let round = 0; round < 12; round++) network.round()
      network.settle()
      expect(network.total(sumOfMean)).toBeCloseTo(before, 6)
      expect(network.total(rootShare)).toBeCloseTo(1, 9)
      for (const { held } of network.joined) expect(summaryDefect(held)).toBeUndefined()
    }
    fc.assert(fc.property(values, losses, fc.integer(), check))
  })

  test('that is given up loses half of the difference of the two at most', () => {
    const check = (a: number, b: number): void => {
      const network = new ModelNetwork([a, b], seededRandom(1), () => 'answer')
      network.round()
      network.settle()
      expect(Math.abs(network.total(sumOfMean) - a - b)).toBeLessThanOrEqual(Math.abs(a - b) / 2)
    }
    const value = fc.integer({ min: 0, max: 1_000 })
    fc.assert(fc.property(value, value, check))
  })

  test('holds the asker still until it has its answer', () => {
    const [asker, answerer] = [0, 1].map(
      (at) => new Participant(EPOCH, 0, contribution([at], at === 0)),
    ) as [Participant, Participant]
    const exchange = asker.ask('answerer' as PeerId)
    expect(asker.answer('other' as PeerId, 1, answerer.held)).toBeUndefined()
    asker.settle(exchange, answerer.answer('asker' as PeerId, exchange.sequence, exchange.sent))
    expect(asker.held).toEqual(answerer.held)
    expect(asker.answer('other' as PeerId, 1, answerer.held)).toEqual(answerer.held)
  })
})

describe('an epoch without loss', () => {
  test.each([
    [8, [1, 2, 3, 4, 5, 6, 7, 8]],
    [1_000, [1, 2, 3]],
    [10_000, [1]],
  ])(
    'of %i nodes brings each within one per cent of mean and number in 2 log2 n + 10 rounds',
    (size, seeds) => {
      const rounds = seeds.map((seed) => roundsToOnePercent(size, seed))
      expect(Math.max(...rounds)).toBeLessThanOrEqual(roundsFor(size))
    },
  )
})
