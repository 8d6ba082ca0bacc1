/**
 * How often each peer is asked for what it saw. An answer costs a peer about a millisecond, which
 * everything that it forwards meanwhile waits for. So a peer that has little to tell is asked
 * rarely, and peers take turns instead of answering all at the same time.
 */
import type { PeerPort } from '../port.ts'

/** Rounds between two readings of a peer at most: 2 s for rounds of 250 ms. */
const MOST_ROUNDS = 8
/** A reading of fewer sightings is followed by a longer wait. */
const FEW_SIGHTINGS = 200
/** A reading of more is followed by a shorter one: so many are a few ms of work for the peer. */
const MANY_SIGHTINGS = 1_000

interface Turn {
  /** Rounds between two readings: a power of two. */
  readonly every: number
  /** Sightings of the peer that had been read when its turn came last. */
  readonly read: number
}

/** Those to be read now. */
export type WhichPeers = 'all peers' | 'peers in turn'

/** Chooses in each round the peers that are read in it. */
export class ReadingPace {
  readonly #readOf: (index: number) => number
  readonly #turns = new Map<number, Turn>()
  #round = 0

  /** @param readOf how many sightings of a peer have been read so far. */
  constructor(readOf: (index: number) => number) {
    this.#readOf = readOf
  }

  /**
   * The indexes of those to be read; `undefined` for all. Each call for peers in turn is a round.
   */
  choose(which: WhichPeers, peers: readonly Pick<PeerPort, 'index'>[]): number[] | undefined {
    return which === 'all peers' ? undefined : this.due(peers)
  }

  /** The indexes of those whose turn it is. Each call is a round. */
  due(peers: readonly Pick<PeerPort, 'index'>[]): number[] {
    const round = this.#round++
    return peers.map(({ index }) => index).filter((index) => this.#isDue(index, round))
  }

  #isDue(index: number, round: number): boolean {
    const { every, read: before } = this.#turns.get(index) ?? { every: 1, read: 0 }
    if ((round + index) % every !== 0) return false
    const read = this.#readOf(index)
    this.#turns.set(index, { every: roundsAfter(read - before, every), read })
    return true
  }
}

function roundsAfter(sightings: number, every: number): number {
  if (sightings < FEW_SIGHTINGS) return Math.min(MOST_ROUNDS, 2 * every)
  return sightings > MANY_SIGHTINGS ? Math.max(1, every / 2) : every
}
