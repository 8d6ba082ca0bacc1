/** Collects the sightings of all peers of a network while it runs, on one common clock. */
import { forEachKind, isFollowed, KINDS, type ItemKind } from '../item/itemKinds.ts'
import { Deliveries } from '../measure/deliveries.ts'
import type { Delivery } from '../measure/delivery.ts'
import type { Sighting } from '../trace/trace.ts'
import type { NetworkPort, PeerPort } from './port.ts'

/** Sightings asked for at a time. */
const PAGE = 5_000

/** What of a network is read. */
type Watched = Pick<NetworkPort, 'peers' | 'copies'>

/** How far the sightings of a peer were read, since it started. */
interface Cursor {
  readonly instance: unknown
  readonly next: number
}

/**
 * Reads every peer's sightings by cursor. A peer overwrites old sightings when nobody reads them; what was lost so is
 * counted, never guessed. One that was started again counts anew, and what it had seen before is kept; peers that come
 * later are read from then on. Of a network that hands over the copies of all nodes at once, those are read instead.
 */
export class Collector {
  readonly #network: Watched
  readonly #indexOf = new Map<string, number>()
  readonly #cursors = new Map<number, Cursor>()
  /** What is being read, by peer: never twice at once, or a page would count twice. */
  readonly #reading = new Map<number, Promise<void>>()
  readonly #deliveries: Readonly<Record<ItemKind, Deliveries>>
  #lost = 0

  /** @param maxLaterCopies of each kind that are kept as rows; of more than these only their number is. */
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

  deliveries(kind: ItemKind): Deliveries {
    return this.#deliveries[kind]
  }

  /** Skips what the peers have seen until now: the warm-up does not count. */
  async skipPast(): Promise<void> {
    const { copies } = this.#network
    if (copies === undefined)
      await Promise.all(this.#peers().map((peer) => this.#read(peer, () => {})))
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
      peers.map((peer) => this.#read(peer, (sighting) => this.#keep(peer, sighting))),
    )
  }

  #peers(): readonly PeerPort[] {
    const { peers } = this.#network
    for (const { peerId, index } of peers) this.#indexOf.set(peerId, index)
    return peers
  }

  #read(peer: PeerPort, keep: (sighting: Sighting) => void): Promise<void> {
    const before = this.#reading.get(peer.index) ?? Promise.resolve()
    const reading = before.catch(() => {}).then(() => this.#readPages(peer, keep))
    this.#reading.set(peer.index, reading)
    return reading
  }

  async #readPages(peer: PeerPort, keep: (sighting: Sighting) => void): Promise<void> {
    for (;;) {
      const cursor = this.#cursors.get(peer.index)
      const from = cursor?.instance === peer.instance ? (cursor?.next ?? 0) : 0
      const page = await peer.sightings(from, PAGE)
      for (const sighting of page.sightings) keep(sighting)
      this.#lost += page.lost
      this.#cursors.set(peer.index, { instance: peer.instance, next: page.cursor })
      if (page.sightings.length < PAGE) return
    }
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
