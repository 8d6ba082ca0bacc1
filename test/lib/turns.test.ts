import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { Turns } from '../../src/lib/turns.ts'

/** Work that takes 1 ms a piece by the manual clock; notes at which time each piece was done. */
async function work(clock: ManualClock, turns: Turns, doneMs: number[], pieces: number) {
  for (let piece = 0; piece < pieces; piece++) {
    clock.advance(1)
    doneMs.push(clock.monotonicMs())
    if (turns.isSpent()) await turns.next()
  }
}

describe('turns', () => {
  test('are spent after their time, which begins with the first question in them', () => {
    const clock = new ManualClock()
    const turns = new Turns({ ...timersOff(clock) }, 5)
    clock.advance(1_000)
    expect(turns.isSpent()).toBe(false)
    clock.advance(4)
    expect(turns.isSpent()).toBe(false)
    clock.advance(1)
    expect(turns.isSpent()).toBe(true)
  })

  test('begin anew when the loop has turned', () => {
    const clock = new ManualClock()
    const turns = new Turns(clock, 5)
    expect(turns.isSpent()).toBe(false)
    clock.advance(1_000)
    expect(turns.isSpent()).toBe(false)
  })

  test('let everything else run after the time of one, however many streams share it', async () => {
    const timers: (() => void)[] = []
    const clock = new ManualClock()
    const turns = new Turns({ ...timersOff(clock), after: (_, task) => later(timers, task) }, 5)
    const doneMs: number[] = []
    const streams = Promise.all([0, 1, 2].map(() => work(clock, turns, doneMs, 10)))
    let rounds = 0
    while (doneMs.length < 30) {
      await flush()
      const before = doneMs.length
      rounds++
      for (const task of timers.splice(0)) task()
      await flush()
      expect(doneMs.length - before).toBeLessThanOrEqual(5 + 3)
    }
    await streams
    expect(rounds).toBeGreaterThanOrEqual(3)
  })

  test('that have stopped let nothing go on', async () => {
    const clock = new ManualClock()
    const turns = new Turns(clock, 5)
    let went = false
    void turns.next().then(() => (went = true))
    turns.stop()
    clock.advance(1_000)
    await flush()
    expect(went).toBe(false)
  })
})

/** The time of a clock without its timers: the loop does not turn. */
function timersOff(clock: ManualClock) {
  return {
    monotonicMs: () => clock.monotonicMs(),
    wallMs: () => clock.wallMs(),
    after: () => () => {},
    every: () => () => {},
  }
}

function later(timers: (() => void)[], task: () => void): () => void {
  timers.push(task)
  return () => {}
}

async function flush(): Promise<void> {
  for (let i = 0; i < 200; i++) await Promise.resolve()
}
