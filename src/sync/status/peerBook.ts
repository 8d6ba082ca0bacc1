/** What this node knows of the peers it is connected to, by their status. */
import type { PeerId } from '../../gossip/network.ts'
import { MAX_CLOCK_SAMPLES } from '../limits.ts'
import type { ClockSample, Status } from './status.ts'

/** What a peer last said of itself, and what its clock says. */
export interface PeerStatus {
  readonly peer: PeerId
  readonly status: Status
  /** The sample with the smallest round trip among the last ones. */
  readonly clock: ClockSample
  /** The last ones, oldest first. */
  readonly clockSamples: readonly TimedClockSample[]
}

/** A clock sample, and when it was taken. */
export interface TimedClockSample extends ClockSample {
  /** When the answer was heard, ms of our monotonic clock: clocks drift, so a sample ages. */
  readonly atMs: number
}

/** The last status and the newest clock samples of each connected peer. */
export class PeerBook {
  readonly #states = new Map<PeerId, PeerStatus>()
  /** `undefined` where it has to be found anew. */
  #highestHead: bigint | undefined

  /** Records an answer of a connected peer. */
  record(peer: PeerId, status: Status, sample: TimedClockSample): void {
    const before = this.#states.get(peer)?.clockSamples ?? []
    const clockSamples = [...before, sample].slice(-MAX_CLOCK_SAMPLES)
    const { roundTripMs, offsetMs } = clockSamples.reduce((best, one) =>
      one.roundTripMs < best.roundTripMs ? one : best,
    )
    this.#highestHead = undefined
    this.#states.set(peer, { peer, status, clock: { roundTripMs, offsetMs }, clockSamples })
  }

  forget(peer: PeerId): void {
    this.#states.delete(peer)
    this.#highestHead = undefined
  }

  /** The highest number of a head that any of them claims; -1 where there is none. */
  get highestHead(): bigint {
    this.#highestHead ??= highestOf(this.#states.values())
    return this.#highestHead
  }

  get(peer: PeerId): PeerStatus | undefined {
    return this.#states.get(peer)
  }

  /** The same without a list of its own. */
  each(): Iterable<PeerStatus> {
    return this.#states.values()
  }

  all(): PeerStatus[] {
    return [...this.#states.values()]
  }
}

function highestOf(states: Iterable<PeerStatus>): bigint {
  let highest = -1n
  for (const { status } of states) if (status.headNumber > highest) highest = status.headNumber
  return highest
}
