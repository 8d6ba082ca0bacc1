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

interface Entry {
  status: Status
  readonly samples: TimedClockSample[]
}

/** The last status and the newest clock samples of each connected peer. */
export class PeerBook {
  readonly #entries = new Map<PeerId, Entry>()

  /** Records an answer of a connected peer. */
  record(peer: PeerId, status: Status, sample: TimedClockSample): void {
    const entry = this.#entries.get(peer) ?? { status, samples: [] }
    entry.status = status
    entry.samples.push(sample)
    if (entry.samples.length > MAX_CLOCK_SAMPLES) entry.samples.shift()
    this.#entries.set(peer, entry)
  }

  forget(peer: PeerId): void {
    this.#entries.delete(peer)
  }

  get(peer: PeerId): PeerStatus | undefined {
    const entry = this.#entries.get(peer)
    return entry && stateOf(peer, entry)
  }

  all(): PeerStatus[] {
    return [...this.#entries].map(([peer, entry]) => stateOf(peer, entry))
  }
}

function stateOf(peer: PeerId, { status, samples }: Entry): PeerStatus {
  const { roundTripMs, offsetMs } = samples.reduce((best, sample) =>
    sample.roundTripMs < best.roundTripMs ? sample : best,
  )
  return { peer, status, clock: { roundTripMs, offsetMs }, clockSamples: samples }
}
