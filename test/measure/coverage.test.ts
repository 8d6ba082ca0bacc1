import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { spreadsOf, type Delivery } from '../../src/measure/delivery.ts'
import { Life } from '../../src/measure/life.ts'
import { propagationOf } from '../../src/measure/propagation.ts'

const NODES = 6
const END_MS = 1_000

const node = fc.nat({ max: NODES - 1 })
const changes = fc.array(
  fc.record({
    node,
    afterMs: fc.nat({ max: 100 }),
    state: fc.constantFrom('up' as const, 'paused' as const, 'gone' as const),
  }),
)
const copies = fc.array(
  fc.record({
    hash: fc.constantFrom('0xa', '0xb', '0xc'),
    node,
    from: fc.option(node, { nil: undefined }),
    route: fc.constantFrom('push' as const, 'iwant' as const, 'request' as const),
    receivedMs: fc.nat({ max: END_MS }),
    outcome: fc.constantFrom('accepted' as const, 'duplicate' as const, 'refused' as const),
  }),
)

test('coverage is at most 1, whoever came and went and whatever the nodes say that they saw', () => {
  fc.assert(
    fc.property(changes, copies, (lives, seen) => {
      const clock = new ManualClock()
      const startMs = clock.monotonicMs()
      const life = new Life(clock)
      for (const change of lives) {
        clock.advance(change.afterMs)
        life.note(change.node, change.state)
      }
      const deliveries = seen.map((copy): Delivery => {
        const atMs = startMs + copy.receivedMs
        return { ...copy, receivedMs: atMs, judgedMs: atMs, queuedMs: 0, bytes: 1 }
      })
      const { coverage } = propagationOf(
        spreadsOf(deliveries, (atMs) => life.liveAt(atMs)),
        { endMs: startMs + END_MS },
      )
      expect(coverage ?? 0).toBeLessThanOrEqual(1)
    }),
  )
})
