/**
 * Offers: the road of a held transaction that became executable.
 *
 * The router has marked it seen and will not carry it any more, and the peers it never reached do not know that it
 * exists. So its holder offers the hash to every peer; who lacks it fetches it, judges it like any other, and
 * publishes it, since its own router has not seen it.
 *
 * Wire (`pool`): a request is RLP [0, [hash, ...]]; the answer is one frame, RLP [wanted], how many of them the peer
 * will fetch.
 */
import { asHash, type Hash } from '../crypto/keccak.ts'
import type { Network, PeerId } from '../gossip/network.ts'
import { messageOf } from '../lib/assert.ts'
import { hexToBytes } from '../lib/bytes.ts'
import type { Cancel, Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { encodeRlp } from '../lib/rlp.ts'
import type { Mempool } from '../mempool/mempool.ts'
import { MAX_OFFERED_HASHES, MAX_WAITING_OFFERS, OFFER_LINGER_MS } from './limits.ts'
import {
  hashesOf,
  integer,
  integerOf,
  listOf,
  onlyFrame,
  ProtocolViolation,
  type Requests,
} from './protocol.ts'
import { fetchTransactions } from './txRequests.ts'

const OFFER = 0n

export interface OfferParts {
  readonly network: Network
  readonly requests: Requests
  readonly mempool: Pick<Mempool, 'has'>
  readonly clock: Clock
  readonly log: Logger
  /** Judges a fetched transaction and publishes it if it is accepted. */
  readonly take: (raw: Uint8Array, from: PeerId) => Promise<void>
}

export class PoolOffers {
  readonly #parts: OfferParts
  readonly #waiting = new Set<Hash>()
  /** Hashes that are being fetched: several peers may offer the same. */
  readonly #fetching = new Set<Hash>()
  #cancel: Cancel | undefined

  constructor(parts: OfferParts) {
    this.#parts = parts
  }

  start(): Promise<void> {
    return this.#parts.requests.handle('pool', (from, request) => this.#answer(from, request))
  }

  stop(): void {
    this.#cancel?.()
    this.#waiting.clear()
  }

  /** Offers `hashes` to every peer, together with what else becomes ready in the next moment. */
  offer(hashes: readonly Hash[]): void {
    for (const hash of hashes) if (this.#waiting.size < MAX_WAITING_OFFERS) this.#waiting.add(hash)
    this.#cancel ??= this.#parts.clock.after(OFFER_LINGER_MS, () => this.#flush())
  }

  #flush(): void {
    this.#cancel = undefined
    const hashes = [...this.#waiting]
    this.#waiting.clear()
    for (let at = 0; at < hashes.length; at += MAX_OFFERED_HASHES) {
      const batch = hashes.slice(at, at + MAX_OFFERED_HASHES)
      for (const { id } of this.#parts.network.peers()) void this.#offerTo(id, batch)
    }
  }

  async #offerTo(peer: PeerId, hashes: readonly Hash[]): Promise<void> {
    try {
      const request = encodeRlp([integer(OFFER), hashes.map(hexToBytes)])
      listOf(await onlyFrame(this.#parts.requests.send(peer, 'pool', request)), 1)
    } catch (error) {
      this.#parts.log.debug('an offer was not taken', { peer, reason: messageOf(error) })
    }
  }

  async *#answer(from: PeerId, request: Uint8Array): AsyncIterable<Uint8Array> {
    const [kind, hashes] = listOf(request, 2)
    if (integerOf(kind, 1) !== OFFER) throw new ProtocolViolation('expected an offer')
    const wanted = hashesOf(hashes, MAX_OFFERED_HASHES)
      .map(asHash)
      .filter((hash) => !this.#parts.mempool.has(hash) && !this.#fetching.has(hash))
    for (const hash of wanted) this.#fetching.add(hash)
    yield encodeRlp([integer(wanted.length)])
    if (wanted.length > 0) void this.#fetch(from, wanted)
  }

  async #fetch(from: PeerId, hashes: readonly Hash[]): Promise<void> {
    const { requests, log, network, take } = this.#parts
    try {
      for await (const raw of fetchTransactions(requests, from, hashes)) await take(raw, from)
    } catch (error) {
      log.debug('offered transactions did not come', { peer: from, reason: messageOf(error) })
      if (error instanceof ProtocolViolation) await network.disconnect(from, error.message)
    } finally {
      for (const hash of hashes) this.#fetching.delete(hash)
    }
  }
}
