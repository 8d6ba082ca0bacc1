import { describe, expect, test } from 'vitest'
import {
  decodeAggregateRequest,
  encodeAggregateRequest,
  type AggregateRequest,
} from '../../src/aggregate/aggregateMessages.ts'
import { MAX_GAUGE_BYTES } from '../../src/aggregate/gauges.ts'
import { contribution, MASS_COUNT, type Summary } from '../../src/aggregate/summary.ts'
import { PROTOCOL_LIMITS } from '../../src/sync/limits.ts'
import { ProtocolViolation } from '../../src/sync/protocol.ts'

const HONEST = contribution([7], true)
const EPOCH = { number: 1_764_000_000, tag: 3, rounds: 16 }

function request(held: Summary): AggregateRequest {
  return { gauge: 'txpool.pending', epoch: EPOCH, round: 1, sequence: 1, held }
}

/** The masses of an honest node, but one of them is another. */
function withMass(at: number, mass: number): Summary {
  return { ...HONEST, masses: HONEST.masses.with(at, mass) }
}

describe('a summary that no honest node holds', () => {
  test.each([
    ['a mass that is no number', withMass(1, NaN)],
    ['a mass without end', withMass(0, Infinity)],
    ['a negative mass', withMass(0, -0.5)],
    ['a share of the root above one', withMass(0, 1.5)],
    ['observations that are in no bucket', withMass(1, 5)],
    ['a sum without observations', withMass(2, 5)],
    ['a mean above the maximum', withMass(2, 8)],
    ['extrema out of bounds', { ...HONEST, max: 1e300 }],
    ['a mean below the minimum', { ...HONEST, min: 9, max: 9 }],
  ])('is refused: %s', (_, held) => {
    expect(() => decodeAggregateRequest(encodeAggregateRequest(request(held)))).toThrow(
      ProtocolViolation,
    )
  })

  test('is told from an honest one, which is read as it was', () => {
    expect(decodeAggregateRequest(encodeAggregateRequest(request(HONEST)))).toEqual(request(HONEST))
  })

  test('the largest message stays within the bound of the protocol', () => {
    const masses = new Float64Array(MASS_COUNT).fill(Math.PI)
    const held = { masses, min: 1, max: Math.PI }
    const gauge = 'g'.repeat(MAX_GAUGE_BYTES)
    const largest = encodeAggregateRequest({ ...request(held), gauge })
    expect(largest.length).toBeLessThan(PROTOCOL_LIMITS.aggregate.maxRequestBytes)
  })
})
