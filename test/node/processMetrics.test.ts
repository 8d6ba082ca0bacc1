import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { registerProcessMetrics } from '../../src/node/processMetrics.ts'

const LAG = 'nodejs_eventloop_lag'
const SHARES = ['min', 'max', 'p50', 'p90', 'p99']

function registered(): Registry {
  const registry = new Registry()
  registerProcessMetrics(registry)
  return registry
}

async function read(registry: Registry, name: string): Promise<number> {
  const page = await registry.metrics()
  const line = page.split('\n').find((one) => one.startsWith(`${name} `))
  if (line === undefined) throw new Error(`the page has no ${name}`)
  return Number(line.split(' ')[1])
}

function blockFor(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}

/**
 * Every timer that is due has run, the sampler's too: timers of JavaScript that are due together
 * run in one go, before the sampler's where the loop was late.
 */
async function dueTimers(): Promise<void> {
  await turn()
  await turn()
}

test('the page has the series that dashboards of Node.js read', async () => {
  const page = await registered().metrics()
  const names = [`${LAG}_seconds`, ...SHARES.map((share) => `${LAG}_${share}_seconds`)]
  for (const name of [...names, 'process_cpu_seconds_total', 'nodejs_heap_size_used_bytes'])
    expect(page).toContain(`\n# TYPE ${name} `)
})

test('a loop that was blocked is seen once the page has been read, and not before', async () => {
  const registry = registered()
  blockFor(400)
  await dueTimers()
  expect(await read(registry, `${LAG}_max_seconds`)).toBe(0)
  // The first sample is where the lag is counted from.
  await sleep(150)
  await dueTimers()
  blockFor(400)
  await dueTimers()
  const lagS = await read(registry, `${LAG}_max_seconds`)
  expect(lagS).toBeGreaterThan(0.25)
  expect(lagS).toBeLessThan(60)
})
