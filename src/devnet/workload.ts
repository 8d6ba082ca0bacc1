/** A load of signed transfers: signed ahead of time, sent open loop at a steady rate, every answer kept. */
import { addressOfPublicKey, asAddress } from '../crypto/address.ts'
import { secp256k1 } from '../crypto/secp256k1.ts'
import { bytesToHex, hexToBytes, type Hex } from '../lib/bytes.ts'
import { sleep, type Clock } from '../lib/clock.ts'
import { messageOf } from '../lib/assert.ts'
import type { UnsignedTx } from '../tx/encodeTx.ts'
import { signTx, unsignedTx } from '../tx/signTx.ts'
import { isRecord, RpcError, type RpcClient } from './rpcClient.ts'

export interface WorkloadOptions {
  readonly chainId: number
  readonly count: number
  /** Transactions per second over all senders. */
  readonly ratePerS: number
  /** Private keys; each sender keeps to one target, so that its nonces arrive in order. */
  readonly privateKeys: readonly Hex[]
  readonly targets: readonly RpcClient[]
  /** Bytes of calldata of each transaction. */
  readonly dataBytes: number
}

export interface PlannedTx {
  readonly hash: Hex
  readonly raw: Hex
  readonly target: RpcClient
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

/** Priority fee of every transaction, wei per gas. */
const TIP_WEI = 1_000_000_000n
/** Gas of a transfer and, with room to spare, of a byte of calldata (EIP-7623's floor is 40). */
const TRANSFER_GAS = 21_000n
const GAS_PER_DATA_BYTE = 40n
/** Everyone pays the same account: transfers differ by sender and nonce alone. */
const RECIPIENT = asAddress(new Uint8Array(20).fill(0x67))

/** Signs the whole load. Reads each sender's next nonce and the base fee from its target. */
export async function planWorkload(options: WorkloadOptions): Promise<PlannedTx[]> {
  const senders = await Promise.all(
    options.privateKeys.map((key, index) => senderOf(options, key, index)),
  )
  const fee = await feeCapWei(options)
  return Array.from({ length: options.count }, (_, index) => {
    const sender = senders[index % senders.length]
    if (sender === undefined) throw new Error('a workload needs at least one sender')
    const tx = signTx(transferOf(options, sender, fee), sender.privateKey)
    return {
      hash: tx.hash,
      raw: bytesToHex(tx.raw),
      target: sender.target,
      dueMs: (index * 1000) / options.ratePerS,
    }
  })
}

/**
 * Sends each transaction when it is due, whatever became of those before it. `onSubmission` hears of every answer.
 */
export async function runWorkload(
  plan: readonly PlannedTx[],
  clock: Clock,
  onSubmission: (submission: Submission) => void = () => {},
): Promise<Submission[]> {
  const startMs = clock.monotonicMs()
  const answers: Promise<Submission>[] = []
  for (const planned of plan) {
    const waitMs = startMs + planned.dueMs - clock.monotonicMs()
    if (waitMs > 0) await sleep(clock, waitMs)
    const lateMs = Math.max(0, clock.monotonicMs() - startMs - planned.dueMs)
    answers.push(
      submit(planned, lateMs).then((submission) => {
        onSubmission(submission)
        return submission
      }),
    )
  }
  return Promise.all(answers)
}

interface Sender {
  readonly privateKey: Uint8Array
  readonly target: RpcClient
  nextNonce: bigint
}

async function senderOf(options: WorkloadOptions, key: Hex, index: number): Promise<Sender> {
  const privateKey = hexToBytes(key)
  const target = options.targets[index % options.targets.length]
  if (target === undefined)
    throw new Error('a workload needs at least one JSON-RPC URL to submit to')
  const nonce = await target.call('eth_getTransactionCount', [
    addressOfPublicKey(secp256k1.publicKey(privateKey)),
    'pending',
  ])
  return { privateKey, target, nextNonce: BigInt(String(nonce)) }
}

/** Twice the base fee of the head plus the tip: enough for the six full blocks in which a base fee can double. */
async function feeCapWei(options: WorkloadOptions): Promise<bigint> {
  const head = await options.targets[0]?.call('eth_getBlockByNumber', ['latest', false])
  const baseFee =
    isRecord(head) && typeof head['baseFeePerGas'] === 'string' ? BigInt(head['baseFeePerGas']) : 0n
  return 2n * baseFee + TIP_WEI
}

function transferOf(options: WorkloadOptions, sender: Sender, maxFeePerGas: bigint): UnsignedTx {
  return unsignedTx({
    type: 2,
    chainId: BigInt(options.chainId),
    nonce: sender.nextNonce++,
    gasLimit: TRANSFER_GAS + GAS_PER_DATA_BYTE * BigInt(options.dataBytes),
    to: RECIPIENT,
    value: 1n,
    data: new Uint8Array(options.dataBytes).fill(0x67),
    maxFeePerGas,
    maxPriorityFeePerGas: TIP_WEI,
  })
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
