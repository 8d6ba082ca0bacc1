/** What tests of reconciliation have in common: transfers, two nodes' pools, time that passes. */
import type { Hash } from '../../src/crypto/keccak.ts'
import { FIRST_LOOK_MS } from '../../src/sync/reconcile/reconcileLimits.ts'
import { encodeAnswer, encodeDifference } from '../../src/sync/reconcile/messages.ts'
import type { Tx } from '../../src/tx/tx.ts'
import type { MemoryHub } from './network.ts'
import type { SyncNode } from './syncNode.ts'
import { signedTransfer } from './tx.ts'

/**
 * Settings of a node on which no other route than gossip and reconciliation brings transactions.
 */
export const ALONE = { rebroadcast: false } as const

/** Long enough for everything in a pool to be old. */
export const AGEING_MS = 10_500

/** The first transfers of account number `from`. */
export function transfersOf(from: number, count: number): Tx[] {
  return Array.from({ length: count }, (_, nonce) => signedTransfer({ from, nonce: BigInt(nonce) }))
}

export function hashesOf(txs: readonly Tx[]): Hash[] {
  return txs.map(({ hash }) => hash)
}

/** Hashes of the pool, in order. */
export function pooled({ node }: SyncNode): Hash[] {
  return [...node.mempool.entries()].map(({ tx }) => tx.hash).sort()
}

export async function submit({ node }: Pick<SyncNode, 'node'>, txs: readonly Tx[]): Promise<void> {
  for (const { raw } of txs) await node.relay.submit('tx', raw, 'rpc')
}

/** Links two nodes and lets them compare their pools for the first time. */
export async function meet(hub: MemoryHub, one: SyncNode, other: SyncNode): Promise<void> {
  hub.link(one.network, other.network)
  await hub.settle()
  await hub.run(FIRST_LOOK_MS, 500)
}

/** "Here is the difference", from a set of this size. */
export function found(size: number): Uint8Array {
  return encodeAnswer({ state: 'found', size })
}

/** The frames that name these as what the asker lacks. */
export function namesOf(txs: readonly Tx[]): readonly Uint8Array[] {
  return encodeDifference({ hashes: hashesOf(txs), ids: [] })
}
