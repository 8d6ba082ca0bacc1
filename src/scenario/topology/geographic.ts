import { fewOf, type Random } from '../../lib/random.ts'
import { Graph, type Edge } from './graph.ts'

/** How many links a node has to near nodes and to others, and what is near. */
export interface GeographicOptions {
  /** Links of each node to the nearest, by latency. */
  readonly near: number
  /** Links of each node to anyone. */
  readonly far: number
  /**
   * The place of each node, in its order: nodes of one place are equally near to any other node.
   */
  readonly placeOf: readonly number[]
  /** One way, from place to place; from a place to itself it is that between two of its nodes. */
  readonly latencyMs: (from: number, to: number) => number
}

/**
 * Each node links to those nearest and to some at random; those that others link to it come on top.
 * Equally near ones are taken at random. Should parts come to be apart, a link is added between
 * them. Nodes are compared by place and not one by one: the time grows with the links, not with the
 * square of the nodes.
 */
export function geographic(nodes: number, options: GeographicOptions, random: Random): Edge[] {
  const graph = new Graph(nodes)
  const rings = ringsOf(options)
  for (let node = 0; node < nodes; node++) {
    linkToNearest(graph, node, rings.get(options.placeOf[node] ?? 0) ?? [], options.near, random)
    linkToAnyone(graph, node, options.far, random)
  }
  graph.join(random)
  return graph.edges()
}

/** For each place: groups of equally near nodes, the nearest first, until there are enough. */
function ringsOf(options: GeographicOptions): ReadonlyMap<number, readonly (readonly number[])[]> {
  const members = new Map<number, number[]>()
  for (const [node, place] of options.placeOf.entries()) {
    const known = members.get(place)
    if (known === undefined) members.set(place, [node])
    else known.push(node)
  }
  return new Map([...members.keys()].map((place) => [place, ringsAround(place, members, options)]))
}

function ringsAround(
  from: number,
  members: ReadonlyMap<number, readonly number[]>,
  { near, latencyMs }: GeographicOptions,
): number[][] {
  const places = [...members]
    .map(([to, nodes]) => ({ ms: latencyMs(from, to), nodes }))
    .toSorted((a, b) => a.ms - b.ms)
  const rings: { ms: number; nodes: number[] }[] = []
  let count = 0
  for (const { ms, nodes } of places) {
    const last = rings.at(-1)
    if (last?.ms === ms) last.nodes = [...last.nodes, ...nodes]
    // One more than near, for the node itself is among them.
    else if (count <= near) rings.push({ ms, nodes: [...nodes] })
    else break
    count += nodes.length
  }
  return rings.map(({ nodes }) => nodes)
}

function linkToNearest(
  graph: Graph,
  node: number,
  rings: readonly (readonly number[])[],
  near: number,
  random: Random,
): void {
  let left = near
  for (const ring of rings) {
    if (left <= 0) return
    const chosen = fewOf(random, ring.length, left + 1).map((at) => ring[at] ?? node)
    const others = chosen.filter((other) => other !== node).slice(0, left)
    for (const other of others) graph.add(node, other)
    left -= others.length
  }
}

/** With those it has no link to; with all of them if there are no more. */
function linkToAnyone(graph: Graph, node: number, far: number, random: Random): void {
  const known = graph.neighbours(node).size
  const wanted = Math.min(far, graph.nodes - 1 - known)
  if (wanted <= 0) return
  let added = 0
  for (const other of fewOf(random, graph.nodes, wanted + known + 1))
    if (added < wanted && graph.add(node, other)) added++
}
