/** Collects the sightings of all peers of a network while it runs, on one common clock. */
import { forEachKind, isFollowed, KINDS, type ItemKind } from '../../item/itemKinds.ts'
import { Deliveries } from '../../measure/deliveries.ts'
import type { Delivery } from '../../measure/delivery.ts'
import type { SightingBatch } from '../../trace/timelines.ts'
import type { Sighting } from '../../trace/trace.ts'
import { PagedReader } from './pagedReader.ts'
import type { NetworkPort, PeerPort } from '../port.ts'

/** What of a network is read. */
type Watched = Pick<NetworkPort, 'peers' | 'copies'>

/**
 * Reads every peer's sightings by cursor. A peer overwrites old sightings when nobody reads them;
 * what was lost so is counted, never guessed. One that was started again counts anew, and what it
 * had seen before is kept; peers that come later are read from then on. Of a network that hands
 * over the copies of all nodes at once, those are read instead.
 */
export class Collector {
  readonly #network: Watched
  readonly #indexOf = new Map<string, number>()
  readonly #reader = new PagedReader<SightingBatch>({
    read: (peer, cursor, limit) => peer.sightings(cursor, limit),
    countOf: ({ sightings }) => sightings.length,
  })
  readonly #deliveries: Readonly<Record<ItemKind, Deliveries>>
  /** Sightings read, by peer. */
  readonly #read = new Map<number, number>()
  #lost = 0

  /**
   * @param maxLaterCopies of each kind that are kept as rows; of more than these only their number
   *   is.
   */
  constructor(network: Watched, maxLaterCopies?: number) {
    this.#network = network
    this.#deliveries = forEachKind(() => new Deliveries(maxLaterCopies), KINDS)
  }

  /** Sightings that a peer had overwritten before they were read. */
  get lost(): number {
    return this.#lost
  }

  /** Sightings read. */
  get count(): number {
    return KINDS.reduce((sum, kind) => sum + this.#deliveries[kind].count, 0)
  }

  /** Sightings of a peer that were read, those of before {@link skipPast} included. */
  readOf(index: number): number {
    return this.#read.get(index) ?? 0
  }

  deliveries(kind: ItemKind): Deliveries {
    return this.#deliveries[kind]
  }

  /** Skips what the peers have seen until now: the warm-up does not count. */
  async skipPast(): Promise<void> {
    const { copies } = this.#network
    if (copies === undefined)
      await Promise.all(this.#peers().map((peer) => this.#readNew(peer, () => {})))
    else copies.take(() => {})
    this.#lost = 0
  }

  /** Reads what is new at every peer that answers, or at these alone; a dead peer adds nothing. */
  async collect(indexes?: readonly number[]): Promise<void> {
    const { copies } = this.#network
    if (copies !== undefined) {
      copies.take((kind, copy) => {
        if (isFollowed(kind)) this.#deliveries[kind].add(copy)
      })
      return
    }
    const peers = this.#peers().filter(({ index }) => indexes?.includes(index) ?? true)
    await Promise.allSettled(
      peers.map((peer) => this.#readNew(peer, (sighting) => this.#keep(peer, sighting))),
    )
  }

  #peers(): readonly PeerPort[] {
    const { peers } = this.#network
    for (const { peerId, index } of peers) this.#indexOf.set(peerId, index)
    return peers
  }

  #readNew(peer: PeerPort, keep: (sighting: Sighting) => void): Promise<void> {
    return this.#reader.read(peer, ({ sightings, lost }) => {
      for (const sighting of sightings) keep(sighting)
      this.#read.set(peer.index, this.readOf(peer.index) + sightings.length)
      this.#lost += lost
    })
  }

  #keep(peer: PeerPort, sighting: Sighting): void {
    const { kind, hash, from, receivedMs, judgedMs, queuedMs, route, action, bytes } = sighting
    if (!isFollowed(kind)) return
    this.#deliveries[kind].add({
      hash,
      node: peer.index,
      from: this.#indexOf.get(from),
      receivedMs,
      judgedMs,
      queuedMs,
      route,
      outcome: copyOutcome(action),
      bytes,
    })
  }
}

/** What a node made of a copy, as the analysis wants it. */
export function copyOutcome(action: Sighting['action']): Delivery['outcome'] {
  if (action === 'accept') return 'accepted'
  return action === 'duplicate' ? 'duplicate' : 'refused'
}
