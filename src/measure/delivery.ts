/** One copy of one item at one node of the network under measurement, as the analysis wants it. */
export interface Delivery {
  readonly hash: string
  /** Index of the node that received this copy. */
  readonly node: number
  /** Index of the node that sent it; `undefined` where the item entered the network (RPC, sealer). */
  readonly from: number | undefined
  /** Time at which the node stamped the copy, ms on the common clock. */
  readonly receivedMs: number
  /** Time at which its verdict stood, ms on the common clock. */
  readonly judgedMs: number
  /** Of `judgedMs - receivedMs`, the time spent waiting for the verifier. */
  readonly queuedMs: number
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
  /** Live nodes other than the origin when the item entered: those that should get it. */
  readonly others: number
  /** By node, the origin left out, and nodes that were not there when the item entered. */
  readonly first: ReadonlyMap<number, Delivery>
  /** Every copy after the first, those at the origin included. */
  readonly later: readonly Delivery[]
}

/**
 * Groups deliveries into spreads. Items whose entry was not seen (they entered before the measurement) are left out:
 * without an origin there is no latency. `othersAt` is how many live nodes besides the origin there were at a time;
 * `isLiveAt`, where nodes come late, keeps those out of the first copies that an item could not have been meant for.
 */
export function spreadsOf(
  deliveries: readonly Delivery[],
  othersAt: (originMs: number) => number,
  isLiveAt: (node: number, originMs: number) => boolean = () => true,
): Spread[] {
  const byHash = new Map<string, Delivery[]>()
  for (const delivery of deliveries) {
    const group = byHash.get(delivery.hash)
    if (group === undefined) byHash.set(delivery.hash, [delivery])
    else group.push(delivery)
  }
  return [...byHash.values()].flatMap((group) => spreadOf(group, othersAt, isLiveAt) ?? [])
}

function spreadOf(
  group: readonly Delivery[],
  othersAt: (originMs: number) => number,
  isLiveAt: (node: number, originMs: number) => boolean,
): Spread | undefined {
  const entry = earliest(
    group.filter((copy) => copy.from === undefined && copy.outcome === 'accepted'),
  )
  if (entry === undefined) return undefined
  const first = new Map<number, Delivery>()
  for (const copy of group) {
    if (copy.node === entry.node || copy.outcome !== 'accepted') continue
    if (!isLiveAt(copy.node, entry.receivedMs)) continue
    const known = first.get(copy.node)
    if (known === undefined || copy.judgedMs < known.judgedMs) first.set(copy.node, copy)
  }
  return {
    hash: entry.hash,
    origin: entry.node,
    originMs: entry.receivedMs,
    bytes: entry.bytes,
    others: othersAt(entry.receivedMs),
    first,
    later: group.filter((copy) => copy.outcome === 'duplicate'),
  }
}

function earliest(copies: readonly Delivery[]): Delivery | undefined {
  return copies.reduce<Delivery | undefined>(
    (best, copy) => (best === undefined || copy.receivedMs < best.receivedMs ? copy : best),
    undefined,
  )
}

/** Latency of a node: its first copy judged accept, minus the time at which the item entered. In ms. */
export function latencyMs(spread: Spread, delivery: Delivery): number {
  return delivery.judgedMs - spread.originMs
}

/**
 * Depth of a node in the tree of first copies: 1 for a node told by the origin itself.
 * `undefined` where the chain of senders does not lead back to the origin (a sender that never accepted).
 */
export function hopOf(spread: Spread, node: number): number | undefined {
  let hops = 0
  for (let at: number | undefined = node; at !== spread.origin; hops++) {
    if (at === undefined || hops > spread.first.size) return undefined
    at = spread.first.get(at)?.from
  }
  return hops
}

/** A node's arrival minus its teller's arrival (the entry for the origin), in ms. */
export function hopDelayMs(spread: Spread, delivery: Delivery): number | undefined {
  if (delivery.from === undefined) return undefined
  const tellerMs =
    delivery.from === spread.origin ? spread.originMs : spread.first.get(delivery.from)?.receivedMs
  return tellerMs === undefined ? undefined : delivery.receivedMs - tellerMs
}
