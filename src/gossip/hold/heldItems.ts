import { ParkedTxs } from './parkedTxs.ts'
import { assert } from '../../lib/assert.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Mempool } from '../../mempool/mempool.ts'
import { FutureBlockHold, type BlockHold } from './hold.ts'
import { MAX_HOLDS } from '../limits.ts'
import type { Candidate, HeldBlock, Judgement, Topic, Topics } from '../topics/topic.ts'
import { ACCEPT } from '../rules/verdict.ts'

/** What {@link HeldItems} needs of the node. */
export interface HeldItemsOptions<Kind extends string> {
  readonly topics: Topics<Kind>
  readonly hold: BlockHold
  readonly mempool: Pick<Mempool, 'get' | 'events'>
  readonly clock: Clock
}

/** Waits with what is held, and judges it again when that can be done. */
export class HeldItems<Kind extends string> {
  readonly #topics: Topics<Kind>
  readonly #hold: FutureBlockHold
  readonly #parked: ParkedTxs

  constructor({ topics, hold, mempool, clock }: HeldItemsOptions<Kind>) {
    this.#topics = topics
    this.#hold = new FutureBlockHold(hold, clock)
    this.#parked = new ParkedTxs(mempool)
  }

  /**
   * The judgement that a held item comes to; `undefined` where it never will. It may be held again:
   * a block whose parent has come can still be early.
   */
  async settle(candidate: Candidate<Kind>, held: Judgement): Promise<Judgement | undefined> {
    if (held.held === undefined) return this.#afterParking(held)
    let judgement = held
    for (let holds = 0; holds < MAX_HOLDS; holds++) {
      if (judgement.held === undefined) return judgement
      const next = await this.#afterHold(candidate, judgement.held)
      if (next === undefined) return undefined
      judgement = next
    }
    return judgement.held === undefined ? judgement : undefined
  }

  /** Gives up everything that waits here. */
  close(): void {
    this.#hold.close()
    this.#parked.close()
  }

  async #afterHold(
    candidate: Candidate<Kind>,
    { block, reason, dueMs }: HeldBlock,
  ): Promise<Judgement | undefined> {
    const outcome = await this.#hold.keep(block, reason, candidate.from, dueMs)
    if (outcome !== 'ready') return undefined
    const topic: Topic<Kind> = this.#topics[candidate.kind]
    assert(topic.judgeAgain !== undefined, 'who holds a block can judge it again')
    return topic.judgeAgain(block, candidate)
  }

  /** A parked transaction is in the pool already: it is accepted when the pool moves it. */
  async #afterParking(held: Judgement): Promise<Judgement | undefined> {
    const outcome = await this.#parked.wait(held.hash)
    return outcome === 'ready' ? { ...held, verdict: ACCEPT } : undefined
  }
}
