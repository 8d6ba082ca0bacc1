import { describe, expect, test } from 'vitest'
import { endsWithin, withDeadline } from '../../src/lib/deadline.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'

describe('work with a deadline', () => {
  test('gets a signal that is aborted when its time is over, and says so', async () => {
    const clock = new ManualClock()
    let reason: unknown
    const work = withDeadline(
      clock,
      100,
      (signal) =>
        new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => {
            reason = signal.reason
            resolve()
          }),
        ),
    )
    clock.advance(99)
    expect(reason).toBeUndefined()
    clock.advance(1)
    await work
    expect(String(reason)).toMatch(/TimeoutError: timed out after 100 ms/)
  })

  test('that ends in time hands its result on, and its signal is not aborted later', async () => {
    const clock = new ManualClock()
    const signals: AbortSignal[] = []
    const work = withDeadline(clock, 100, async (signal) => signals.push(signal))
    expect(await work).toBe(1)
    clock.advance(200)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  })

  test('is told to have ended in time whether it succeeds or fails, and not when it takes longer', async () => {
    const clock = new ManualClock()
    const failed = Promise.reject(new Error('no'))
    expect(await endsWithin(clock, 10, Promise.resolve())).toBe(true)
    expect(await endsWithin(clock, 10, failed)).toBe(true)
    const never = endsWithin(clock, 10, new Promise(() => {}))
    clock.advance(10)
    expect(await never).toBe(false)
  })
})
