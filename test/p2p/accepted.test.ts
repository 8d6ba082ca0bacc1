import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { systemRandom } from '../../src/lib/random.ts'
import { Accepted } from '../../src/p2p/router/accepted.ts'

const LINGER_MS = 200

/** What was forwarded in order, on a clock and a loop that the test turns. */
function accepted({ share = 0.5, hasLoop = true } = {}) {
  const clock = new ManualClock()
  const due = new Set<() => void>()
  const forwarded: string[] = []
  const parts = new Accepted({
    clock,
    random: { ...systemRandom, next: () => share },
    soon: hasLoop
      ? (task) => {
          due.add(task)
          return () => due.delete(task)
        }
      : undefined,
  })
  const turn = (): void => {
    for (const task of due) {
      due.delete(task)
      task()
    }
  }
  const accept = (name: string, maxLingerMs = 0): void =>
    parts.forward(() => forwarded.push(name), maxLingerMs)
  return { clock, parts, forwarded, turn, accept, due }
}

describe('what was accepted is forwarded', () => {
  test('when the sockets that are ready have been read, all of it in one turn', () => {
    const { accept, turn, forwarded, due } = accepted()
    accept('a')
    accept('b')
    expect(forwarded).toEqual([])
    expect(due.size).toBe(1)
    turn()
    expect(forwarded).toEqual(['a', 'b'])
    accept('c')
    turn()
    expect(forwarded).toEqual(['a', 'b', 'c'])
  })

  test('at once where nobody reads sockets', () => {
    const { accept, forwarded } = accepted({ hasLoop: false })
    accept('a')
    expect(forwarded).toEqual(['a'])
  })

  test('after a random part of the longest wait of its kind, with what else was accepted meanwhile', () => {
    const { accept, clock, forwarded } = accepted({ share: 0.5 })
    accept('a', LINGER_MS)
    clock.advance(LINGER_MS / 4)
    accept('b', LINGER_MS)
    clock.advance(LINGER_MS / 4 - 1)
    expect(forwarded).toEqual([])
    clock.advance(1)
    expect(forwarded).toEqual(['a', 'b'])
  })

  test('without waiting for a kind that does', () => {
    const { accept, turn, forwarded } = accepted()
    accept('vote', LINGER_MS)
    accept('block')
    turn()
    expect(forwarded).toEqual(['block'])
  })

  test('never after the end', () => {
    const { accept, parts, clock, turn, forwarded } = accepted()
    accept('a')
    accept('b', LINGER_MS)
    parts.stop()
    turn()
    clock.advance(LINGER_MS)
    expect(forwarded).toEqual([])
  })
})

test('each is forwarded once, in its order, and no later than the longest wait', () => {
  const step = fc.record({
    pauseMs: fc.integer({ min: 0, max: 300 }),
    share: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const clock = new ManualClock()
      const draws = steps.map(({ share }) => share)
      const lateMs: number[] = []
      const order: number[] = []
      const parts = new Accepted({
        clock,
        random: { ...systemRandom, next: () => draws.shift() ?? 0 },
        soon: undefined,
      })
      for (const [index, { pauseMs }] of steps.entries()) {
        const sinceMs = clock.monotonicMs()
        parts.forward(() => {
          lateMs.push(clock.monotonicMs() - sinceMs)
          order.push(index)
        }, LINGER_MS)
        clock.advance(pauseMs)
      }
      clock.advance(LINGER_MS)
      expect(order).toEqual(steps.map((_, index) => index))
      expect(Math.max(0, ...lateMs)).toBeLessThanOrEqual(LINGER_MS)
    }),
  )
})
