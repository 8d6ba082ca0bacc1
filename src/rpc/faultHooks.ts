import type { PeerId } from '../gossip/network.ts'
import type { Misbehaviour } from '../rehearsal/misbehaviour.ts'
import type { LinkShape } from '../rehearsal/linkShape.ts'

/** What may be made to fail inside a running node, for rehearsals on a devnet. */
export interface FaultHooks {
  /** `both` closes and refuses connections; `outgoing` keeps them while nothing we send arrives. */
  cut(peers: readonly PeerId[], direction: 'both' | 'outgoing'): void
  /** Every link is whole again. */
  heal(): void
  /** How the links to these peers carry what we send, from now on; others stay as they are. */
  shapeLinks(links: readonly ({ readonly peer: PeerId } & LinkShape)[]): void
  /** Bytes per second over all links together; `undefined` is no limit. */
  setBandwidth(upBytesPerS: number | undefined, downBytesPerS: number | undefined): void
  /**
   * How the node treats its peers from now on; `undefined` is as it should. `against` is whom it
   * censors.
   */
  misbehave(behaviour: Misbehaviour | undefined, against: PeerId | undefined): void
  /** Sets the node's calendar forward, or back if negative; durations do not notice. */
  jumpClock(byMs: number): void
  /** Throws an Error that names the first invariant of pool or chain that does not hold. */
  assertInvariants(): void
}
