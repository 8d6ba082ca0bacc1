import type { Hash } from '../crypto/keccak.ts'

/** A block by its number and hash, as votes name it. */
export interface Checkpoint {
  readonly number: bigint
  readonly hash: Hash
}

/** What more than two thirds of the signers hold to. */
export interface Settled {
  /** The head descends from it. */
  readonly justified: Checkpoint
  /** No head ever leaves it. */
  readonly finalized: Checkpoint
}

/** Of a chain that has nothing but its genesis. */
export function settledAtFirst(genesisHash: Hash): Settled {
  const first = { number: 0n, hash: genesisHash }
  return { justified: first, finalized: first }
}
