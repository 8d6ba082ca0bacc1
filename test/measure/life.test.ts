import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { audienceWithout, Life, type LifeState } from '../../src/measure/life.ts'

/** Who was live, from changes at these times after the start. */
function lifeOf(changes: readonly (readonly [atMs: number, node: number, state: LifeState])[]) {
  const clock = new ManualClock()
  const startMs = clock.monotonicMs()
  const life = new Life(clock)
  for (const [atMs, node, state] of changes) {
    clock.advance(startMs + atMs - clock.monotonicMs())
    life.note(node, state)
  }
  return { life, at: (atMs: number) => startMs + atMs }
}

describe('the account of who was live', () => {
  test('knows of every node whether it was, and of every time how many were', () => {
    const { life, at } = lifeOf([
      [0, 0, 'up'],
      [0, 1, 'up'],
      [10, 1, 'gone'],
      [20, 2, 'up'],
      [30, 1, 'up'],
    ])
    const counts = [0, 1, 10, 11, 21, 31].map((ms) => life.liveCount(at(ms)))
    expect(counts).toEqual([0, 2, 2, 1, 2, 3])
    expect([5, 15, 25, 35].map((ms) => life.isLive(1, at(ms)))).toEqual([true, false, false, true])
    expect(life.isLive(7, at(35))).toBe(false)
    expect([...life.live]).toEqual([0, 1, 2])
  })

  test('does not count a paused node, which takes nothing in', () => {
    const { life, at } = lifeOf([
      [0, 0, 'up'],
      [10, 0, 'paused'],
      [20, 0, 'up'],
    ])
    expect([5, 15, 25].map((ms) => life.liveCount(at(ms)))).toEqual([1, 0, 1])
  })

  test('takes down a change once, and tells of it once', () => {
    const life = new Life(new ManualClock())
    const told: unknown[] = []
    life.onChange(({ node, state }) => told.push([node, state]))
    life.note(3, 'gone')
    life.note(3, 'up')
    life.note(3, 'up')
    expect(told).toEqual([[3, 'up']])
  })

  test('without some nodes counts the others', () => {
    const { life, at } = lifeOf([
      [0, 0, 'up'],
      [0, 1, 'up'],
      [10, 1, 'gone'],
    ])
    const audience = audienceWithout(life, new Set([0]))
    expect([5, 15].map((ms) => audience.liveCount(at(ms)))).toEqual([1, 0])
    expect(audience.isLive(0, at(5))).toBe(false)
  })
})
