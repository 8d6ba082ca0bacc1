/**
 * The pool as a set to compare. Members are the transactions that are not parked and that the pool
 * held before the peer came, or holds for 10 s. Gossip does not bring the former over a new
 * connection, and has had time for the latter. Lower nonces come first, so that no gap opens on the
 * way.
 */
import type { PooledTx } from '../../mempool/entry.ts'
import { RECONCILE_AGE_MS } from '../reconcile/reconcileLimits.ts'
import type { SetEntry } from '../reconcile/reconcileSet.ts'

/** What the set is made of. */
export type PoolMember = Pick<PooledTx, 'addedMs' | 'place'> & {
  readonly tx: Pick<PooledTx['tx'], 'hash' | 'nonce'>
}

/**
 * The transactions of the pool, for a comparison with a peer that came at `cameMs`; both times are
 * on the monotonic clock.
 */
export function* poolEntries(
  pooled: Iterable<PoolMember>,
  cameMs: number,
  nowMs: number,
): Iterable<SetEntry> {
  const sinceMs = Math.max(cameMs, nowMs - RECONCILE_AGE_MS)
  for (const { tx, addedMs, place } of pooled)
    yield { hash: tx.hash, order: tx.nonce, isMember: addedMs <= sinceMs && place !== 'parked' }
}
