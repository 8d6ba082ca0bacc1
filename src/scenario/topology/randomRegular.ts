import type { Random } from '../../lib/random.ts'
import { circulant } from './circulant.ts'
import { Graph, type Edge } from './graph.ts'

/** Swaps per link after which nothing of the start is left to see (Milo et al., cond-mat/0312028, suggest 100 at most). */
const SWAPS_PER_EDGE = 20
/** With a degree of three and more almost every draw is connected; with two, one in some draws. */
const MAX_DRAWS = 10_000

/**
 * Every node has `degree` links, else nothing is special: a regular graph whose links swap ends at random, and again
 * until there is a way from each node to each. Needs `degree` below `nodes`, an even product of both, and a degree of
 * two at least where there are more than two nodes. Throws if no connected graph is found.
 */
export function randomRegular(nodes: number, degree: number, random: Random): Edge[] {
  const graph = new Graph(nodes, circulant(nodes, degree))
  const edges = graph.edges()
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const swaps = draw === 0 ? SWAPS_PER_EDGE * edges.length : edges.length
    for (let swap = 0; swap < swaps; swap++) swapEnds(graph, edges, random)
    if (graph.parts().length === 1) return graph.edges()
  }
  throw new Error(`no connected network of ${nodes} nodes with ${degree} links each was found`)
}

/** Links a-b and c-d become a-d and c-b, unless one of those is there already or joins a node to itself. */
function swapEnds(graph: Graph, edges: Edge[], random: Random): void {
  const [i, j] = [random.int(edges.length), random.int(edges.length)]
  const [one, other] = [edges[i], edges[j]]
  if (one === undefined || other === undefined) return
  const [a, b] = one
  const [c, d] = random.int(2) === 0 ? other : [other[1], other[0]]
  if (a === d || c === b || graph.has(a, d) || graph.has(c, b)) return
  graph.remove(a, b)
  graph.remove(c, d)
  graph.add(a, d)
  graph.add(c, b)
  edges[i] = [a, d]
  edges[j] = [c, b]
}
