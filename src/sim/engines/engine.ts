/** What the engines of the simulator have in common: what they are given and what they answer. */
import type { Random } from '../../lib/random.ts'
import type { Misbehaviour } from '../../rehearsal/misbehaviour.ts'
import type { Connections } from '../links/connections.ts'
import type { Host, Logic } from '../links/host.ts'
import type { Traffic } from '../links/traffic.ts'
import type { Observations } from '../record/observations.ts'
import type { VirtualTime } from '../time/virtualTime.ts'

/** What a simulated node can be. */
export const ENGINES = ['node', 'router'] as const
/** One of {@link ENGINES}. */
export type EngineName = (typeof ENGINES)[number]

/** The simulated world around the nodes. */
export interface SimWorld {
  readonly time: VirtualTime
  readonly hosts: readonly Host[]
  /** Positions of the hosts by peer id. */
  readonly indexOf: ReadonlyMap<string, number>
  readonly connections: Connections
  readonly observations: Observations
  readonly traffic: Traffic
  /** Random numbers of a node. */
  randomOf(host: Host): Random
}

/** An item of the load, ready to be handed to a node. */
export interface SimItem {
  readonly hash: string
  readonly data: Uint8Array
}

/** What happened to a submission. */
export type SimSubmission =
  { readonly isAccepted: true } | { readonly isAccepted: false; readonly reason: string }

/** A node of an engine. */
export interface SimNode extends Logic {
  start(): Promise<void>
  submit(item: SimItem): Promise<SimSubmission>
  /** From now on; `undefined` is as it should. */
  misbehave(behaviour: Misbehaviour | undefined): void
  /** Its calendar is set forward, or back. */
  jumpClock(byMs: number): void
  /** Number and hash of its head; `undefined` where it has no chain. */
  head(): { readonly number: number; readonly hash: string } | undefined
  /** Throws where a property of its pool or chain does not hold. */
  assertInvariants(): void
}

/** Makes the nodes of a simulation and the items of its load. */
export interface Engine {
  readonly name: EngineName
  /** Topic names of `tx` and `block`, as far as there are. */
  readonly topics: Readonly<Record<string, string>>
  /** What a transaction of the load is as bytes, in its order. */
  itemOf(index: number): SimItem
  makeNode(host: Host): SimNode
  /** Whether a block of the chain has the transaction. */
  isIncluded(hash: string): boolean
  /** What is charged in virtual time for work that is done once for all, ms. */
  readonly costs: Readonly<Record<string, number>>
  /** Undoes what it changed in the process. */
  close(): Promise<void>
}
