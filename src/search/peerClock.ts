/** The clock of a peer as this node knows it. */

/** How far the peer's clock is ahead of ours, and how wrong that may be; ms. */
export interface PeerClock {
  readonly offsetMs: number
  readonly errorMs: number
}

/** Of a peer that reads the same clock as this node. */
export const SAME_CLOCK: PeerClock = { offsetMs: 0, errorMs: 0 }

/** A time of the peer by the clock of this node. */
export function shiftedMs(timeMs: number, { offsetMs }: PeerClock): number {
  return timeMs - offsetMs
}
