import type { Random } from '../../lib/random.ts'
import { circulant } from './circulant.ts'
import { Graph, type Edge } from './graph.ts'

/** Tries to find a new end for a link; a node that is linked to nearly all others keeps it. */
const MAX_TRIES = 100

/**
 * Neighbours on a circle, of whose links a share leads elsewhere (Watts and Strogatz, Nature 393,
 * 1998). `degree` is even and below `nodes`. Should parts come to be apart, a link is added between
 * them.
 */
export function smallWorld(
  nodes: number,
  degree: number,
  rewiredShare: number,
  random: Random,
): Edge[] {
  const start = circulant(nodes, degree)
  const graph = new Graph(nodes, start)
  for (const [a, b] of start) {
    if (random.next() >= rewiredShare) continue
    const end = newEnd(graph, a, random)
    if (end === undefined) continue
    graph.remove(a, b)
    graph.add(a, end)
  }
  graph.join(random)
  return graph.edges()
}

function newEnd(graph: Graph, node: number, random: Random): number | undefined {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const end = random.int(graph.nodes)
    if (end !== node && !graph.has(node, end)) return end
  }
  return undefined
}
