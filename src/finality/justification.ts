/**
 * Which checkpoints are justified and final (Buterin and Griffith 2017, section 2).
 *
 * - A link counts once more than two thirds of the signers voted for it and its source is an
 *   ancestor of its target.
 * - Its target is justified if its source is. The genesis is justified.
 * - Its source is final if the target is its direct child: the checkpoint one interval above.
 *
 * A node that was away may lack the votes that justified a source. More than two thirds of the
 * signers have signed that they saw it justified, so with less than two thirds of liars one of them
 * is honest, and did: the source counts as justified (see docs/finality.md). That is taken of
 * sources above the highest that the node knows as justified alone.
 */
import type { Checkpoint, Settled } from '../chain/checkpoint.ts'
import type { Hash } from '../crypto/keccak.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import { MAX_JUSTIFIED } from './limits.ts'
import { isSame, type VoteLink } from './vote.ts'

/** What is asked of the chain. `Chain` answers it. */
export interface CheckpointView {
  /** Of any known block. */
  header(hash: Hash): { readonly number: bigint; readonly parentHash: Hash } | undefined
  blockByNumber(number: bigint): { readonly hash: Hash } | undefined
}

/** Whether the block is known, and has the number that the checkpoint says. */
export function isKnownBlock(view: CheckpointView, { number, hash }: Checkpoint): boolean {
  return view.header(hash)?.number === number
}

/**
 * Whether `block` is `ancestor` or descends from it; not, where a block between them is unknown.
 */
export function descends(view: CheckpointView, block: Checkpoint, ancestor: Checkpoint): boolean {
  let { number, hash } = block
  for (; number > ancestor.number; number--) {
    if (view.blockByNumber(number)?.hash === hash)
      return view.blockByNumber(ancestor.number)?.hash === ancestor.hash
    const header = view.header(hash)
    if (header?.number !== number) return false
    hash = header.parentHash
  }
  return number === ancestor.number && hash === ancestor.hash
}

/**
 * Two final blocks of which neither descends from the other: a third of the signers contradicted
 * itself.
 */
export interface Conflict {
  readonly ours: Checkpoint
  readonly theirs: Checkpoint
}

/** Follows the links that count. */
export class Justification {
  readonly #interval: bigint
  /** The newest justified checkpoints, of all branches. */
  readonly #justified = new BoundedMap<Hash, Checkpoint>(MAX_JUSTIFIED)
  #settled: Settled
  #conflict: Conflict | undefined

  constructor(interval: number, settled: Settled) {
    this.#interval = BigInt(interval)
    this.#settled = settled
    for (const one of [settled.finalized, settled.justified]) this.#justified.set(one.hash, one)
  }

  get settled(): Settled {
    return this.#settled
  }

  /** The first one that was seen. Never followed: what is final here stays so. */
  get conflict(): Conflict | undefined {
    return this.#conflict
  }

  /**
   * Takes in links that more than two thirds voted for, those of lower targets first.
   *
   * @returns whether something more is justified or final.
   */
  apply(links: readonly VoteLink[], view: CheckpointView): boolean {
    const before = this.#settled
    for (const link of links) if (this.#counts(link, view)) this.#take(link, view)
    return before !== this.#settled
  }

  #counts({ source, target }: VoteLink, view: CheckpointView): boolean {
    return isKnownBlock(view, target) && this.#isJustified(source) && descends(view, target, source)
  }

  #isJustified(source: Checkpoint): boolean {
    const known = this.#justified.peek(source.hash)
    return known === undefined
      ? source.number > this.#settled.justified.number
      : isSame(known, source)
  }

  #take({ source, target }: VoteLink, view: CheckpointView): void {
    for (const one of [source, target]) this.#justify(one, view)
    if (target.number !== source.number + this.#interval) return
    const { finalized } = this.#settled
    if (descends(view, finalized, source)) return
    if (descends(view, source, finalized)) this.#finalize(source, view)
    else this.#conflict ??= { ours: finalized, theirs: source }
  }

  #justify(checkpoint: Checkpoint, view: CheckpointView): void {
    this.#justified.set(checkpoint.hash, checkpoint)
    const { justified, finalized } = this.#settled
    if (isHigher(checkpoint, justified) && descends(view, checkpoint, finalized))
      this.#settled = { justified: checkpoint, finalized }
  }

  #finalize(finalized: Checkpoint, view: CheckpointView): void {
    let justified = finalized
    for (const one of this.#justified.values())
      if (isHigher(one, justified) && descends(view, one, finalized)) justified = one
    this.#settled = { justified, finalized }
  }
}

/**
 * Of two at one height, which only a third of the signers can bring about, all nodes take the lower
 * hash.
 */
function isHigher(a: Checkpoint, b: Checkpoint): boolean {
  return a.number > b.number || (a.number === b.number && a.hash < b.hash)
}
