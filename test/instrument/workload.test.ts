import { describe, expect, test } from 'vitest'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import type { SubmitAnswer } from '../../src/instrument/port.ts'
import { signLoad } from '../../src/instrument/signLoad.ts'
import { steadyLoad } from '../../src/instrument/steadyLoad.ts'
import {
  MAX_AHEAD,
  runWorkload,
  type PlannedTx,
  type TxTarget,
} from '../../src/instrument/workload.ts'
import { privateKey } from '../builders/keys.ts'
import { planWith } from '../builders/scenario.ts'

const ACCEPTED: SubmitAnswer = { isAccepted: true }

function target(submit: TxTarget['submit'] = async () => ACCEPTED): TxTarget {
  return { name: 'http://here', submit }
}

function planned(index: number, dueMs: number, to: TxTarget, sender?: number): PlannedTx {
  const base = { hash: `0x${index}` as const, raw: `0x${index}` as const, target: to, dueMs }
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

  test('that nobody answers is over when its answers are overdue', async () => {
    const clock = new ManualClock()
    const silent = target(() => new Promise(() => {}))
    const running = runWorkload([planned(0, 0, silent)], clock)
    await pass(clock, 1)
    clock.advance(30_000)
    expect(await running).toMatchObject([{ status: 'unanswered', reason: 'no answer within 30 s' }])
  })

  test('that is ended soon gives up answers that do not come', async () => {
    const clock = new ManualClock()
    const ended = new AbortController()
    const silent = target(() => new Promise(() => {}))
    const running = runWorkload([planned(0, 0, silent)], clock, () => {}, ended.signal)
    await pass(clock, 1)
    ended.abort()
    clock.advance(2_000)
    expect(await running).toMatchObject([
      { status: 'unanswered', reason: 'no answer before the run was ended' },
    ])
  })

  test('tells what happened to each: accepted, refused with its word, unanswered', async () => {
    const answers = [
      target(),
      target(async () => ({ isAccepted: false, reason: 'nonce-too-low' })),
      target(() => Promise.reject(new Error('gone'))),
    ]
    const submissions = await runWorkload(
      answers.map((to, index) => planned(index, 0, to)),
      new ManualClock(),
    )
    expect(submissions.map(({ status, reason }) => [status, reason])).toEqual([
      ['accepted', ''],
      ['refused', 'nonce-too-low'],
      ['unanswered', 'gone'],
    ])
  })

  test('has sixteen of a sender open at most, and counts the others as late', async () => {
    const clock = new ManualClock()
    const open: (() => void)[] = []
    const slow = target(
      () =>
        new Promise((resolve) => {
          open.push(() => resolve(ACCEPTED))
        }),
    )
    const plan = Array.from({ length: 20 }, (_, index) => planned(index, 0, slow, 0))
    const run = runWorkload(plan, clock)
    await pass(clock, 5)
    expect(open).toHaveLength(MAX_AHEAD)
    for (const answer of open.splice(0)) answer()
    await pass(clock, 1)
    for (const answer of open.splice(0)) answer()
    const late = (await run).map(({ lateMs }) => lateMs > 0)
    expect(late).toEqual([...Array<boolean>(16).fill(false), ...Array<boolean>(4).fill(true)])
  })

  test('is ended by a signal: what was not sent is left out', async () => {
    const clock = new ManualClock()
    const ended = new AbortController()
    const plan = [0, 10, 1_000].map((dueMs, index) => planned(index, dueMs, target()))
    const run = runWorkload(plan, clock, () => {}, ended.signal)
    await pass(clock, 20)
    ended.abort()
    expect(await run).toHaveLength(2)
  })
})

describe('a sender', () => {
  /**
   * A node that takes what is at most so many nonces ahead of what it has, and answers after its
   * own time.
   */
  function pool(clock: ManualClock, keeps: number, answerMs: (nonce: number) => number) {
    const has = new Set<number>()
    const sent: number[] = []
    const missing = (): number => {
      let next = 0
      while (has.has(next)) next++
      return next
    }
    const submit = async (raw: string): Promise<SubmitAnswer> => {
      const nonce = Number(raw.slice(2))
      sent.push(nonce)
      await new Promise<void>((resolve) => {
        clock.after(answerMs(nonce), resolve)
      })
      if (nonce > missing() + keeps) return { isAccepted: false, reason: 'nonce-gap-too-far' }
      has.add(nonce)
      return ACCEPTED
    }
    return { has, sent, target: target(submit) }
  }

  test('never runs further ahead of its oldest unanswered transaction than a node keeps', async () => {
    const clock = new ManualClock()
    const node = pool(clock, MAX_AHEAD, (nonce) => (nonce === 3 ? 500 : 1))
    const plan = Array.from({ length: 100 }, (_, nonce) => planned(nonce, nonce, node.target, 0))
    const run = runWorkload(plan, clock)
    await pass(clock, 400)
    expect(Math.max(...node.sent)).toBe(3 + MAX_AHEAD - 1)
    await pass(clock, 1_000)
    expect((await run).every(({ status }) => status === 'accepted')).toBe(true)
    expect(node.sent).toHaveLength(100)
  })

  test('sends again, in order, what a node had refused because an earlier one was not there yet', async () => {
    const clock = new ManualClock()
    const node = pool(clock, 0, (nonce) => (nonce === 0 ? 20 : 1))
    const plan = Array.from({ length: 30 }, (_, nonce) => planned(nonce, 0, node.target, 0))
    const run = runWorkload(plan, clock)
    await pass(clock, 5_000)
    expect((await run).map(({ status }) => status)).toEqual(Array(30).fill('accepted'))
    expect(node.has.size).toBe(30)
  })

  test('whose load is ended tells of what a node had refused and was not sent again', async () => {
    const clock = new ManualClock()
    const ended = new AbortController()
    const node = pool(clock, 0, (nonce) => (nonce === 0 ? 20 : 1))
    const plan = [0, 1].map((nonce) => planned(nonce, 0, node.target, 0))
    const run = runWorkload(plan, clock, () => {}, ended.signal)
    await pass(clock, 10)
    ended.abort()
    await pass(clock, 20)
    expect((await run).map(({ status, reason }) => reason || status)).toEqual([
      'accepted',
      'nonce-gap-too-far',
    ])
  })

  test('gives a transaction up at once whose predecessor was refused for good', async () => {
    const clock = new ManualClock()
    const submit = async (raw: string): Promise<SubmitAnswer> => ({
      isAccepted: false,
      reason: raw === '0x0' ? 'fee-too-low' : 'nonce-gap-too-far',
    })
    const plan = [0, 1, 2].map((nonce) => planned(nonce, 0, target(submit), 0))
    const submissions = await runWorkload(plan, clock)
    expect(submissions.map(({ reason }) => reason)).toEqual([
      'fee-too-low',
      'nonce-gap-too-far',
      'nonce-gap-too-far',
    ])
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
