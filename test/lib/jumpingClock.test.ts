import { expect, test } from 'vitest'
import { JumpingClock } from '../../src/lib/jumpingClock.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'

test('jumps in the calendar, while durations and timers do not notice', () => {
  const inner = new ManualClock()
  const clock = new JumpingClock(inner)
  const calls: string[] = []
  clock.after(10, () => calls.push('after'))
  clock.every(5, () => calls.push('every'))
  const [wallMs, monotonicMs] = [clock.wallMs(), clock.monotonicMs()]
  clock.jump(3_600_000)
  expect(clock.wallMs()).toBe(wallMs + 3_600_000)
  expect(clock.monotonicMs()).toBe(monotonicMs)
  expect(calls).toEqual([])
  inner.advance(10)
  expect(calls.toSorted()).toEqual(['after', 'every', 'every'])
  clock.jump(-7_200_000)
  expect(clock.wallMs()).toBe(wallMs + 10 - 3_600_000)
})
