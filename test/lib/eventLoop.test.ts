import { describe, expect, test } from 'vitest'
import { during, watchEventLoop } from '../../src/lib/eventLoop.ts'
import { silentLogger, type LogFields, type Logger } from '../../src/lib/log.ts'
import { systemClock, type Clock } from '../../src/lib/clock.ts'

interface Line {
  readonly level: 'warn' | 'debug'
  readonly message: string
  readonly fields: LogFields
}

/** A watched loop whose time and processor time the test sets. */
function watchedLoop() {
  const lines: Line[] = []
  const state = { nowMs: 0, cpuMs: 0 }
  let tick = (): void => {}
  const clock: Clock = {
    ...systemClock,
    monotonicMs: () => state.nowMs,
    every: (_intervalMs, task) => {
      tick = task
      return () => {}
    },
  }
  const take =
    (level: Line['level']) =>
    (message: string, fields: LogFields = {}): void =>
      void lines.push({ level, message, fields })
  const log: Logger = { ...silentLogger, warn: take('warn'), debug: take('debug') }
  watchEventLoop({ log, clock, cpuMs: () => state.cpuMs })
  return {
    lines,
    /** The next look comes after so long, of which the process ran so long. */
    tickAfter: (ms: number, cpuMs: number): void => {
      state.nowMs += ms
      state.cpuMs += cpuMs
      tick()
    },
  }
}

function work(ms: number): void {
  const endMs = systemClock.monotonicMs() + ms
  while (systemClock.monotonicMs() < endMs);
}

describe('the watch of the event loop', () => {
  test('names what blocked the loop, the longest first, and for how long', () => {
    const loop = watchedLoop()
    during('rpc eth_chainId', () => {})
    expect(during('rpc eth_feeHistory', () => (work(3), 7))).toBe(7)
    loop.tickAfter(4_000, 2_900)
    expect(loop.lines).toEqual([
      {
        level: 'warn',
        message: 'the event loop was blocked',
        fields: {
          blockedMs: 3_000,
          cpuMs: 2_900,
          by: [
            expect.stringMatching(/^rpc eth_feeHistory: \d+ ms$/),
            expect.stringMatching(/^rpc eth_chainId: \d+ ms$/),
          ],
        },
      },
    ])
  })

  test('charges what runs inside another its own time, and what fails too', () => {
    const loop = watchedLoop()
    const failing = (): void =>
      during('outer', () => {
        during('inner', () => work(3))
        throw new Error('it fails')
      })
    expect(failing).toThrow('it fails')
    loop.tickAfter(3_000, 3_000)
    const by = [expect.stringMatching(/^inner: /), expect.stringMatching(/^outer: /)]
    expect(loop.lines).toMatchObject([{ fields: { by } }])
  })

  test('is silent while ticks come in time, and begins anew at each', () => {
    const loop = watchedLoop()
    during('early', () => work(1))
    loop.tickAfter(1_900, 1_900)
    expect(loop.lines).toEqual([])
    loop.tickAfter(2_500, 2_500)
    expect(loop.lines).toMatchObject([{ level: 'warn', fields: { blockedMs: 1_500, by: [] } }])
  })

  test('blames nobody where the process was stopped or had no processor', () => {
    const loop = watchedLoop()
    during('rpc eth_chainId', () => {})
    loop.tickAfter(60_000, 5)
    expect(loop.lines).toMatchObject([{ level: 'debug', fields: { blockedMs: 59_000, cpuMs: 5 } }])
  })
})
