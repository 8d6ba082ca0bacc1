import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { LatePushes, MIN_ROUND_TRIP_MS } from '../../src/p2p/router/latePushes.ts'

const ROUND_TRIP_MS = 100
const LOSSES = 3

/** Pushes of peer `a`; `sent` has what was kept back and then went out. */
function pushes({ roundTripMs = ROUND_TRIP_MS, lossesToWait = LOSSES, self = 'a' } = {}) {
  const clock = new ManualClock()
  const sent: string[] = []
  const said = new Set<string>()
  const counts = { spared: 0 }
  const late = new LatePushes({
    clock,
    lossesToWait,
    self: () => self,
    roundTripMs: () => roundTripMs,
    hasSaid: (peer, id) => said.has(`${peer} ${id}`),
    onSpared: () => counts.spared++,
  })
  let next = 0
  const push = (sender = 't', target = 'z'): { isNow: boolean; id: string } => {
    const id = `m${next++}`
    return { isNow: late.admits({ id, topic: 'tx', sender }, target, () => sent.push(id)), id }
  }
  const lose = (times: number): void => {
    for (let time = 0; time < times; time++) late.heard(push().id, 'z')
  }
  return { clock, late, push, lose, sent, said, counts }
}

describe('a push that would come too late', () => {
  test('goes out at once until as many in a row were lost', () => {
    const { push, lose } = pushes()
    lose(LOSSES - 1)
    expect(push().isNow).toBe(true)
  })

  test('waits after that, and is spared when the target shows that it has the message', () => {
    const { push, lose, late, clock, sent, counts } = pushes()
    lose(LOSSES)
    const { isNow, id } = push()
    late.heard(id, 'z')
    clock.advance(10 * ROUND_TRIP_MS)
    expect(isNow).toBe(false)
    expect(sent).toEqual([])
    expect(counts.spared).toBe(1)
  })

  test('is spared by an IDONTWANT as well', () => {
    const { push, lose, said, clock, sent, counts } = pushes()
    lose(LOSSES)
    said.add(`z ${push().id}`)
    clock.advance(2 * ROUND_TRIP_MS)
    expect(sent).toEqual([])
    expect(counts.spared).toBe(1)
  })

  test('goes out one round trip later when no sign comes, and the next one at once', () => {
    const { push, lose, clock, sent } = pushes()
    lose(LOSSES)
    const { id } = push()
    clock.advance(ROUND_TRIP_MS - 1)
    expect(sent).toEqual([])
    clock.advance(10)
    expect(sent).toEqual([id])
    expect(push().isNow).toBe(true)
  })

  test('is judged by sender and target: another sender has lost nothing', () => {
    const { push, lose } = pushes()
    lose(LOSSES)
    expect(push('t', 'z').isNow).toBe(false)
    expect(push('u', 'z').isNow).toBe(true)
    expect(push('t', 'y').isNow).toBe(true)
  })

  test('learns also from copies that came before there was anything to push', () => {
    const { late, push } = pushes()
    for (let time = 0; time < LOSSES; time++)
      late.wasEarlier({ id: `e${time}`, topic: 'tx', sender: 't' }, 'z')
    expect(push().isNow).toBe(false)
  })

  test('does not learn from a copy that comes after the round trip', () => {
    const { late, push, clock } = pushes()
    for (let time = 0; time < 2 * LOSSES; time++) {
      const { id } = push()
      clock.advance(2 * ROUND_TRIP_MS)
      late.heard(id, 'z')
    }
    expect(push().isNow).toBe(true)
  })
})

describe('nothing waits', () => {
  test.each([
    ['on a link that is short', { roundTripMs: MIN_ROUND_TRIP_MS - 1 }],
    ['where the other end has the smaller id and may wait itself', { self: 'zz' }],
    ['where it is switched off', { lossesToWait: 0 }],
  ])('%s', (_why, options) => {
    const { push, lose, late } = pushes(options)
    lose(20)
    expect(push().isNow).toBe(true)
    expect(late.watchedCount).toBe(0)
  })

  test('once it was stopped', () => {
    const { push, lose, late, clock, sent } = pushes()
    lose(LOSSES)
    push()
    late.stop()
    clock.advance(10 * ROUND_TRIP_MS)
    expect(sent).toEqual([])
  })
})

test('every message goes out at once, goes out within the wait, or was shown to be there: none is lost', () => {
  const step = fc.record({
    sender: fc.constantFrom('t', 'u'),
    answersAfterMs: fc.option(fc.integer({ min: 0, max: 3 * ROUND_TRIP_MS }), { nil: undefined }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { push, late, clock, sent } = pushes()
      const outcomes = steps.map(({ sender, answersAfterMs }) => {
        const { isNow, id } = push(sender)
        const waitMs = answersAfterMs ?? 3 * ROUND_TRIP_MS
        clock.advance(waitMs)
        if (answersAfterMs !== undefined) late.heard(id, 'z')
        return isNow || sent.includes(id) || waitMs <= ROUND_TRIP_MS + 5
      })
      clock.advance(10 * ROUND_TRIP_MS)
      expect(outcomes.every(Boolean)).toBe(true)
      expect(late.watchedCount).toBe(0)
    }),
  )
})
