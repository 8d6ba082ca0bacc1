/**
 * Anti-entropy of members: two nodes that meet, and every 30 s a random pair of neighbours, come to
 * hold the same.
 *
 * The set has one element a member: the digest of its record, or another one where it is held dead
 * (member.ts). Sums of both sets are compared first, so that at rest an exchange costs one request
 * of 20 bytes whatever the number of members. Where they differ, sync/reconcile finds the
 * difference, and each side gets what it lacks and judges it as if it came by the topic. A dead
 * member comes with the accusations against it: the receiver suspects it for as long as it would
 * have done, since nobody is dead because another says so. How long ago it died comes too, so that
 * all forget it together.
 *
 * Two that were dead to each other compare once more when they no longer are: what a dead member
 * accuses is refused.
 *
 * News found between two is published, so that it goes to all: a newcomer's record that came here
 * first, what both sides of a partition hold of each other. What is more than a node knows itself
 * is what a newcomer is told, and the network knows.
 */
import type { Hash } from '../crypto/keccak.ts'
import type { Network, PeerId } from '../gossip/network.ts'
import type { Verdict } from '../gossip/rules/verdict.ts'
import { messageOf } from '../lib/assert.ts'
import type { Clock } from '../lib/clock.ts'
import type { Emitter } from '../lib/emitter.ts'
import type { Logger } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { TokenBucket } from '../lib/tokenBucket.ts'
import { onlyFrame, type Requests } from '../sync/protocol.ts'
import type { SetEntry } from '../sync/reconcile/reconcileSet.ts'
import type { ReconciliationCounts } from '../sync/reconcile/comparisons.ts'
import { Reconciliation } from '../sync/reconcile/reconciliation.ts'
import {
  decodeEntry,
  decodeExchange,
  decodeSameness,
  encodeEntry,
  encodeExchange,
  encodeSameness,
  isExchangeRequest,
  type MemberEntry,
} from './exchangeMessages.ts'
import {
  EXCHANGE_INTERVAL_MS,
  EXCHANGE_LOOK_MS,
  FORGET_AFTER_MS,
  MAX_ENTRIES_ASKED,
  PUBLISHED_NEWS,
} from './limits.ts'
import { elementOf, isLive, type Member } from './member.ts'
import type { Members } from './members.ts'

/** What members are exchanged with. */
export interface MemberExchangeParts {
  readonly network: Pick<Network, 'self' | 'onPeer'>
  readonly requests: Requests
  /** A status of the peer has come in. */
  readonly heard: Pick<Emitter<PeerId>, 'on'>
  readonly members: Members
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Judges a statement and takes it in. Never rejects. */
  readonly take: (data: Uint8Array, by: PeerId, ageMs: number) => Promise<Verdict>
  /** Sends a statement of another to the network. Never rejects. */
  readonly forward: (data: Uint8Array) => Promise<void>
}

/** Exchanges members with neighbours. */
export class MemberExchange {
  readonly #parts: MemberExchangeParts
  readonly #reconciliation: Reconciliation
  readonly #published: TokenBucket
  /** Members by element, made when one is looked for after a change. */
  #index: ReadonlyMap<Hash, Member> | undefined

  constructor(parts: MemberExchangeParts) {
    this.#parts = parts
    this.#published = new TokenBucket(PUBLISHED_NEWS, parts.clock.monotonicMs())
    this.#reconciliation = new Reconciliation({
      ...parts,
      protocol: 'members',
      pace: { intervalMs: EXCHANGE_INTERVAL_MS, looksMs: [EXCHANGE_LOOK_MS], maxLed: 1 },
      entries: () => this.#entries(),
      differs: (peer) => this.#differs(peer),
      isKnown: (element) => this.#held.has(element),
      isReady: () => true,
      fetch: (peer, elements) => this.#fetch(peer, elements),
    })
  }

  /** What all exchanges brought and cost since the start, where sets differed. */
  get counts(): ReconciliationCounts {
    return this.#reconciliation.counts
  }

  async start(): Promise<void> {
    const { requests, members } = this.#parts
    members.changes.on(({ member, before }) => {
      this.#index = undefined
      if (before?.state === 'dead' && member.state === 'alive')
        this.#reconciliation.compare(member.peer)
    })
    await requests.handle('members', (from, request) => this.#answer(from, request))
    this.#reconciliation.start()
  }

  stop(): void {
    this.#reconciliation.stop()
  }

  *#entries(): Iterable<SetEntry> {
    for (const member of this.#parts.members.list.all())
      yield { hash: elementOf(member), order: 0n, isMember: true }
  }

  get #held(): ReadonlyMap<Hash, Member> {
    this.#index ??= new Map(
      [...this.#parts.members.list.all()].map((member) => [elementOf(member), member]),
    )
    return this.#index
  }

  async #differs(peer: PeerId): Promise<boolean> {
    const { requests, members } = this.#parts
    const request = encodeExchange({ form: 'sum', sum: members.list.sum })
    return !decodeSameness(await onlyFrame(requests.send(peer, 'members', request)))
  }

  async *#answer(from: PeerId, data: Uint8Array): AsyncIterable<Uint8Array> {
    if (!isExchangeRequest(data)) {
      yield* this.#reconciliation.answer(from, data)
      return
    }
    const request = decodeExchange(data)
    if (request.form === 'sum') yield encodeSameness(request.sum === this.#parts.members.list.sum)
    else
      for (const element of request.elements) {
        const member = this.#held.get(element)
        if (member !== undefined) yield encodeEntry(this.#entryOf(member))
      }
  }

  #entryOf(member: Member): MemberEntry {
    const { members, clock } = this.#parts
    const isGone = !isLive(member)
    return {
      record: member.record.envelope,
      accusations: member.state === 'dead' ? members.evidenceOf(member.peer) : [],
      ageMs: isGone ? clock.monotonicMs() - member.sinceMs : 0,
    }
  }

  /** Never rejects. */
  async #fetch(peer: PeerId, elements: readonly Hash[]): Promise<void> {
    const { requests, log, members } = this.#parts
    const areNews = elements.length < members.list.size
    try {
      for (let at = 0; at < elements.length; at += MAX_ENTRIES_ASKED) {
        const batch = elements.slice(at, at + MAX_ENTRIES_ASKED)
        const request = encodeExchange({ form: 'get', elements: batch })
        for await (const frame of requests.send(peer, 'members', request))
          await this.#takeEntry(decodeEntry(frame), peer, areNews)
      }
    } catch (error) {
      log.debug('members were not fetched', { peer, reason: messageOf(error) })
      requests.blame(peer, error)
    }
  }

  async #takeEntry(entry: MemberEntry, peer: PeerId, areNews: boolean): Promise<void> {
    const { take, forward, clock } = this.#parts
    const { record, accusations, ageMs } = entry
    if (ageMs >= FORGET_AFTER_MS) return
    for (const data of [record, ...accusations]) {
      const { action } = await take(data, peer, ageMs)
      if (action === 'accept' && areNews && this.#published.take(1, clock.monotonicMs()))
        await forward(data)
    }
  }
}
