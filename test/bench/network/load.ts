/** Transactions at a steady rate for a network that is seen through its RPC alone. */
import { sleep, systemClock } from '../../../src/lib/clock.ts'
import { bytesToHex, hexToBytes, type Hex } from '../../../src/lib/bytes.ts'
import type { Hash } from '../../../src/crypto/keccak.ts'
import { DEVNET_ACCOUNTS, devnetAccounts } from '../../../src/devnet/accounts.ts'
import type { RpcClient } from '../../../src/rpc/client/rpcClient.ts'
import { transfers } from '../transfers.ts'

/** From the last transaction until it is everywhere. */
const SPREAD_MS = 500

/** A signed transfer, not yet sent. */
export interface Signed {
  readonly hash: Hash
  readonly raw: Hex
}

/** A transaction that a peer has taken; times on this process's monotonic clock, ms. */
export interface Taken {
  readonly hash: Hash
  /** The index of the peer that it was given to. */
  readonly peer: number
  readonly sentMs: number
  readonly answeredMs: number
}

/** So many transfers of the funded accounts in turn. */
export function signedTransfers(count: number): readonly Signed[] {
  const senders = devnetAccounts().map(({ address, privateKey }) => ({
    address,
    privateKey: hexToBytes(privateKey),
  }))
  return transfers(senders, [0, Math.ceil(count / DEVNET_ACCOUNTS)])
    .slice(0, count)
    .map(({ hash, raw }) => ({ hash, raw: bytesToHex(raw) }))
}

/**
 * Each sender keeps to one peer and sends one at a time, so that its nonces come in order. Resolves
 * when all are answered and everywhere.
 */
export async function submit(
  load: readonly Signed[],
  clients: readonly RpcClient[],
  ratePerS: number,
): Promise<readonly Taken[]> {
  const startMs = systemClock.monotonicMs()
  const answers: Promise<Taken>[] = []
  for (const [index, signed] of load.entries()) {
    const waitMs = startMs + (index * 1000) / ratePerS - systemClock.monotonicMs()
    if (waitMs > 0) await sleep(systemClock, waitMs)
    const peer = (index % DEVNET_ACCOUNTS) % clients.length
    const client = clients[peer]
    const before = answers[index - DEVNET_ACCOUNTS]
    if (client !== undefined) answers.push(takenAfter(before, client, { ...signed, peer }))
  }
  const taken = await Promise.all(answers)
  await sleep(systemClock, SPREAD_MS)
  return taken
}

/** It is sent when the answer to the one before has come. */
async function takenAfter(
  before: Promise<Taken> | undefined,
  client: RpcClient,
  { hash, raw, peer }: Signed & Pick<Taken, 'peer'>,
): Promise<Taken> {
  await before
  const sentMs = systemClock.monotonicMs()
  await client.call('eth_sendRawTransaction', [raw])
  return { hash, peer, sentMs, answeredMs: systemClock.monotonicMs() }
}
