/**
 * A network to build, as data: which nodes there are, how each is set and which links join them. It
 * comes from a scenario and its seed; what builds the network (processes, many nodes in a process,
 * virtual time) only reads it.
 */
import type { LinkShape } from '../rehearsal/linkShape.ts'

/** One node of a planned network. */
export interface NodePlan {
  /** Position in {@link NetworkPlan.nodes}. */
  readonly index: number
  /** Name of the region it stands in, where the scenario has regions. */
  readonly region: string | undefined
  /** Settings of a node that this one has otherwise than the rest. */
  readonly settings: PlannedSettings
  /** Bytes per second it can send over all its links together; unbounded if left out. */
  readonly upBytesPerS?: number
  /** Bytes per second it can receive over all its links together; unbounded if left out. */
  readonly downBytesPerS?: number
}

/**
 * Settings of a node by their names in `node/settings/settings.ts`; who starts the node checks
 * names and values.
 */
export type PlannedSettings = Readonly<Record<string, PlannedSetting>>

/** A list where the setting is one, and numbers by name for parameters of the router. */
export type PlannedSetting =
  string | number | boolean | readonly string[] | Readonly<Record<string, number>>

/** A link in both directions. `a` dials `b`. */
export interface LinkPlan {
  readonly a: number
  readonly b: number
  readonly shape: LinkShape
}

/** A planned network: nodes and links. */
export interface NetworkPlan {
  readonly nodes: readonly NodePlan[]
  readonly links: readonly LinkPlan[]
  /** Processes that share the nodes, which take turns in them; absent where none is shared. */
  readonly processes?: number
}
