import { describe, expect, test } from 'vitest'
import { figuresOfMembers, MemberWatch } from '../../src/instrument/members/memberWatch.ts'
import type { LifeState } from '../../src/measure/life.ts'

const ALL = [0, 1, 2, 3]

/** Four nodes that run and know each other from the start on; `told` are those it hears from. */
function watchOf(knows: 'all' | 'nobody' = 'all', countsFromMs?: number, told = ALL) {
  const watch = new MemberWatch(countsFromMs)
  const life = (node: number, state: LifeState, atMs: number, saidSo?: boolean): void =>
    watch.life({ node, state, atMs, ...(saidSo !== undefined && { saidSo }) })
  for (const node of told) watch.begin(node, 0, knows)
  for (const node of ALL) life(node, 'up', 0)
  return { watch, life }
}

describe('what nodes know, beside what is true', () => {
  test('is counted from the death of a node until each other node holds it dead', () => {
    const { watch, life } = watchOf()
    life(3, 'gone', 1_000)
    for (const [node, atMs] of [
      [0, 5_000],
      [1, 6_000],
      [2, 9_000],
    ] as const) {
      watch.holds(node, 3, 'suspect', atMs - 500)
      watch.holds(node, 3, 'dead', atMs)
    }
    expect(watch.figures()).toEqual({
      deathKnownMs: { count: 3, p50: 5_000, p99: 8_000, max: 8_000 },
      leaveKnownMs: null,
      suspectedUp: { members: 0, holders: 0 },
      heldDeadUp: { members: 0, holders: 0 },
      aliveHeldDead: 0,
      deadHeldAlive: 0,
    })
  })

  test('tells a leave from a death, and what is known already is no news again', () => {
    const { watch, life } = watchOf()
    life(3, 'gone', 1_000, true)
    watch.holds(0, 3, 'left', 1_100)
    watch.leaves(2, 2_000)
    watch.holds(0, 2, 'left', 2_010)
    life(2, 'gone', 2_100)
    watch.holds(0, 3, 'dead', 3_000)
    const { deathKnownMs, leaveKnownMs, deadHeldAlive } = watch.figures()
    expect(deathKnownMs).toBeNull()
    expect(leaveKnownMs).toEqual({ count: 2, p50: 10, p99: 100, max: 100 })
    expect(deadHeldAlive).toBe(2)
  })

  test('names who is suspected or held dead while it runs, but not while it is paused', () => {
    const { watch, life } = watchOf()
    watch.holds(0, 1, 'suspect', 10)
    watch.holds(2, 1, 'suspect', 20)
    watch.holds(0, 1, 'dead', 30)
    life(3, 'paused', 40)
    watch.holds(0, 3, 'suspect', 50)
    watch.holds(0, 3, 'dead', 60)
    life(3, 'up', 70)
    const { suspectedUp, heldDeadUp, aliveHeldDead } = watch.figures()
    expect(suspectedUp).toEqual({ members: 1, holders: 2 })
    expect(heldDeadUp).toEqual({ members: 1, holders: 1 })
    expect(aliveHeldDead).toBe(2)
  })

  test('who begins after a death learns of it late and counts for nothing, and forgets what an earlier life held', () => {
    const { watch, life } = watchOf()
    watch.holds(1, 2, 'dead', 10)
    life(1, 'gone', 500)
    life(3, 'gone', 1_000)
    watch.begin(1, 2_000, 'nobody')
    life(1, 'up', 2_100)
    watch.holds(1, 3, 'dead', 90_000)
    const { deathKnownMs, aliveHeldDead, deadHeldAlive } = watch.figures()
    expect(deathKnownMs).toBeNull()
    expect(aliveHeldDead).toBe(0)
    // Nodes 0 and 2 have heard of nothing.
    expect(deadHeldAlive).toBe(2)
  })

  test('a node that knows nobody at first holds nobody alive that it was not told of', () => {
    const { watch, life } = watchOf('nobody')
    watch.holds(0, 3, 'alive', 100)
    life(3, 'gone', 1_000)
    expect(watch.figures().deadHeldAlive).toBe(1)
    watch.holds(0, 3, 'dead', 6_000)
    expect(watch.figures()).toMatchObject({ deadHeldAlive: 0, deathKnownMs: { count: 1 } })
  })

  test('is the same when several watches hear of a part of the nodes each', () => {
    const figuresOf = (parts: readonly (readonly number[])[]) => {
      const watches = parts.map((told) => ({ told, ...watchOf('all', undefined, [...told]) }))
      for (const { life } of watches) life(3, 'gone', 1_000)
      for (const [node, subject, state, atMs] of [
        [0, 3, 'dead', 5_000],
        [1, 3, 'dead', 7_000],
        [1, 2, 'suspect', 7_100],
        [2, 1, 'suspect', 7_200],
        [0, 2, 'suspect', 7_300],
        [2, 1, 'dead', 8_000],
      ] as const)
        watches.find(({ told }) => told.includes(node))?.watch.holds(node, subject, state, atMs)
      return figuresOfMembers(watches.map(({ watch }) => watch.sums()))
    }
    expect(
      figuresOf([
        [0, 2],
        [1, 3],
      ]),
    ).toEqual(figuresOf([ALL]))
    expect(figuresOf([ALL])).toMatchObject({
      suspectedUp: { members: 2, holders: 3 },
      aliveHeldDead: 1,
      deadHeldAlive: 1,
    })
  })

  test('what happened before it counts is known and not counted', () => {
    const { watch, life } = watchOf('all', 1_000)
    watch.holds(0, 1, 'suspect', 900)
    watch.holds(0, 1, 'dead', 950)
    life(3, 'gone', 990)
    watch.holds(0, 3, 'dead', 5_000)
    watch.holds(2, 0, 'suspect', 1_000)
    expect(watch.figures()).toEqual({
      deathKnownMs: null,
      leaveKnownMs: null,
      suspectedUp: { members: 1, holders: 1 },
      heldDeadUp: { members: 0, holders: 0 },
      aliveHeldDead: 1,
      deadHeldAlive: 2,
    })
  })
})
