/** A load of signed transactions, sent open loop when they are due, every answer kept. */
import { messageOf } from '../lib/assert.ts'
import type { Hex } from '../lib/bytes.ts'
import { sleep, type Clock } from '../lib/clock.ts'
import { roundMs } from '../measure/percentile.ts'
import type { TxPlan } from '../scenario/planLoad.ts'
import { RpcError, type RpcClient } from '../rpc/client/rpcClient.ts'
import { feeCapWei, nextNonces, signLoad } from './signLoad.ts'

export interface SteadyLoad {
  readonly count: number
  /** Transactions per second over all senders. */
  readonly ratePerS: number
  /** Bytes of calldata of each transaction. */
  readonly dataBytes: number
  /** How many there are. */
  readonly senders: number
  readonly targets: number
}

export interface WorkloadOptions extends Omit<SteadyLoad, 'senders' | 'targets'> {
  readonly chainId: number
  /** Private keys; each sender keeps to one target, so that its nonces arrive in order. */
  readonly privateKeys: readonly Hex[]
  readonly targets: readonly RpcClient[]
}

export interface PlannedTx {
  readonly hash: Hex
  readonly raw: Hex
  readonly target: RpcClient
  /** Transactions of one sender are not sent further ahead of its unanswered ones than a node takes them. */
  readonly sender?: number
  /** When it should be sent, ms after the start. */
  readonly dueMs: number
}

/** What happened to one transaction at submission. */
export interface Submission {
  readonly hash: Hex
  readonly url: string
  readonly status: 'accepted' | 'refused' | 'unanswered'
  /** The stable word of a refusal, or the message where there is no word. */
  readonly reason: string
  /** How late it was sent against the plan, ms. */
  readonly lateMs: number
}

/**
 * Unanswered transactions of one sender at a time. Requests overtake one another, and a node forwards what is at most 16
 * nonces ahead.
 */
const MAX_OPEN_PER_SENDER = 16

/** Transactions of equal size at a steady rate, the senders in turn, each at its own target. */
export function steadyLoad({ count, ratePerS, dataBytes, senders, targets }: SteadyLoad): TxPlan[] {
  return Array.from({ length: count }, (_, index) => {
    const sender = index % senders
    return { atMs: (index * 1000) / ratePerS, sender, node: sender % targets, dataBytes }
  })
}

/** Signs a whole steady load. Reads each sender's next nonce and the base fee from its target. */
export async function planWorkload(options: WorkloadOptions): Promise<PlannedTx[]> {
  const { chainId, privateKeys, targets } = options
  const targetOf = (node: number): RpcClient => {
    const target = targets[node % targets.length]
    if (target === undefined)
      throw new Error('a workload needs at least one JSON-RPC URL to submit to')
    return target
  }
  const load = steadyLoad({
    ...options,
    senders: privateKeys.length,
    targets: targets.length,
  })
  return signLoad(load, {
    chainId,
    privateKeys,
    firstNonces: await nextNonces(privateKeys, targetOf),
    maxFeePerGas: await feeCapWei(targetOf(0)),
    targetOf,
  })
}

/**
 * Sends each transaction when it is due, whatever became of those before it. `onSubmission` hears of every answer.
 */
export async function runWorkload(
  plan: readonly PlannedTx[],
  clock: Clock,
  onSubmission: (submission: Submission, planned: PlannedTx) => void = () => {},
): Promise<Submission[]> {
  const startMs = clock.monotonicMs()
  const answers: Promise<Submission>[] = []
  const open = new Map<number, Promise<Submission>[]>()
  for (const planned of plan) {
    const waitMs = startMs + planned.dueMs - clock.monotonicMs()
    if (waitMs > 0) await sleep(clock, waitMs)
    const own = queueOf(open, planned.sender)
    const send = async (): Promise<Submission> => {
      await own.at(-MAX_OPEN_PER_SENDER)
      const lateMs = roundMs(Math.max(0, clock.monotonicMs() - startMs - planned.dueMs))
      const submission = await submit(planned, lateMs)
      onSubmission(submission, planned)
      return submission
    }
    const answer = send()
    own.push(answer)
    answers.push(answer)
  }
  return Promise.all(answers)
}

/** The transactions of a sender so far; those without one are on their own. */
function queueOf(
  open: Map<number, Promise<Submission>[]>,
  sender: number | undefined,
): Promise<Submission>[] {
  if (sender === undefined) return []
  const known = open.get(sender)
  if (known !== undefined) return known
  const queue: Promise<Submission>[] = []
  open.set(sender, queue)
  return queue
}

async function submit(planned: PlannedTx, lateMs: number): Promise<Submission> {
  const base = { hash: planned.hash, url: planned.target.url, lateMs }
  try {
    await planned.target.call('eth_sendRawTransaction', [planned.raw])
    return { ...base, status: 'accepted', reason: '' }
  } catch (error) {
    if (!(error instanceof RpcError))
      return { ...base, status: 'unanswered', reason: messageOf(error) }
    return {
      ...base,
      status: 'refused',
      reason: error.reason === '' ? error.message : error.reason,
    }
  }
}
