import type { PeerId } from '../gossip/network.ts'

/** What may be made to fail inside a running node, for rehearsals on a devnet. */
export interface FaultHooks {
  /** `both` closes and refuses connections; `outgoing` keeps them while nothing we send arrives. */
  cut(peers: readonly PeerId[], direction: 'both' | 'outgoing'): void
  /** Every link is whole again. */
  heal(): void
  /** Sets the node's calendar forward, or back if negative; durations do not notice. */
  jumpClock(byMs: number): void
  /** Throws an Error that names the first invariant of pool or chain that does not hold. */
  assertInvariants(): void
}
