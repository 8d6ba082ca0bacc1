import { effectiveTip } from '../tx/gas.ts'
import type { PooledTx } from './entry.ts'
import { compareWorth, type Worth } from './fees.ts'
import { IndexedHeap } from './indexedHeap.ts'

/** The next transaction of one sender, and those after it. */
interface Cursor extends Worth {
  readonly run: readonly PooledTx[]
  readonly at: number
  readonly pooled: PooledTx
}

/**
 * The transactions of `runs` (one per sender, in nonce order) that can pay `baseFee`, in the order
 * in which a block should take them: best effective tip first, then fee cap, then age; within a
 * sender by nonce. A run ends at the first one that cannot pay. Costs O(log senders) per
 * transaction taken.
 */
export function* executableInOrder(
  runs: readonly (readonly PooledTx[])[],
  baseFee: bigint,
): Generator<PooledTx, void, undefined> {
  const heads = new IndexedHeap<Cursor>(goesBefore)
  for (const run of runs) {
    const cursor = cursorAt(run, 0, baseFee)
    if (cursor !== undefined) heads.put(cursor)
  }
  for (let head = heads.first(); head !== undefined; head = heads.first()) {
    heads.delete(head)
    const next = cursorAt(head.run, head.at + 1, baseFee)
    if (next !== undefined) heads.put(next)
    yield head.pooled
  }
}

function cursorAt(run: readonly PooledTx[], at: number, baseFee: bigint): Cursor | undefined {
  const pooled = run[at]
  if (pooled === undefined) return undefined
  const tip = effectiveTip(pooled.tx, baseFee)
  return tip < 0n ? undefined : { run, at, pooled, tx: pooled.tx, tip }
}

function goesBefore(a: Cursor, b: Cursor): boolean {
  const order = compareWorth(a, b)
  if (order !== 0) return order > 0
  if (a.pooled.addedMs !== b.pooled.addedMs) return a.pooled.addedMs < b.pooled.addedMs
  return a.pooled.tx.hash < b.pooled.tx.hash
}
