/**
 * Reconciliation of sets (anti-entropy): what gossip lost, a pair of peers finds and sends. Pools
 * are compared by it, and lists of members.
 *
 * SPECIFICATION
 *
 * When. With a peer whose status has come in for the first time since it connected, or again after
 * a silence, once or more, as the pace says; and every interval with a peer picked at random, so
 * that news which one side of a healed partition has reaches all of the other in O(log n) rounds.
 * On meeting, the side with the smaller peer id leads, so that not both do the same. From 32 peers
 * on the interval is multiplied by ceil(log2 n - log2 32) + 1, as in hashicorp/memberlist: in a
 * large network every set is compared often enough by others. While the node cannot judge what it
 * would fetch, its sessions wait.
 *
 * What. Pools: transactions that may be forwarded and that the pool held before the peer came, or
 * holds for 10 s: gossip does not bring the former, and must have brought the latter
 * (pool/poolEntries.ts). Every 15 s, and twice on meeting: the second time when what was too young
 * at first is old enough. The missing ones are fetched by the `transactions` protocol, lower nonces
 * first, judged like any other and published, since the routers of others may not have seen them
 * either. Members: see membership/memberExchange.ts. The difference is found as difference.ts says.
 * What is refused, whatever changes, is not fetched again for two minutes: two sets may differ for
 * good reasons.
 *
 * Bounds. Four sessions led at a time and sixteen answered; one per peer, and where both begin one
 * at once, that of the side with the smaller id; 48 requests and 30 s for one. A peer begins four
 * at once and then one in five seconds, all together 32 and then four a second; beyond, the answer
 * is "later". A peer that contradicts itself loses its connection; one that is slow loses the
 * session.
 */
import type { Hash } from '../../crypto/keccak.ts'
import type { PeerEvent, PeerId } from '../../gossip/network.ts'
import { messageOf } from '../../lib/assert.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import type { Cancel } from '../../lib/clock.ts'
import type { Emitter } from '../../lib/emitter.ts'
import { sample } from '../../lib/random.ts'
import { SetComparisons, type SetComparison, type ReconciliationCounts } from './comparisons.ts'
import { ReconcileFollower } from './follower.ts'
import { leadSession } from './leader.ts'
import {
  DECLINED_LIFE_MS,
  MAX_DECLINED_TXS,
  READY_CHECK_MS,
  SESSION_TIMEOUT_MS,
  SILENCE_MS,
  UNSCALED_PEERS,
} from './reconcileLimits.ts'
import { statusIntervalMs } from '../status/handshake.ts'
import type { ReconcileParts, SessionParts } from './parts.ts'
import type { SetEntry } from './reconcileSet.ts'

/** How often sets are compared. */
export interface ReconcilePace {
  /** With a peer picked at random, ms, in a network of up to 32 peers. */
  readonly intervalMs: number
  /** With a peer that came, so long after its status came in, ms. */
  readonly looksMs: readonly number[]
  /** Sessions that this node leads at a time; the others wait. */
  readonly maxLed: number
}

/** What sets are compared with, and how a difference is fetched. */
export interface ReconciliationParts extends ReconcileParts {
  readonly pace: ReconcilePace
  /** Whether the peer's set differs, where that can be told at less cost than by a comparison. */
  readonly differs?: (peer: PeerId) => Promise<boolean>
  /** A status of the peer has come in. */
  readonly heard: Pick<Emitter<PeerId>, 'on'>
}

interface Known {
  heardMs: number
  /** When it came, or came back after a silence. */
  cameMs: number
  /** SetComparisons that are planned since it came. */
  looks: readonly Cancel[]
}

/** Compares our set with those of peers and fetches what it lacks. */
export class Reconciliation {
  readonly #parts: ReconciliationParts
  readonly #session: SessionParts
  readonly #comparisons = new SetComparisons()
  readonly #follower: ReconcileFollower
  /** Peers whose status is known. */
  readonly #peers = new Map<PeerId, Known>()
  readonly #waiting = new Set<PeerId>()
  readonly #leading = new Set<PeerId>()
  /** Refused a moment ago, with the time until which they are not fetched again. */
  readonly #declined = new BoundedMap<Hash, number>(MAX_DECLINED_TXS)
  readonly #ends: Cancel[] = []
  #cancelRound: Cancel = () => {}
  #cancelReadyCheck: Cancel | undefined
  #isStopped = false

  constructor(parts: ReconciliationParts) {
    this.#parts = parts
    const isWanted = (hash: Hash): boolean => !parts.isKnown(hash) && !this.#isDeclined(hash)
    const isLeading = (peer: PeerId): boolean =>
      this.#leading.has(peer) && parts.network.self < peer
    // One whose status has not come in has only just come.
    const cameMs = (peer: PeerId): number => this.#peers.get(peer)?.cameMs ?? Infinity
    const entriesFor = (peer: PeerId): Iterable<SetEntry> => parts.entries(cameMs(peer))
    this.#session = { ...parts, comparisons: this.#comparisons, entriesFor, isWanted, isLeading }
    this.#follower = new ReconcileFollower(this.#session)
  }

  /** The last comparison with each connected peer. */
  get comparisons(): readonly SetComparison[] {
    return this.#comparisons.all()
  }

  get counts(): ReconciliationCounts {
    return this.#comparisons.counts
  }

  /**
   * Begins at a random time within the first interval, so that nodes started together do not ask
   * together.
   */
  start(): void {
    const { network, heard, random } = this.#parts
    this.#ends.push(
      heard.on((peer) => this.#onHeard(peer)),
      network.onPeer((event) => this.#onPeer(event)),
    )
    this.#planRound(random.next() * this.#parts.pace.intervalMs)
  }

  stop(): void {
    this.#isStopped = true
    for (const end of this.#ends.splice(0)) end()
    for (const known of this.#peers.values()) cancelLooks(known)
    this.#cancelRound()
    this.#cancelReadyCheck?.()
    this.#waiting.clear()
  }

  /** Answers a request of a session that the peer leads. */
  answer(from: PeerId, request: Uint8Array): AsyncIterable<Uint8Array> {
    return this.#follower.answer(from, request)
  }

  /** Compares with a peer whose status is known, as soon as there is a place. */
  compare(peer: PeerId): void {
    if (this.#peers.has(peer)) this.#enqueue(peer)
  }

  /** What was fetched was refused: not to be fetched again soon. */
  decline(hash: Hash): void {
    this.#declined.set(hash, this.#parts.clock.monotonicMs() + DECLINED_LIFE_MS)
  }

  #isDeclined(hash: Hash): boolean {
    return (this.#declined.peek(hash) ?? -Infinity) > this.#parts.clock.monotonicMs()
  }

  #onPeer(event: PeerEvent): void {
    if (event.kind === 'connected') return
    const { peer } = event
    const known = this.#peers.get(peer)
    if (known !== undefined) cancelLooks(known)
    this.#peers.delete(peer)
    this.#waiting.delete(peer)
    this.#follower.forget(peer)
    this.#comparisons.forget(peer)
  }

  #onHeard(peer: PeerId): void {
    const { clock, network } = this.#parts
    const nowMs = clock.monotonicMs()
    const known = this.#peers.get(peer) ?? { heardMs: -Infinity, cameMs: nowMs, looks: [] }
    const dueMs = known.heardMs + statusIntervalMs(this.#peers.size)
    const isBack = nowMs - dueMs >= SILENCE_MS
    known.heardMs = nowMs
    this.#peers.set(peer, known)
    if (isBack) known.cameMs = nowMs
    if (!isBack || network.self > peer) return
    cancelLooks(known)
    known.looks = this.#parts.pace.looksMs.map((delayMs) =>
      clock.after(delayMs, () => this.#enqueue(peer)),
    )
  }

  #planRound(delayMs: number): void {
    this.#cancelRound = this.#parts.clock.after(delayMs, () => {
      for (const peer of sample(this.#parts.random, [...this.#peers.keys()], 1)) this.#enqueue(peer)
      this.#planRound(reconcileIntervalMs(this.#parts.pace.intervalMs, this.#peers.size))
    })
  }

  #enqueue(peer: PeerId): void {
    this.#waiting.add(peer)
    this.#lead()
  }

  /** Begins as many of the waiting sessions as may run. */
  #lead(): void {
    if (this.#isStopped || this.#waiting.size === 0) return
    if (!this.#parts.isReady()) return this.#checkLater()
    for (const peer of this.#waiting) {
      if (this.#leading.size >= this.#parts.pace.maxLed) return
      if (this.#leading.has(peer)) continue
      this.#waiting.delete(peer)
      if (!this.#follower.isLedBy(peer)) void this.#leadOne(peer)
    }
  }

  #checkLater(): void {
    this.#cancelReadyCheck ??= this.#parts.clock.after(READY_CHECK_MS, () => {
      this.#cancelReadyCheck = undefined
      this.#lead()
    })
  }

  /** Never rejects. */
  async #leadOne(peer: PeerId): Promise<void> {
    const { clock, log, requests, protocol } = this.#parts
    const endMs = clock.monotonicMs() + SESSION_TIMEOUT_MS
    const isOver = (): boolean =>
      this.#isStopped || !this.#peers.has(peer) || clock.monotonicMs() > endMs
    this.#leading.add(peer)
    try {
      const differs = (await this.#parts.differs?.(peer)) ?? true
      if (differs) await leadSession(this.#session, { peer, isOver })
    } catch (error) {
      log.debug('two sets were not reconciled', { set: protocol, peer, reason: messageOf(error) })
      requests.blame(peer, error)
    } finally {
      this.#leading.delete(peer)
    }
    this.#lead()
  }
}

function cancelLooks({ looks }: Known): void {
  for (const cancel of looks) cancel()
}

/** How long from one round to the next for a node of so many peers, ms. */
export function reconcileIntervalMs(intervalMs: number, peers: number): number {
  if (peers <= UNSCALED_PEERS) return intervalMs
  return intervalMs * (Math.ceil(Math.log2(peers / UNSCALED_PEERS)) + 1)
}
