/**
 * What the peers of a network on real sockets held of each other during a run, put beside what the
 * run knows to have happened. Each peer stamps by its own clock from when on it held a member for
 * something, so nothing is lost between two readings, and the error of a time is that of the
 * clocks.
 */
import type { MemberState } from '../../membership/member.ts'
import type { RunClocks } from '../../measure/clocks/runClocks.ts'
import type { LifeChange } from '../../measure/life.ts'
import type { MemberFigures } from '../../measure/report.ts'
import { MemberWatch } from './memberWatch.ts'
import { PagedReader } from '../readings/pagedReader.ts'
import type { HeldStates, NetworkPort, PeerPort } from '../port.ts'

/** What is read of a network. */
type Watched = Pick<NetworkPort, 'peers' | 'life'>

/** A node held a member for something. */
interface Holding {
  readonly node: number
  /** Of the node: another one is another life of it. */
  readonly instance: unknown
  readonly peer: string
  readonly state: MemberState
  /** By the clock of the node. */
  readonly atMs: number
}

/** Something that happened, on the common clock. */
interface Event {
  readonly atMs: number
  readonly tell: (watch: MemberWatch) => void
}

/** Reads while a run goes, and sums up in the end. */
export class MemberReadings {
  readonly #network: Watched
  readonly #holdings: Holding[] = []
  readonly #reader = new PagedReader<HeldStates>({
    read: async (peer, cursor, limit) => (await peer.heldStates?.(cursor, limit)) ?? NOTHING,
    countOf: ({ changes }) => changes.length,
  })

  constructor(network: Watched) {
    this.#network = network
  }

  /**
   * Reads what is new at every peer, or at these alone. Never rejects: a peer that does not answer
   * adds nothing.
   */
  async collect(indexes?: readonly number[]): Promise<void> {
    const asked = this.#network.peers.filter(
      (peer) => peer.heldStates !== undefined && (indexes?.includes(peer.index) ?? true),
    )
    await Promise.allSettled(asked.map((peer) => this.#read(peer)))
  }

  /**
   * What came of it; null where no peer told anything. What happened before `startMs` is known and
   * not counted.
   */
  figures({ isKnown, toCommonMs }: RunClocks, startMs: number): MemberFigures | null {
    const told = this.#holdings.filter(({ node }) => isKnown(node))
    if (told.length === 0) return null
    const { life, peers } = this.#network
    const indexOf = new Map(peers.map(({ peerId, index }) => [peerId, index]))
    const events = [
      ...life.changes.map(lifeEvent),
      ...holdingEvents(
        told.map((one) => ({ ...one, atMs: toCommonMs(one.node, one.atMs) })),
        indexOf,
      ),
    ]
    const watch = new MemberWatch(startMs)
    for (const { tell } of events.toSorted((a, b) => a.atMs - b.atMs)) tell(watch)
    return watch.figures()
  }

  #read(peer: PeerPort): Promise<void> {
    const { index: node, instance } = peer
    return this.#reader.read(peer, ({ changes }) => {
      for (const change of changes) this.#holdings.push({ node, instance, ...change })
    })
  }
}

const NOTHING: HeldStates = { cursor: 0, lost: 0, changes: [] }

function lifeEvent(change: LifeChange): Event {
  return { atMs: change.atMs, tell: (watch) => watch.life(change) }
}

/** The first thing that a life of a node held is its beginning: itself. */
function holdingEvents(
  holdings: readonly Holding[],
  indexOf: ReadonlyMap<string, number>,
): Event[] {
  const lives = new Map<number, unknown>()
  return holdings.flatMap(({ node, instance, peer, state, atMs }) => {
    const begins = !lives.has(node) || lives.get(node) !== instance
    lives.set(node, instance)
    const subject = indexOf.get(peer)
    return [
      ...(begins
        ? [{ atMs, tell: (watch: MemberWatch) => watch.begin(node, atMs, 'nobody') }]
        : []),
      ...(subject === undefined
        ? []
        : [{ atMs, tell: (watch: MemberWatch) => watch.holds(node, subject, state, atMs) }]),
    ]
  })
}
