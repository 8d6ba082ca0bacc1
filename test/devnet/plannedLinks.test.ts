import { describe, expect, test } from 'vitest'
import { PlannedLinks, type LinkedPeer } from '../../src/devnet/plannedLinks.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { starPlan } from '../builders/plan.ts'

const NODES = 5

/** A star whose centre refuses a dial as long as `isRefused` says so. */
function star(isRefused: (address: string, tries: number) => boolean, load = 1) {
  const clock = new ManualClock()
  const startMs = clock.monotonicMs()
  const tries = new Map<string, number>()
  const running = new Map(
    Array.from({ length: NODES }, (_, index): [number, LinkedPeer] => {
      const info = {
        index,
        pid: index,
        peerId: `id-${index}`,
        multiaddrs: [`/address/${index}`],
        rpcUrl: '',
        metricsUrl: undefined,
        dataDir: '',
      }
      const call = async (method: string, [address]: readonly unknown[] = []): Promise<unknown> => {
        if (method !== 'admin_addPeer') return true
        const count = (tries.get(String(address)) ?? 0) + 1
        tries.set(String(address), count)
        if (isRefused(String(address), count))
          throw new Error(`cannot dial ${String(address)}: late`)
        return true
      }
      return [index, { info, rpc: { url: '', call }, isRunning: () => true }]
    }),
  )
  const links = new PlannedLinks(starPlan(NODES, 1), { clock, loadPerCore: () => load })
  const signal = new AbortController().signal
  const building = links.build([0], running, signal)
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 50) {
      await new Promise((resolve) => setImmediate(resolve))
      clock.advance(50)
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { building, tries, pass, elapsedMs: () => clock.monotonicMs() - startMs }
}

describe('the links of a plan', () => {
  test('that cannot be dialled are tried again, those that were built are not', async () => {
    const { building, tries, pass } = star(
      (address, count) => address === '/address/3' && count < 4,
    )
    await pass(5_000)
    await building
    expect(Object.fromEntries(tries)).toEqual({
      '/address/1': 1,
      '/address/2': 1,
      '/address/3': 4,
      '/address/4': 1,
    })
  })

  test('are given up when none was built for a while, and the first is named once', async () => {
    const { building, pass } = star((address) => /[34]$/.test(address))
    const outcome = building.then(
      () => 'built',
      (error: unknown) => error,
    )
    await pass(40_000)
    expect(await outcome).toEqual(
      new Error(
        '2 links could not be built, the first: no link from peer 0 to peer 3: cannot dial /address/3: late',
      ),
    )
  })

  test('are waited for so many times as long as the machine is overloaded', async () => {
    const { building, pass, elapsedMs } = star(() => elapsedMs() < 60_000, 4)
    await pass(80_000)
    await expect(building).resolves.toBeUndefined()
  })
})
