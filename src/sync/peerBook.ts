/** What this node knows of the peers it is connected to, by their status. */
import type { PeerId } from '../gossip/network.ts'
import { MAX_CLOCK_SAMPLES } from './limits.ts'
import type { ClockSample, Status } from './status.ts'

export interface PeerState {
  readonly peer: PeerId
  readonly status: Status
  /** The sample with the smallest round trip among the last ones. */
  readonly clock: ClockSample
}

interface Entry {
  status: Status
  readonly samples: ClockSample[]
}

export class PeerBook {
  readonly #entries = new Map<PeerId, Entry>()

  /** Records an answer of a connected peer. */
  record(peer: PeerId, status: Status, sample: ClockSample): void {
    const entry = this.#entries.get(peer) ?? { status, samples: [] }
    entry.status = status
    entry.samples.push(sample)
    if (entry.samples.length > MAX_CLOCK_SAMPLES) entry.samples.shift()
    this.#entries.set(peer, entry)
  }

  forget(peer: PeerId): void {
    this.#entries.delete(peer)
  }

  get(peer: PeerId): PeerState | undefined {
    const entry = this.#entries.get(peer)
    return entry && stateOf(peer, entry)
  }

  all(): PeerState[] {
    return [...this.#entries].map(([peer, entry]) => stateOf(peer, entry))
  }
}

function stateOf(peer: PeerId, { status, samples }: Entry): PeerState {
  const clock = samples.reduce((best, sample) =>
    sample.roundTripMs < best.roundTripMs ? sample : best,
  )
  return { peer, status, clock }
}
