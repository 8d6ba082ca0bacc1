/** The least time that the links of a network take from a node to each other: what nothing that passes over them beats. */

/** A link between two nodes, with its latency in one direction, ms. */
export interface Link {
  readonly a: number
  readonly b: number
  /** One way, the same both ways. */
  readonly latencyMs: number
}

/**
 * Answers the length of the shortest path between two nodes (Dijkstra 1959), `undefined` where there is none. The paths
 * from an origin are found when it is first asked for, in the square of the number of nodes.
 */
export function shortestPaths(
  links: readonly Link[],
): (origin: number, node: number) => number | undefined {
  const neighbours = neighboursOf(links)
  const known = new Map<number, ReadonlyMap<number, number>>()
  return (origin, node) => {
    const paths = known.get(origin) ?? pathsFrom(origin, neighbours)
    known.set(origin, paths)
    return paths.get(node)
  }
}

type Neighbours = ReadonlyMap<number, readonly { readonly node: number; readonly ms: number }[]>

function neighboursOf(links: readonly Link[]): Neighbours {
  const neighbours = new Map<number, { node: number; ms: number }[]>()
  const add = (from: number, node: number, ms: number): void => {
    const list = neighbours.get(from) ?? []
    list.push({ node, ms })
    neighbours.set(from, list)
  }
  for (const { a, b, latencyMs } of links) {
    add(a, b, latencyMs)
    add(b, a, latencyMs)
  }
  return neighbours
}

function pathsFrom(origin: number, neighbours: Neighbours): ReadonlyMap<number, number> {
  const settled = new Map<number, number>()
  const open = new Map([[origin, 0]])
  while (open.size > 0) {
    const [node, ms] = nearest(open)
    open.delete(node)
    settled.set(node, ms)
    for (const next of neighbours.get(node) ?? []) {
      const viaMs = ms + next.ms
      if (!settled.has(next.node) && viaMs < (open.get(next.node) ?? Infinity))
        open.set(next.node, viaMs)
    }
  }
  return settled
}

function nearest(open: ReadonlyMap<number, number>): [number, number] {
  let best: [number, number] = [-1, Infinity]
  for (const [node, ms] of open) if (ms < best[1] || best[0] === -1) best = [node, ms]
  return best
}
