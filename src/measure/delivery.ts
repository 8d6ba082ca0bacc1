import type { Route } from '../item/route.ts'

/** One copy of one item at one node of the network under measurement, as the analysis wants it. */
export interface Delivery {
  readonly hash: string
  /** Index of the node that received this copy. */
  readonly node: number
  /**
   * Index of the node that sent it; `undefined` where the item entered the network (RPC, sealer).
   */
  readonly from: number | undefined
  /** Time at which the node stamped the copy, ms on the common clock. */
  readonly receivedMs: number
  /** Time at which its verdict stood, ms on the common clock. */
  readonly judgedMs: number
  /** Of `judgedMs - receivedMs`, the time spent waiting for the verifier. */
  readonly queuedMs: number
  /**
   * How it came: pushed, in answer to an IWANT, in the answer to a request, or from the node
   * itself.
   */
  readonly route: Route
  readonly outcome: 'accepted' | 'refused' | 'duplicate'
  readonly bytes: number
}

/**
 * How one item spread: when and where it entered, and the first copy that each node accepted.
 * The first copies form the tree of who told whom.
 */
export interface Spread {
  readonly hash: string
  readonly origin: number
  readonly originMs: number
  readonly bytes: number
  /** By node, the origin left out, and nodes that were not there when the item entered. */
  readonly first: ReadonlyMap<number, Delivery>
  /**
   * Nodes that were live when the item entered and had not accepted it when the measurement ended.
   */
  readonly missed: readonly number[]
  /** Every copy after the first, those at the origin included. */
  readonly later: readonly Delivery[]
  /** How many there were, where they were too many for all to be in {@link later}. */
  readonly laterCount?: number
}

/** Nodes that should get the item: those that were live when it entered, the origin left out. */
export function othersOf({ first, missed }: Spread): number {
  return first.size + missed.length
}

/**
 * Groups deliveries into spreads. Items whose entry was not seen (they entered before the
 * measurement) are left out: without an origin there is no latency. `liveAt` is which nodes were
 * live at a time (ms on the common clock): an item is meant for those that were when it entered,
 * and copies at other nodes are no deliveries.
 */
export function spreadsOf(
  deliveries: readonly Delivery[],
  liveAt: (originMs: number) => ReadonlySet<number>,
): Spread[] {
  const byHash = new Map<string, Delivery[]>()
  for (const delivery of deliveries) {
    const group = byHash.get(delivery.hash)
    if (group === undefined) byHash.set(delivery.hash, [delivery])
    else group.push(delivery)
  }
  return [...byHash.values()].flatMap((group) => spreadOf(group, liveAt) ?? [])
}

/** The spread of one item from all its copies; `undefined` where its entry was not seen. */
export function spreadOf(
  group: readonly Delivery[],
  liveAt: (originMs: number) => ReadonlySet<number>,
): Spread | undefined {
  const entry = earliest(
    group.filter((copy) => copy.from === undefined && copy.outcome === 'accepted'),
  )
  if (entry === undefined) return undefined
  const live = liveAt(entry.receivedMs)
  const first = new Map<number, Delivery>()
  for (const copy of group) {
    if (copy.node === entry.node || copy.outcome !== 'accepted' || !live.has(copy.node)) continue
    const known = first.get(copy.node)
    if (known === undefined || copy.judgedMs < known.judgedMs) first.set(copy.node, copy)
  }
  return {
    hash: entry.hash,
    origin: entry.node,
    originMs: entry.receivedMs,
    bytes: entry.bytes,
    first,
    missed: [...live].filter((node) => node !== entry.node && !first.has(node)),
    later: group.filter((copy) => copy.outcome === 'duplicate'),
  }
}

function earliest(copies: readonly Delivery[]): Delivery | undefined {
  return copies.reduce<Delivery | undefined>(
    (best, copy) => (best === undefined || copy.receivedMs < best.receivedMs ? copy : best),
    undefined,
  )
}

/**
 * Latency of a node: its first copy judged accept, minus the time at which the item entered. In ms.
 */
export function latencyMs(spread: Spread, delivery: Delivery): number {
  return delivery.judgedMs - spread.originMs
}

/**
 * Depth of a node in the tree of first copies: 1 for a node told by the origin itself. `undefined`
 * where the chain of senders does not lead back to the origin (a sender that never accepted).
 */
export function hopOf(spread: Spread, node: number): number | undefined {
  let hops = 0
  for (let at: number | undefined = node; at !== spread.origin; hops++) {
    if (at === undefined || hops > spread.first.size) return undefined
    at = spread.first.get(at)?.from
  }
  return hops
}

/** A node's arrival minus its sender's arrival (the entry for the origin), in ms. */
export function hopDelayMs(spread: Spread, delivery: Delivery): number | undefined {
  if (delivery.from === undefined) return undefined
  const tellerMs =
    delivery.from === spread.origin ? spread.originMs : spread.first.get(delivery.from)?.receivedMs
  return tellerMs === undefined ? undefined : delivery.receivedMs - tellerMs
}
