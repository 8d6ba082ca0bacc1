/**
 * The pool as a set to compare. Members are transactions that gossip must have had time for and
 * that may be forwarded: those that the pool holds for 10 s and that are not parked. Lower nonces
 * come first, so that no gap opens on the way.
 */
import type { PooledTx } from '../../mempool/entry.ts'
import { RECONCILE_AGE_MS } from '../reconcile/reconcileLimits.ts'
import type { SetEntry } from '../reconcile/reconcileSet.ts'

/** What the set is made of. */
export type PoolMember = Pick<PooledTx, 'addedMs' | 'place'> & {
  readonly tx: Pick<PooledTx['tx'], 'hash' | 'nonce'>
}

/** The transactions of the pool, `nowMs` on the monotonic clock. */
export function* poolEntries(pooled: Iterable<PoolMember>, nowMs: number): Iterable<SetEntry> {
  for (const { tx, addedMs, place } of pooled) {
    const isMember = nowMs - addedMs >= RECONCILE_AGE_MS && place !== 'parked'
    yield { hash: tx.hash, order: tx.nonce, isMember }
  }
}
