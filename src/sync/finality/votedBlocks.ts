/**
 * Fetches blocks that more than two thirds of the signers voted for and that this node lacks.
 * Gossip mostly brings a block before its votes, so it is given a moment. A single block comes by
 * its hash; for a branch of its own, catching up takes the peers that may have it for ahead,
 * whatever their difficulty.
 */
import type { Finality } from '../../finality/finality.ts'
import type { PeerId } from '../../gossip/network.ts'
import type { Hash } from '../../crypto/keccak.ts'
import type { Cancel, Clock } from '../../lib/clock.ts'
import type { Emitter, Unsubscribe } from '../../lib/emitter.ts'
import { VOTED_BLOCK_PATIENCE_MS } from '../limits.ts'

/** The votes say what is missing; the rest brings it. */
export interface VotedBlocksParts {
  readonly finality: Pick<Finality, 'lacking' | 'missing'>
  readonly clock: Pick<Clock, 'after'>
  /** A peer's status has come in: what nobody had may be there now. */
  readonly heard: Emitter<PeerId>
  /** Brings one block by its hash. Never rejects. */
  readonly fetch: (hash: Hash) => Promise<void>
  /** Whether whole ranges are being fetched: these blocks are among them. */
  readonly isCatchingUp: () => boolean
}

/** Sees to it that blocks come that the signers voted for. */
export class VotedBlocks {
  readonly #parts: VotedBlocksParts
  readonly #ends: Unsubscribe[] = []
  #cancel: Cancel | undefined

  constructor(parts: VotedBlocksParts) {
    this.#parts = parts
  }

  start(): void {
    const { finality, heard } = this.#parts
    this.#ends.push(
      finality.lacking.on(() => this.#wait()),
      heard.on(() => this.#wait()),
    )
  }

  stop(): void {
    for (const end of this.#ends.splice(0)) end()
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** Whether the signers voted for the block and it is missing. */
  isAwaited(hash: Hash): boolean {
    return this.#parts.finality.missing().some((one) => one.hash === hash)
  }

  #wait(): void {
    const { finality, clock } = this.#parts
    if (this.#cancel !== undefined || finality.missing().length === 0) return
    this.#cancel = clock.after(VOTED_BLOCK_PATIENCE_MS, () => {
      this.#cancel = undefined
      this.#fetch()
    })
  }

  #fetch(): void {
    const { finality, isCatchingUp, fetch } = this.#parts
    if (isCatchingUp()) return
    for (const { hash } of finality.missing()) void fetch(hash)
  }
}
