import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { Life, type LifeState } from '../../src/measure/life.ts'

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

function ascending(nodes: ReadonlySet<number>): number[] {
  return [...nodes].toSorted((a, b) => a - b)
}

describe('the account of who was live', () => {
  test('knows who was at every time, whatever was asked before', () => {
    const { life, at } = lifeOf([
      [0, 0, 'up'],
      [0, 1, 'up'],
      [10, 1, 'gone'],
      [20, 2, 'up'],
      [30, 1, 'up'],
    ])
    const told = [35, 0, 1, 10, 11, 21, 31].map((ms) => ascending(life.liveAt(at(ms))))
    expect(told).toEqual([[0, 1, 2], [], [0, 1], [0, 1], [0], [0, 2], [0, 1, 2]])
    expect(ascending(life.live)).toEqual([0, 1, 2])
  })

  test('does not count a paused node, which takes nothing in', () => {
    const { life, at } = lifeOf([
      [0, 0, 'up'],
      [10, 0, 'paused'],
      [20, 0, 'up'],
    ])
    expect([5, 15, 25].map((ms) => life.liveAt(at(ms)).size)).toEqual([1, 0, 1])
    expect(life.stateOf(0)).toBe('up')
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
})
