/**
 * What the node does for its own transactions after they were accepted, until a block has them:
 *
 * - One that reached nobody, since there were no peers, is published as soon as there are some.
 * - One that no block has taken is published again. Not before the routers have forgotten it, which
 *   takes their seen time: until then it would only be a duplicate. A few in a round, in the order
 *   of nonces and a moment apart, so that who receives them finds no gaps.
 * - One that had to leave the pool for others is offered to it again.
 */
import type { Chain } from '../chain/chain.ts'
import type { Hash } from '../crypto/keccak.ts'
import type { Network, PublishOutcome } from '../gossip/network.ts'
import type { Submission } from '../gossip/relay.ts'
import { messageOf } from '../lib/assert.ts'
import { sleep, type Cancel, type Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { Mempool } from '../mempool/mempool.ts'
import { OWN_TX_LIMITS } from '../mempool/ownTxLimits.ts'
import type { OwnTx, OwnTxs } from '../mempool/ownTxs.ts'

/** What decides which own transactions go out again, and sends them. */
export interface RebroadcastParts {
  readonly ownTxs: OwnTxs
  readonly mempool: Pick<Mempool, 'get'>
  readonly chain: Pick<Chain, 'state' | 'head'>
  readonly network: Pick<Network, 'publish' | 'peers'>
  readonly topic: string
  /** Judges own bytes and publishes them. */
  readonly submit: (raw: Uint8Array) => Promise<Submission>
  readonly clock: Clock
  readonly log: Logger
}

/** Gives own transactions out again while they are in no block. */
export class Rebroadcast {
  readonly #parts: RebroadcastParts
  readonly #ends: Cancel[] = []
  /** Set while there is something that reached nobody. */
  #cancelLook: Cancel | undefined
  #isRunning = false
  #isBusy = false

  constructor(parts: RebroadcastParts) {
    this.#parts = parts
  }

  start(): void {
    const { clock } = this.#parts
    this.#isRunning = true
    this.#lookForPeers()
    this.#ends.push(
      clock.every(
        OWN_TX_LIMITS.rebroadcastRoundMs.value,
        () => void this.#alone(() => this.#round()),
      ),
    )
  }

  stop(): void {
    this.#isRunning = false
    this.#cancelLook?.()
    for (const end of this.#ends.splice(0)) end()
  }

  /** What became of a submission. */
  submitted({ hash, published }: Submission): void {
    if (published !== undefined) this.#note(hash, published)
    this.#lookForPeers()
  }

  #lookForPeers(): void {
    const { ownTxs, clock } = this.#parts
    if (!this.#isRunning || ownTxs.unpublishedCount === 0) return
    this.#cancelLook ??= clock.after(OWN_TX_LIMITS.lookForPeersMs.value, () => {
      this.#cancelLook = undefined
      void this.#alone(() => this.#publishUnpublished()).then(() => this.#lookForPeers())
    })
  }

  /** One thing at a time, and nothing that fails ends the node. */
  async #alone(task: () => Promise<void>): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      await task()
    } catch (error) {
      this.#parts.log.error('publishing own transactions failed', { reason: messageOf(error) })
    } finally {
      this.#isBusy = false
    }
  }

  /** Ends at the first that nobody takes: a peer has to join the topic before it can. */
  async #publishUnpublished(): Promise<void> {
    const { ownTxs, network } = this.#parts
    if (ownTxs.unpublishedCount === 0 || network.peers().length === 0) return
    for (const own of ownTxs.unpublished()) {
      if (!this.#isRunning) return
      if (this.#isPublishable(own) && !(await this.#publish(own))) return
    }
  }

  async #round(): Promise<void> {
    const { ownTxs, chain, network } = this.#parts
    await ownTxs.tidy(chain.head.header.number)
    await this.#resubmit()
    this.#lookForPeers()
    if (network.peers().length === 0) return
    const due = ownTxs.all().filter((own) => this.#isDue(own) && this.#isPublishable(own))
    for (const own of due.slice(0, OWN_TX_LIMITS.rebroadcastRoundTxs.value)) {
      if (!this.#isRunning) return
      await this.#publish(own)
      await sleep(this.#parts.clock, OWN_TX_LIMITS.rebroadcastSpacingMs.value)
    }
  }

  #isDue({ publishedMs }: OwnTx): boolean {
    if (publishedMs === undefined) return false
    return this.#parts.clock.monotonicMs() - publishedMs >= OWN_TX_LIMITS.rebroadcastAfterMs.value
  }

  /** In the pool, and not held back from the network. */
  #isPublishable({ tx }: OwnTx): boolean {
    const place = this.#parts.mempool.get(tx.hash)?.place
    return place === 'pending' || place === 'queued'
  }

  async #publish({ tx }: OwnTx): Promise<boolean> {
    const { network, topic } = this.#parts
    return this.#note(tx.hash, await network.publish(topic, tx.raw))
  }

  /** Whether it has reached somebody, now or before. */
  #note(hash: Hash, { recipients, duplicate }: PublishOutcome): boolean {
    const isOut = duplicate || recipients.length > 0
    if (isOut) this.#parts.ownTxs.published(hash, this.#parts.clock.monotonicMs())
    return isOut
  }

  async #resubmit(): Promise<void> {
    const { ownTxs, mempool, chain, clock, submit } = this.#parts
    const nowMs = clock.monotonicMs()
    let count = 0
    for (const own of ownTxs.all()) {
      const { tx, sender, includedIn } = own
      if (includedIn !== undefined || mempool.get(tx.hash) !== undefined) continue
      if (chain.state.nonce(sender) > tx.nonce) ownTxs.forget(tx.hash)
      else if (
        nowMs - own.resubmittedMs >= OWN_TX_LIMITS.resubmitAfterMs.value &&
        count < OWN_TX_LIMITS.rebroadcastRoundTxs.value
      ) {
        own.resubmittedMs = nowMs
        count++
        this.submitted(await submit(tx.raw))
      }
    }
  }
}
