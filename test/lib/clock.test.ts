import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { sleep, systemClock } from '../../src/lib/clock.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'

test('monotonic time never runs backward', () => {
  let lastMs = systemClock.monotonicMs()
  for (let i = 0; i < 10_000; i++) {
    const nowMs = systemClock.monotonicMs()
    expect(nowMs).toBeGreaterThanOrEqual(lastMs)
    lastMs = nowMs
  }
})

test('monotonic times of two processes on one host can be subtracted', () => {
  const file = new URL('../../dist/lib/clock.js', import.meta.url).href
  const program = `import('${file}').then((m) => console.log(m.systemClock.monotonicMs()))`
  const beforeMs = systemClock.monotonicMs()
  const otherMs = Number(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }))
  expect(otherMs).toBeGreaterThan(beforeMs)
  expect(otherMs).toBeLessThan(systemClock.monotonicMs())
})

test('wall time is the time of this host in ms since 1970', () => {
  expect(Math.abs(systemClock.wallMs() - new Date().getTime())).toBeLessThan(1000)
})

test('a task runs once after its delay, and a cancelled one never', async () => {
  const ran: string[] = []
  systemClock.after(1, () => ran.push('once'))
  systemClock.after(1, () => ran.push('cancelled'))()
  await new Promise<void>((resolve) => {
    systemClock.after(5, resolve)
  })
  expect(ran).toEqual(['once'])
})

test('an interval repeats until it is cancelled', async () => {
  let runs = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = systemClock.every(1, () => {
    runs++
    if (runs === 3) resolve()
  })
  await promise
  cancel()
  await sleep(systemClock, 5)
  expect(runs).toBe(3)
})

test('a delay longer than a timer can hold is not taken for none', async () => {
  let ran = false
  const note = (): void => {
    ran = true
  }
  const cancels = [systemClock.after(2 ** 31, note), systemClock.every(Infinity, note)]
  await sleep(systemClock, 5)
  for (const cancel of cancels) cancel()
  expect(ran).toBe(false)
})

test('sleep ends when its clock says so', async () => {
  const clock = new ManualClock()
  let awake = false
  const sleeping = sleep(clock, 1000).then(() => {
    awake = true
  })
  clock.advance(999)
  await Promise.resolve()
  expect(awake).toBe(false)
  clock.advance(1)
  await sleeping
  expect(awake).toBe(true)
})

test('shows the time of the host, the same to all its processes, within 50 us', () => {
  const readings = Array.from({ length: 1_000 }, () => {
    const before = systemClock.monotonicMs()
    const host = Number(process.hrtime.bigint()) / 1e6
    const after = systemClock.monotonicMs()
    return { gapMs: after - before, errorMs: Math.abs(host - (before + after) / 2) }
  })
  const [closest] = readings.sort((a, b) => a.gapMs - b.gapMs)
  expect(closest?.errorMs).toBeLessThan(0.05)
})
