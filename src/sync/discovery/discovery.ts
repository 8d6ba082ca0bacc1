/**
 * Finding peers: a node with too few dials members of the network drawn from the whole list that it
 * has (membership/), all with equal chance, so that nobody's answers decide whom it knows. Where
 * the list has nobody new, as at the start, it asks a random peer of its own: every node answers
 * `peers` with a bounded random sample of signed peer records. From one bootnode this finds the
 * whole network; random partners are what gossip's reach in O(log n) rests on. What one peer tells
 * takes a bounded part of the candidates.
 *
 * Rounds follow one another at a distance that doubles while they find nobody new, up to a bound,
 * and is short again when a peer comes or goes. A peer that cannot be dialled is tried again later,
 * and forgotten after a few times: records of peers that do not exist are free to make.
 *
 * A peer that was lost, whose status we had and which nobody dropped, is another matter: it was
 * real, and the link to it may be all that joins two parts of the network. It is dialled again soon
 * and for about an hour, also by a node that has found enough others since.
 *
 * Wire: the request is RLP [count]; each frame of the answer is one libp2p signed peer record. A
 * record that does not fit into a frame is left out: a neighbour chooses the size of its own.
 */
import { minOf } from '../../lib/extremes.ts'
import type { Network, PeerId } from '../../gossip/network.ts'
import { messageOf } from '../../lib/assert.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import type { Cancel, Clock } from '../../lib/clock.ts'
import type { Emitter } from '../../lib/emitter.ts'
import type { Logger } from '../../lib/log.ts'
import { sample, type Random } from '../../lib/random.ts'
import { encodeRlp } from '../../lib/rlp.ts'
import {
  DISCOVERY_INTERVAL_MS,
  FOREIGN_REST_MS,
  LOST_PEERS_BEYOND_TARGET,
  LOST_REDIAL_MS,
  MAX_CANDIDATES,
  MAX_CANDIDATES_PER_SOURCE,
  MAX_DIAL_FAILURES,
  MAX_DISCOVERY_DIALS,
  MAX_DISCOVERY_INTERVAL_MS,
  MAX_LONELY_DISCOVERY_INTERVAL_MS,
  MAX_LOST_DIAL_FAILURES,
  MAX_LOST_REDIAL_MS,
  MAX_PEER_RECORDS,
  REDIAL_AFTER_MS,
} from '../limits.ts'
import { fitting, integer, integerOf, listOf, type Requests } from '../protocol.ts'

/** What peers are found, dialled and remembered with. */
export interface DiscoveryParts {
  readonly network: Pick<
    Network,
    'peers' | 'onPeer' | 'dial' | 'dialPeer' | 'learnPeer' | 'peerRecords'
  >
  readonly requests: Requests
  /** A peer's status has come in: it is of our network. */
  readonly heard: Pick<Emitter<PeerId>, 'on'>
  /** A peer is of another network: it is not worth dialling soon. */
  readonly foreign: Pick<Emitter<PeerId>, 'on'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Multiaddrs to join by; dialled again whenever there is no peer left. */
  readonly bootnodes: readonly string[]
  /** Peers this node dials up to. */
  readonly targetPeers: number
  /** Up to `count` other live members of the network, all with equal chance; none if left out. */
  readonly sampleMembers?: ((count: number) => readonly KnownMember[]) | undefined
}

/** A member of the network, as it says itself where it is. */
export interface KnownMember {
  readonly peer: PeerId
  /** Multiaddrs without the peer id. */
  readonly addresses: readonly string[]
}

interface Candidate {
  /** When it may be dialled, monotonic ms. */
  readonly dueMs: number
  readonly failures: number
  /** It was connected and of our network. */
  readonly isLost: boolean
  /** Who told of it; nobody for one that was lost, and for members. */
  readonly source?: PeerId
  /** Where a member is, by its own word; others are dialled by their record. */
  readonly addresses?: readonly string[]
}

/** Keeps a node connected to as many peers as it wants. */
export class Discovery {
  readonly #parts: DiscoveryParts
  readonly #candidates = new BoundedMap<PeerId, Candidate>(MAX_CANDIDATES)
  /**
   * Peers of another network, and when they may be dialled again, monotonic ms: others still tell
   * of them.
   */
  readonly #foreign = new BoundedMap<PeerId, number>(MAX_CANDIDATES)
  /** Connected peers of our network that did no wrong: lost, should they go. */
  readonly #vouched = new Set<PeerId>()
  #intervalMs = DISCOVERY_INTERVAL_MS
  #isLooking = false
  #isStopped = false
  #cancelNext: Cancel = () => {}
  readonly #ends: Cancel[] = []

  constructor(parts: DiscoveryParts) {
    this.#parts = parts
  }

  /** Serves `peers` and begins to look around; does not wait for the first peer. */
  async start(): Promise<void> {
    const { requests, network, heard, foreign, clock } = this.#parts
    await requests.handle('peers', (_from, request) => this.#answer(request))
    this.#ends.push(
      network.onPeer((event) => {
        this.#intervalMs = DISCOVERY_INTERVAL_MS
        if (event.kind === 'connected') void this.#look()
        else this.#onDisconnected(event.peer)
      }),
      heard.on((peer) => this.#vouched.add(peer)),
      foreign.on((peer) => this.#foreign.set(peer, clock.monotonicMs() + FOREIGN_REST_MS)),
      requests.dropped.on((peer) => {
        this.#vouched.delete(peer)
        this.#candidates.delete(peer)
      }),
    )
    void this.#look()
  }

  stop(): void {
    this.#isStopped = true
    for (const end of this.#ends.splice(0)) end()
    this.#cancelNext()
  }

  /** Learnt peers that may be dialled, now or later. */
  get candidateCount(): number {
    return this.#candidates.size
  }

  #onDisconnected(peer: PeerId): void {
    const dueMs = this.#parts.clock.monotonicMs() + LOST_REDIAL_MS
    if (this.#vouched.delete(peer)) this.#candidates.set(peer, { dueMs, failures: 0, isLost: true })
    this.#planNext()
  }

  /** One round, unless another is under way, and the plan for the next. Never rejects. */
  async #look(): Promise<void> {
    if (this.#isLooking || this.#isStopped) return
    this.#isLooking = true
    try {
      const hasNews = await this.#round()
      const isLonely = this.#parts.network.peers().length === 0
      const mostMs = isLonely ? MAX_LONELY_DISCOVERY_INTERVAL_MS : MAX_DISCOVERY_INTERVAL_MS
      const doubledMs = Math.min(this.#intervalMs * 2, mostMs)
      this.#intervalMs = hasNews ? DISCOVERY_INTERVAL_MS : doubledMs
    } catch (error) {
      this.#parts.log.error('looking for peers failed', { reason: messageOf(error) })
    } finally {
      this.#isLooking = false
    }
    this.#planNext()
  }

  #planNext(): void {
    this.#cancelNext()
    if (this.#isStopped) return
    const delayMs = Math.min(this.#intervalMs, this.#untilLostIsDueMs())
    this.#cancelNext = this.#parts.clock.after(delayMs, () => void this.#look())
  }

  /**
   * How long until a lost peer may be dialled, if there is one and room for it; no less than the
   * shortest interval.
   */
  #untilLostIsDueMs(): number {
    const { clock, network } = this.#parts
    if (this.#roomForLost() <= 0) return Infinity
    const connected = new Set(network.peers().map(({ id }) => id))
    const lost = [...this.#candidates.entries()].filter(
      ([id, { isLost }]) => isLost && !connected.has(id),
    )
    const soonestMs = minOf(lost.map(([, { dueMs }]) => dueMs))
    return Math.max(DISCOVERY_INTERVAL_MS, soonestMs - clock.monotonicMs())
  }

  /** Ask, learn, dial. Answers whether there was anybody new to hear of or to dial. */
  async #round(): Promise<boolean> {
    const isLooking = this.#room() > 0
    if (isLooking && this.#parts.network.peers().length === 0) await this.#dialBootnodes()
    const foundNew = isLooking && (this.#drawMembers() || (await this.#askOne()))
    const dialled = await this.#dialCandidates()
    return foundNew || dialled > 0
  }

  /** Peers that are missing to the target; negative where it is passed. */
  #room(): number {
    return this.#parts.targetPeers - this.#parts.network.peers().length
  }

  #roomForLost(): number {
    return this.#room() + LOST_PEERS_BEYOND_TARGET
  }

  async #dialBootnodes(): Promise<void> {
    const { bootnodes, network, log } = this.#parts
    const dial = async (address: string): Promise<void> => {
      try {
        await network.dial(address)
      } catch (error) {
        log.warn('a bootnode does not answer', { address, reason: messageOf(error) })
      }
    }
    await Promise.all(bootnodes.map(dial))
  }

  /** Puts as many members as are missing among the candidates; answers whether one is new there. */
  #drawMembers(): boolean {
    const { sampleMembers, network } = this.#parts
    const connected = new Set(network.peers().map(({ id }) => id))
    const drawn = sampleMembers?.(this.#room() + connected.size) ?? []
    return drawn
      .filter(({ peer, addresses }) => !connected.has(peer) && addresses.length > 0)
      .slice(0, this.#room())
      .map(({ peer, addresses }) => this.#remember(peer, { addresses }))
      .includes(true)
  }

  async #askOne(): Promise<boolean> {
    const { network, random, requests, log } = this.#parts
    const [partner] = sample(random, network.peers(), 1)
    if (partner === undefined || this.#isStopped) return false
    let foundNew = false
    try {
      const request = encodeRlp([integer(MAX_PEER_RECORDS)])
      for await (const record of requests.send(partner.id, 'peers', request)) {
        const learnt = await network.learnPeer(record)
        const isNew =
          learnt !== undefined &&
          this.#toldBy(partner.id) < MAX_CANDIDATES_PER_SOURCE &&
          this.#remember(learnt, { source: partner.id })
        foundNew ||= isNew
      }
    } catch (error) {
      log.debug('a peer exchange failed', { peer: partner.id, reason: messageOf(error) })
      requests.blame(partner.id, error)
    }
    return foundNew
  }

  #toldBy(peer: PeerId): number {
    return [...this.#candidates.values()].filter(({ source }) => source === peer).length
  }

  #remember(peer: PeerId, from: Pick<Candidate, 'source' | 'addresses'>): boolean {
    const isForeign = (this.#foreign.get(peer) ?? 0) > this.#parts.clock.monotonicMs()
    if (isForeign || this.#candidates.has(peer)) return false
    this.#candidates.set(peer, { dueMs: 0, failures: 0, isLost: false, ...from })
    return true
  }

  /**
   * Dials some of those that are due, the lost ones first, as far as there is room; answers how
   * many.
   */
  async #dialCandidates(): Promise<number> {
    const { network, random, clock } = this.#parts
    const nowMs = clock.monotonicMs()
    const connected = new Set(network.peers().map(({ id }) => id))
    const due = [...this.#candidates.entries()].filter(
      ([id, { dueMs }]) => dueMs <= nowMs && !connected.has(id),
    )
    const choose = (isLost: boolean, room: number): typeof due => {
      const those = due.filter(([, candidate]) => candidate.isLost === isLost)
      return sample(random, those, Math.max(0, Math.min(room, MAX_DISCOVERY_DIALS)))
    }
    const lost = choose(true, this.#roomForLost())
    const chosen = [...lost, ...choose(false, this.#room() - lost.length)]
    await Promise.all(chosen.map(([id, candidate]) => this.#dial(id, candidate)))
    return chosen.length
  }

  async #dial(peer: PeerId, candidate: Candidate): Promise<void> {
    const { clock, log } = this.#parts
    const { failures, isLost } = candidate
    if (this.#isStopped) return
    const dueMs = clock.monotonicMs() + (isLost ? this.#lostRedialMs(failures) : REDIAL_AFTER_MS)
    this.#candidates.set(peer, { ...candidate, dueMs, failures: 0 })
    try {
      await this.#reach(peer, candidate)
    } catch (error) {
      log.debug('a learnt peer does not answer', { peer, reason: messageOf(error) })
      const mostFailures = isLost ? MAX_LOST_DIAL_FAILURES : MAX_DIAL_FAILURES
      if (failures + 1 < mostFailures)
        this.#candidates.set(peer, { ...candidate, dueMs, failures: failures + 1 })
      else this.#candidates.delete(peer)
    }
  }

  /** Throws where the peer takes no connection at any of its addresses. */
  async #reach(peer: PeerId, { addresses }: Candidate): Promise<void> {
    const { network } = this.#parts
    if (addresses === undefined) return network.dialPeer(peer)
    let failure: unknown = new Error('it has no address')
    for (const address of addresses) {
      try {
        await network.dial(`${address}/p2p/${peer}`)
        return
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  /**
   * Up to half of it is left to chance: those that lost one another at once should not all dial at
   * once.
   */
  #lostRedialMs(failures: number): number {
    const delayMs = Math.min(LOST_REDIAL_MS * 2 ** (failures + 1), MAX_LOST_REDIAL_MS)
    return delayMs * (1 - this.#parts.random.next() / 2)
  }

  async *#answer(request: Uint8Array): AsyncIterable<Uint8Array> {
    const [count] = listOf(request, 1)
    const wanted = Math.min(Number(integerOf(count, 8)), MAX_PEER_RECORDS)
    yield* fitting('peers', await this.#parts.network.peerRecords(wanted))
  }
}
