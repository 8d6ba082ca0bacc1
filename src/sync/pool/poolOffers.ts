/**
 * Offers: how a held transaction reaches peers once it is executable.
 *
 * The router has marked it seen and will not carry it any more, and the peers it never reached do
 * not know that it exists. So its holder offers the hash to every peer; who lacks it fetches it,
 * judges it like any other, and publishes it, since its own router has not seen it.
 *
 * Wire (`pool`, kind 0; the others are those of ../reconcile/messages.ts): a request is RLP [0,
 * [hash, ...]]; the answer is one frame, RLP [wanted], how many of them the peer will fetch.
 */
import { asHash, type Hash } from '../../crypto/keccak.ts'
import type { Network, PeerId } from '../../gossip/network.ts'
import type { Verdict } from '../../gossip/rules/verdict.ts'
import { messageOf } from '../../lib/assert.ts'
import { hexToBytes } from '../../lib/bytes.ts'
import type { Cancel, Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import { encodeRlp } from '../../lib/rlp.ts'
import { MAX_OFFERED_HASHES, MAX_WAITING_OFFERS, OFFER_LINGER_MS } from '../limits.ts'
import { OfferedTxs } from './offeredTxs.ts'
import {
  hashesOf,
  integer,
  integerOf,
  itemsOf,
  listOf,
  onlyFrame,
  ProtocolViolation,
  type Requests,
} from '../protocol.ts'
import { fetchTransactions } from './txRequests.ts'

const OFFER = 0n

/** Whether a request of the `pool` protocol is an offer. */
export function isOffer(request: Uint8Array): boolean {
  return integerOf(itemsOf(request)[0], 1) === OFFER
}

/** What transactions are offered, wanted and judged with. */
export interface OfferParts {
  readonly network: Pick<Network, 'peers' | 'onPeer'>
  readonly requests: Requests
  readonly clock: Clock
  readonly log: Logger
  /** Whether the pool or the chain has a transaction. */
  readonly isKnown: (hash: Hash) => boolean
  /** Judges a fetched transaction and publishes it if it is accepted. */
  readonly judge: (raw: Uint8Array, from: PeerId) => Promise<Verdict>
}

/** Offers released transactions to peers, and fetches what peers offer. */
export class PoolOffers {
  readonly #parts: OfferParts
  /** Released a moment ago: what is released together is offered together. */
  readonly #released = new Set<Hash>()
  /** What each peer is still to be offered; there while offers to it are under way. */
  readonly #outgoing = new Map<PeerId, Set<Hash>>()
  readonly #incoming: OfferedTxs
  readonly #fetchingFrom = new Map<PeerId, Promise<void>>()
  #isStopped = false
  #cancelFlush: Cancel | undefined
  #unsubscribe: Cancel = () => {}

  constructor(parts: OfferParts) {
    this.#parts = parts
    this.#incoming = new OfferedTxs(parts.isKnown)
  }

  start(): void {
    this.#unsubscribe = this.#parts.network.onPeer((event) => {
      if (event.kind === 'disconnected') this.#incoming.forget(event.peer)
    })
  }

  stop(): void {
    this.#isStopped = true
    this.#unsubscribe()
    this.#cancelFlush?.()
    for (const waiting of this.#outgoing.values()) waiting.clear()
    for (const peer of this.#incoming.peers) this.#incoming.forget(peer)
  }

  /** Offers `hashes` to every peer, together with what else becomes ready in the next moment. */
  offer(hashes: readonly Hash[]): void {
    if (this.#isStopped) return
    addUpTo(this.#released, hashes, MAX_WAITING_OFFERS)
    this.#cancelFlush ??= this.#parts.clock.after(OFFER_LINGER_MS, () => this.#flush())
  }

  /** Answers an offer of the peer's. */
  async *answer(from: PeerId, request: Uint8Array): AsyncIterable<Uint8Array> {
    const [kind, hashes] = listOf(request, 2)
    if (integerOf(kind, 1) !== OFFER) throw new ProtocolViolation('expected an offer')
    const offered = hashesOf(hashes, MAX_OFFERED_HASHES).map(asHash)
    const wanted = this.#isStopped ? 0 : this.#incoming.add(from, offered)
    void this.#fetchFrom(from)
    yield encodeRlp([integer(wanted)])
  }

  /**
   * Fetches what the peer is known to have as if it had offered that; resolves when it has
   * delivered or failed.
   */
  async fetch(peer: PeerId, hashes: readonly Hash[]): Promise<void> {
    if (this.#isStopped) return
    this.#incoming.add(peer, hashes)
    await this.#fetchFrom(peer)
  }

  #flush(): void {
    this.#cancelFlush = undefined
    for (const { id } of this.#parts.network.peers()) {
      const waiting = this.#outgoing.get(id)
      if (waiting !== undefined) addUpTo(waiting, this.#released, MAX_WAITING_OFFERS)
      else void this.#offerAll(id, new Set(this.#released))
    }
    this.#released.clear()
  }

  /** One offer after another: many at once would be over the peer's budget. */
  async #offerAll(peer: PeerId, waiting: Set<Hash>): Promise<void> {
    this.#outgoing.set(peer, waiting)
    while (waiting.size > 0) {
      const batch = [...waiting].slice(0, MAX_OFFERED_HASHES)
      for (const hash of batch) waiting.delete(hash)
      await this.#offerTo(peer, batch)
    }
    this.#outgoing.delete(peer)
  }

  async #offerTo(peer: PeerId, hashes: readonly Hash[]): Promise<void> {
    const { requests, log } = this.#parts
    try {
      const request = encodeRlp([integer(OFFER), hashes.map(hexToBytes)])
      const [wanted] = listOf(await onlyFrame(requests.send(peer, 'pool', request)), 1)
      if (integerOf(wanted, 8) > BigInt(hashes.length))
        throw new ProtocolViolation('wants more than it was offered')
    } catch (error) {
      log.debug('an offer was not taken', { peer, reason: messageOf(error) })
      requests.blame(peer, error)
    }
  }

  /**
   * Fetches what the peer has offered, batch by batch, then what it did not deliver from others.
   * Never rejects.
   */
  #fetchFrom(peer: PeerId): Promise<void> {
    const running = this.#fetchingFrom.get(peer)
    if (running !== undefined) return running
    const first = this.#incoming.ask(peer)
    if (first.length === 0) return Promise.resolve()
    const fetching = this.#fetchBatches(peer, first)
    this.#fetchingFrom.set(peer, fetching)
    return fetching
  }

  async #fetchBatches(peer: PeerId, first: readonly Hash[]): Promise<void> {
    let isShort = false
    for (let batch = first; batch.length > 0; batch = this.#incoming.ask(peer)) {
      const missing = await this.#fetch(peer, batch)
      this.#incoming.giveBack(missing)
      isShort ||= missing.length > 0
    }
    this.#fetchingFrom.delete(peer)
    if (isShort) for (const other of this.#incoming.peers) void this.#fetchFrom(other)
  }

  /**
   * Answers what the peer did not deliver. One that failed is asked for nothing else that it
   * offered.
   */
  async #fetch(peer: PeerId, hashes: readonly Hash[]): Promise<readonly Hash[]> {
    const { requests, log } = this.#parts
    const missing = new Set(hashes)
    try {
      for (let rest = hashes; rest.length > 0;) {
        const last = await this.#takeAnswer(peer, rest, missing)
        rest = last === undefined ? [] : rest.slice(rest.indexOf(last) + 1)
      }
    } catch (error) {
      log.debug('offered transactions were not received', { peer, reason: messageOf(error) })
      this.#incoming.forget(peer)
      requests.blame(peer, error)
    }
    return [...missing]
  }

  /**
   * Judges one answer's transactions; answers the last, after which the answer may have been cut
   * short.
   */
  async #takeAnswer(
    peer: PeerId,
    hashes: readonly Hash[],
    missing: Set<Hash>,
  ): Promise<Hash | undefined> {
    let last: Hash | undefined
    for await (const { hash, raw } of fetchTransactions(this.#parts.requests, peer, hashes)) {
      last = hash
      missing.delete(hash)
      this.#incoming.settle(hash)
      const verdict = await this.#parts.judge(raw, peer)
      if (verdict.action === 'reject')
        throw new ProtocolViolation(`offered ${hash}, which is rejected: ${verdict.reason}`)
    }
    return last
  }
}

function addUpTo(set: Set<Hash>, hashes: Iterable<Hash>, maxEntries: number): void {
  for (const hash of hashes) if (set.size < maxEntries) set.add(hash)
}
