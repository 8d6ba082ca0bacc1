import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../../src/lib/manualClock.ts'

test('moves only when told to, both times together', () => {
  const clock = new ManualClock(100, 1_000_000)
  expect([clock.monotonicMs(), clock.wallMs()]).toEqual([100, 1_000_100])
  clock.advance(5)
  expect([clock.monotonicMs(), clock.wallMs()]).toEqual([105, 1_000_105])
})

test('runs what falls due in order of time, ties in order of creation, at its time', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 20 }), fc.nat(25), (delays, untilMs) => {
      const clock = new ManualClock()
      const ran: [number, number][] = []
      delays.forEach((delayMs, index) => {
        clock.after(delayMs, () => ran.push([clock.monotonicMs(), index]))
      })
      clock.advance(untilMs)
      const due = delays.map((delayMs, index): [number, number] => [delayMs, index])
      expect(ran).toEqual(due.filter(([dueMs]) => dueMs <= untilMs).sort((a, b) => a[0] - b[0]))
      expect(clock.monotonicMs()).toBe(untilMs)
    }),
  )
})

test('runs what a task adds in the same move if it falls due', () => {
  const clock = new ManualClock()
  const ran: string[] = []
  clock.after(10, () => {
    ran.push('first')
    clock.after(0, () => ran.push('at once'))
    clock.after(5, () => ran.push('later'))
    clock.after(6, () => ran.push('too late'))
  })
  clock.advance(15)
  expect(ran).toEqual(['first', 'at once', 'later'])
})

test('repeats an interval, each time at its time, until it is cancelled', () => {
  const clock = new ManualClock()
  const atMs: number[] = []
  const cancel = clock.every(10, () => atMs.push(clock.monotonicMs()))
  clock.advance(35)
  cancel()
  clock.advance(100)
  expect(atMs).toEqual([10, 20, 30])
})

test('lets an interval cancel itself', () => {
  const clock = new ManualClock()
  let runs = 0
  const cancel = clock.every(10, () => {
    runs++
    cancel()
  })
  clock.advance(100)
  expect(runs).toBe(1)
})

test('passes an interval of no length, as Node does, 1 ms at a time', () => {
  const clock = new ManualClock()
  let runs = 0
  clock.every(0, () => runs++)
  clock.advance(10)
  expect(runs).toBe(10)
})

test('never runs a cancelled task, not even when a task of the same time cancels it', () => {
  const clock = new ManualClock()
  const ran: string[] = []
  let cancelSecond = (): void => {}
  clock.after(5, () => {
    ran.push('first')
    cancelSecond()
  })
  cancelSecond = clock.after(5, () => ran.push('second'))
  clock.advance(10)
  expect(ran).toEqual(['first'])
})
