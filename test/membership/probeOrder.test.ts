import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PeerId } from '../../src/gossip/network.ts'
import { seededRandom } from '../../src/lib/random.ts'
import { LocalHealth } from '../../src/membership/health.ts'
import { ProbeOrder } from '../../src/membership/probeOrder.ts'

function peers(count: number): PeerId[] {
  return Array.from({ length: count }, (_, index) => `peer ${index}` as PeerId)
}

describe('the order of probes', () => {
  test('has everybody once a round, so that nobody waits longer than two rounds less one', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 20 }), (seed, count) => {
        const order = new ProbeOrder(seededRandom(seed))
        const neighbours = peers(count)
        const probed = Array.from({ length: 4 * count }, () => order.next(neighbours))
        for (let round = 0; round < 4; round++)
          expect(new Set(probed.slice(round * count, (round + 1) * count))).toEqual(
            new Set(neighbours),
          )
        for (const peer of neighbours) {
          const turns = probed.flatMap((one, at) => (one === peer ? [at] : []))
          const waits = turns.slice(1).map((turn, at) => turn - (turns[at] ?? 0))
          expect(Math.max(...waits)).toBeLessThanOrEqual(2 * count - 1)
        }
      }),
    )
  })

  test('passes over who has gone, and has who came in the next round', () => {
    const order = new ProbeOrder(seededRandom(1))
    const [a, b, c] = peers(3) as [PeerId, PeerId, PeerId]
    const first = order.next([a, b])
    const rest = first === a ? b : a
    expect(order.next([c])).toBe(c)
    expect(order.next([rest, c].filter((peer) => peer !== rest))).toBe(c)
    expect(order.next([])).toBeUndefined()
  })
})

describe('the own health', () => {
  test('worsens by missed answers up to a bound and mends by answers, one by one', () => {
    const health = new LocalHealth()
    for (let count = 0; count < 20; count++) health.note('missed-nack')
    expect([health.score, health.multiplier]).toEqual([8, 9])
    for (let count = 0; count < 20; count++) health.note('answered')
    expect([health.score, health.multiplier]).toEqual([0, 1])
  })
})
