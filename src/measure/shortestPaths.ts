/**
 * The least time that the links of a network take from a node to each other: what nothing that
 * passes over them beats.
 */

/** A link between two nodes, with its latency in one direction, ms. */
export interface Link {
  readonly a: number
  readonly b: number
  /** One way, the same both ways. */
  readonly latencyMs: number
}

/**
 * Answers the length of the shortest path between two nodes (Dijkstra 1959), `undefined` where
 * there is none. The paths from an origin are found when it is first asked for, in O(links log
 * nodes). In networks of more than {@link SAMPLED_ABOVE_NODES} nodes only the first
 * {@link SAMPLED_ORIGINS} origins that are asked for have an answer.
 */
export function shortestPaths(
  links: readonly Link[],
): (origin: number, node: number) => number | undefined {
  const graph = graphOf(links)
  const most = graph.nodes > SAMPLED_ABOVE_NODES ? SAMPLED_ORIGINS : Infinity
  const known = new Map<number, Float64Array>()
  return (origin, node) => {
    const paths = known.get(origin) ?? (known.size < most ? pathsFrom(origin, graph) : undefined)
    if (paths === undefined) return undefined
    known.set(origin, paths)
    const ms = paths[node]
    return ms === undefined || ms === Infinity ? undefined : ms
  }
}

/** Above so many nodes the bound is that of a sample of the origins. */
export const SAMPLED_ABOVE_NODES = 2_000
/** Origins of such a network that have a bound. */
export const SAMPLED_ORIGINS = 32

/** Neighbours in rows: those of a node stand from `first[node]` up to `first[node + 1]`. */
interface LinkGraph {
  readonly nodes: number
  readonly first: Int32Array
  readonly neighbour: Int32Array
  readonly ms: Float64Array
}

function graphOf(links: readonly Link[]): LinkGraph {
  const nodes = links.reduce((most, { a, b }) => Math.max(most, a + 1, b + 1), 0)
  const first = new Int32Array(nodes + 1)
  const ends = links.flatMap(({ a, b, latencyMs }) => [
    { from: a, to: b, latencyMs },
    { from: b, to: a, latencyMs },
  ])
  for (const { from } of ends) first[from + 1] = at(first, from + 1) + 1
  for (let node = 0; node < nodes; node++) first[node + 1] = at(first, node + 1) + at(first, node)
  const next = first.slice()
  const neighbour = new Int32Array(ends.length)
  const ms = new Float64Array(ends.length)
  for (const { from, to, latencyMs } of ends) {
    const place = at(next, from)
    next[from] = place + 1
    neighbour[place] = to
    ms[place] = latencyMs
  }
  return { nodes, first, neighbour, ms }
}

function pathsFrom(origin: number, { nodes, first, neighbour, ms }: LinkGraph): Float64Array {
  const least = new Float64Array(nodes).fill(Infinity)
  if (origin < nodes) least[origin] = 0
  const open = new NodeHeap(least)
  open.push(origin, 0)
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const reachedMs = at(least, node)
    for (let edge = at(first, node); edge < at(first, node + 1); edge++) {
      const other = at(neighbour, edge)
      const viaMs = reachedMs + at(ms, edge)
      if (viaMs >= at(least, other)) continue
      least[other] = viaMs
      open.push(other, viaMs)
    }
  }
  return least
}

/** A binary heap of nodes by time. A node that was reached sooner since leaves unnoticed. */
class NodeHeap {
  readonly #least: Float64Array
  readonly #nodes: number[] = []
  readonly #times: number[] = []

  constructor(least: Float64Array) {
    this.#least = least
  }

  push(node: number, ms: number): void {
    let place = this.#nodes.length
    while (place > 0) {
      const above = (place - 1) >> 1
      const parentMs = this.#times[above] ?? 0
      if (parentMs <= ms) break
      this.#set(place, this.#nodes[above] ?? 0, parentMs)
      place = above
    }
    this.#set(place, node, ms)
  }

  pop(): number | undefined {
    for (;;) {
      const [node] = this.#nodes
      const [ms = Infinity] = this.#times
      if (node === undefined) return undefined
      this.#removeFirst()
      if (ms <= at(this.#least, node)) return node
    }
  }

  #removeFirst(): void {
    const node = this.#nodes.pop()
    const ms = this.#times.pop()
    if (node === undefined || ms === undefined || this.#nodes.length === 0) return
    let place = 0
    for (;;) {
      const left = 2 * place + 1
      const right = left + 1
      const below =
        (this.#times[right] ?? Infinity) < (this.#times[left] ?? Infinity) ? right : left
      const childMs = this.#times[below]
      if (childMs === undefined || childMs >= ms) break
      this.#set(place, this.#nodes[below] ?? 0, childMs)
      place = below
    }
    this.#set(place, node, ms)
  }

  #set(place: number, node: number, ms: number): void {
    this.#nodes[place] = node
    this.#times[place] = ms
  }
}

/** A member that is there. */
function at(values: Int32Array | Float64Array, index: number): number {
  return values[index] ?? 0
}
