import { expect, test } from 'vitest'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { within } from '../../src/membership/timeLimit.ts'

/** A clock of a process that is busy: each timer runs so much later than it is due. */
class BusyClock extends ManualClock {
  lateMs = 0

  override after(delayMs: number, task: () => void): () => void {
    return super.after(delayMs + this.lateMs, task)
  }
}

/** What comes of a limit of 500 ms on an answer that comes after `answerMs`. */
async function outcome(clock: BusyClock, answerMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const isTrue = within(clock, 500, promise)
  clock.lateMs = 0
  clock.after(answerMs, () => resolve(true))
  for (let ms = 0; ms < 2_000; ms += 10) {
    clock.advance(10)
    await Promise.resolve()
  }
  return isTrue
}

test('an answer in time is taken, and a later one is not', async () => {
  expect(await outcome(new BusyClock(), 490)).toBe(true)
  expect(await outcome(new BusyClock(), 510)).toBe(false)
})

test('a limit that ends late is given as much time again', async () => {
  const busy = (): BusyClock => Object.assign(new BusyClock(), { lateMs: 300 })
  expect(await outcome(busy(), 1_050)).toBe(true)
  expect(await outcome(busy(), 1_150)).toBe(false)
})

test('a limit that ends a few milliseconds late is none of a busy process', async () => {
  expect(await outcome(Object.assign(new BusyClock(), { lateMs: 15 }), 530)).toBe(false)
})
