import type { Random } from '../../lib/random.ts'
import { circulant } from './circulant.ts'
import { Graph, type Edge } from './graph.ts'

/**
 * Swaps per link after which nothing of the start is left to see (Milo et al., cond-mat/0312028,
 * suggest 100 at most).
 */
const SWAPS_PER_EDGE = 20
/** With a degree of three and more almost every draw is connected; with two, one in some draws. */
const MAX_DRAWS = 10_000

/**
 * Every node has `degree` links, else nothing is special: a regular graph whose links swap ends at
 * random, and again until there is a way from each node to each. Needs `degree` below `nodes`, an
 * even product of both, and a degree of two at least where there are more than two nodes. Throws if
 * no connected graph is found.
 */
export function randomRegular(nodes: number, degree: number, random: Random): Edge[] {
  const swapped = new RegularGraph(nodes, degree, circulant(nodes, degree))
  const links = (nodes * degree) / 2
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const swaps = draw === 0 ? SWAPS_PER_EDGE * links : links
    for (let swap = 0; swap < swaps; swap++) swapped.swapEnds(random)
    const graph = new Graph(nodes, swapped.edges())
    if (graph.parts().length === 1) return graph.edges()
  }
  throw new Error(`no connected network of ${nodes} nodes with ${degree} links each was found`)
}

/**
 * In columns, for a large graph has millions of swaps: a set for each node takes ten times as long.
 */
class RegularGraph {
  readonly #degree: number
  /** The neighbours of each node, in no order. */
  readonly #neighbours: Int32Array
  /** Both ends of each link. */
  readonly #ends: Int32Array

  constructor(nodes: number, degree: number, edges: Iterable<Edge>) {
    const sorted = new Graph(nodes, edges).edges()
    const filled = new Int32Array(nodes)
    this.#degree = degree
    this.#neighbours = new Int32Array(nodes * degree)
    this.#ends = Int32Array.from(sorted.flat())
    for (const [a, b] of sorted)
      for (const [node, other] of [[a, b] as const, [b, a] as const]) {
        const count = filled[node] ?? 0
        this.#neighbours[node * degree + count] = other
        filled[node] = count + 1
      }
  }

  /**
   * Links a-b and c-d become a-d and c-b, unless one of those is there already or joins a node to
   * itself.
   */
  swapEnds(random: Random): void {
    const ends = this.#ends
    const links = ends.length / 2
    const [i, j] = [2 * random.int(links), 2 * random.int(links)]
    const turn = random.int(2)
    const [a = 0, b = 0, c = 0, d = 0] = [ends[i], ends[i + 1], ends[j + turn], ends[j + 1 - turn]]
    if (a === d || c === b || this.#place(a, d) >= 0 || this.#place(c, b) >= 0) return
    this.#replace(a, b, d)
    this.#replace(b, a, c)
    this.#replace(c, d, b)
    this.#replace(d, c, a)
    ends[i] = a
    ends[i + 1] = d
    ends[j] = c
    ends[j + 1] = b
  }

  edges(): Edge[] {
    const ends = this.#ends
    return Array.from({ length: ends.length / 2 }, (_, link) => [
      ends[2 * link] ?? 0,
      ends[2 * link + 1] ?? 0,
    ])
  }

  /** Where a neighbour stands; -1 where it is none. */
  #place(node: number, neighbour: number): number {
    const first = node * this.#degree
    for (let at = first; at < first + this.#degree; at++)
      if (this.#neighbours[at] === neighbour) return at
    return -1
  }

  #replace(node: number, neighbour: number, by: number): void {
    this.#neighbours[this.#place(node, neighbour)] = by
  }
}
