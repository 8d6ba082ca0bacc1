import { expect, test } from 'vitest'
import { DASHBOARD_LIMITS } from '../../src/dashboard/model/limits.ts'
import { pollNetwork } from '../../src/dashboard/model/networkPoller.ts'
import type { NetworkViews } from '../../src/dashboard/model/terms.ts'
import type { NetworkFigure } from '../../src/instrument/port.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'

const VALUES: Readonly<Record<string, number | null>> = {
  'p50 tx.latency': 12,
  'p99 tx.latency': 40,
  'mean tx.coverage': 0.99,
  'p50 block.latency': null,
  'p99 block.latency': null,
  'mean block.coverage': null,
}

function answerTo(query: string): NetworkFigure {
  const value = VALUES[query] ?? null
  return { value, unit: '', spread: 0, nodes: 8, rounds: 16, ageMs: 0 }
}

test('the network is asked while somebody watches, and its answers stand beside what was collected', async () => {
  const clock = new ManualClock()
  const shown: NetworkViews[] = []
  let isWatched = false
  let isRefused = true
  const ask = async (query: string): Promise<NetworkFigure> => {
    if (isRefused) throw new Error('too many gauges')
    return answerTo(query)
  }
  const end = pollNetwork({
    clock,
    peers: () => [{ index: 3, ask }],
    isWatched: () => isWatched,
    collected: () => ({ p50: 11, p99: 38, coverage: 1 }),
    show: (views) => shown.push(views),
  })
  const period = async (): Promise<void> => {
    clock.advance(DASHBOARD_LIMITS.networkMs)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await period()
  isWatched = true
  await period()
  expect(shown).toEqual([])
  isRefused = false
  await period()
  const collector = { p50: 11, p99: 38, coverage: 1 }
  expect(shown).toEqual([
    {
      tx: { by: 3, nodes: 8, network: { p50: 12, p99: 40, coverage: 0.99 }, collector },
      block: { by: 3, nodes: 8, network: { p50: null, p99: null, coverage: null }, collector },
    },
  ])
  end()
  await period()
  expect(shown).toHaveLength(1)
})
