import { describe, expect, test } from 'vitest'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { RpcError, type RpcClient } from '../../src/rpc/client/rpcClient.ts'
import { signLoad } from '../../src/instrument/signLoad.ts'
import { runWorkload, steadyLoad, type PlannedTx } from '../../src/instrument/workload.ts'
import { privateKey } from '../builders/keys.ts'
import { planWith } from '../builders/scenario.ts'

function target(call: RpcClient['call'] = async () => null): RpcClient {
  return { url: 'http://here', call }
}

function planned(index: number, dueMs: number, to: RpcClient, sender?: number): PlannedTx {
  const base = { hash: `0x${index}` as const, raw: '0x' as const, target: to, dueMs }
  return sender === undefined ? base : { ...base, sender }
}

/** Lets everything happen that is due within `ms`. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let at = 0; at < ms; at++) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(1)
  }
  await new Promise((resolve) => setImmediate(resolve))
}

describe('a workload', () => {
  test('is sent when it is due, whatever became of those before', async () => {
    const clock = new ManualClock()
    const sentMs: number[] = []
    const never = target(() => {
      sentMs.push(clock.monotonicMs())
      return new Promise(() => {})
    })
    const startMs = clock.monotonicMs()
    void runWorkload(
      [0, 10, 20].map((dueMs, index) => planned(index, dueMs, never)),
      clock,
    )
    await pass(clock, 30)
    expect(sentMs.map((ms) => ms - startMs)).toEqual([0, 10, 20])
  })

  test('tells what happened to each: accepted, refused with its word, unanswered', async () => {
    const answers = [
      target(),
      target(() => Promise.reject(new RpcError(-32_000, 'nonce too low', 'nonce-too-low'))),
      target(() => Promise.reject(new RpcError(-32_000, 'no word', ''))),
      target(() => Promise.reject(new Error('gone'))),
    ]
    const submissions = await runWorkload(
      answers.map((to, index) => planned(index, 0, to)),
      new ManualClock(),
    )
    expect(submissions.map(({ status, reason }) => [status, reason])).toEqual([
      ['accepted', ''],
      ['refused', 'nonce-too-low'],
      ['refused', 'no word'],
      ['unanswered', 'gone'],
    ])
  })

  test('has sixteen of a sender open at most, and counts the others as late', async () => {
    const clock = new ManualClock()
    const open: (() => void)[] = []
    const slow = target(() => new Promise((resolve) => open.push(() => resolve(null))))
    const plan = Array.from({ length: 20 }, (_, index) => planned(index, 0, slow, 0))
    const run = runWorkload(plan, clock)
    await pass(clock, 5)
    expect(open).toHaveLength(16)
    for (const answer of open.splice(0)) answer()
    await pass(clock, 1)
    for (const answer of open.splice(0)) answer()
    const late = (await run).map(({ lateMs }) => lateMs > 0)
    expect(late).toEqual([...Array<boolean>(16).fill(false), ...Array<boolean>(4).fill(true)])
  })
})

describe('signing a load', () => {
  const keys = {
    chainId: 1337,
    privateKeys: Array.from({ length: 10 }, (_, index) => bytesToHex(privateKey(index))),
    firstNonces: Array<bigint>(10).fill(0n),
    maxFeePerGas: 100n,
    targetOf: () => target(),
  }
  const hashesOf = (load: ReturnType<typeof steadyLoad>): string[] =>
    signLoad(load, keys).map(({ hash }) => hash)

  test('gives the same hashes for the same scenario and seed, each another', () => {
    const scenario = { workload: { dataBytes: [0, 10, 500] }, durationS: 5 }
    const hashes = hashesOf([...planWith(scenario).load])
    expect(hashes.length).toBe(100)
    expect(new Set(hashes).size).toBe(100)
    expect(hashesOf([...planWith(scenario).load])).toEqual(hashes)
    expect(hashesOf([...planWith({ ...scenario, seed: 2 }).load])).not.toEqual(hashes)
  })

  test('counts the time of sending from the first transaction, also of a warm-up', () => {
    const { load } = planWith({ workload: { transactionsPerS: 2 }, warmupS: 1, durationS: 1 })
    expect(signLoad(load, keys).map(({ dueMs }) => dueMs)).toEqual([0, 500, 1000, 1500])
  })

  test('a steady load takes senders and targets in turn', () => {
    const load = steadyLoad({ count: 5, ratePerS: 10, dataBytes: 3, senders: 3, targets: 2 })
    expect(load.map(({ atMs, sender, node }) => [atMs, sender, node])).toEqual([
      [0, 0, 0],
      [100, 1, 1],
      [200, 2, 0],
      [300, 0, 0],
      [400, 1, 1],
    ])
  })
})
