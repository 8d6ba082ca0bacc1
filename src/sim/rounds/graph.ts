/**
 * Who may call whom. A complete graph is a formula; any other is kept as two typed arrays
 * (compressed rows), so that a million nodes with ten links each take 44 MB.
 */
import type { Random } from '../../lib/random.ts'

/** A graph of `nodes` nodes, numbered from 0. */
export interface CallGraph {
  readonly nodes: number
  /** A neighbour of `node` at random; -1 where it has none. */
  partner(node: number, random: Random): number
  /** How many parts there are; no links lead from one to another. Takes time with the links. */
  parts(): number
}

/** Everyone may call everyone else. */
export function completeGraph(nodes: number): CallGraph {
  return {
    nodes,
    partner: (node, random) => {
      if (nodes < 2) return -1
      const other = random.int(nodes - 1)
      return other < node ? other : other + 1
    },
    parts: () => 1,
  }
}

/**
 * The graph of these links, each given once as two node numbers; the even places of `ends` pair
 * with the odd ones.
 */
export function graphOfLinks(nodes: number, ends: Int32Array): CallGraph {
  const starts = new Int32Array(nodes + 1)
  for (const end of ends) starts[end + 1] = (starts[end + 1] ?? 0) + 1
  for (let node = 0; node < nodes; node++)
    starts[node + 1] = (starts[node + 1] ?? 0) + (starts[node] ?? 0)
  const neighbours = new Int32Array(ends.length)
  const filled = starts.slice(0, nodes)
  for (let at = 0; at + 1 < ends.length; at += 2) {
    place(neighbours, filled, ends[at] ?? 0, ends[at + 1] ?? 0)
    place(neighbours, filled, ends[at + 1] ?? 0, ends[at] ?? 0)
  }
  return {
    nodes,
    partner: (node, random) => {
      const first = starts[node] ?? 0
      const degree = (starts[node + 1] ?? 0) - first
      return degree === 0 ? -1 : (neighbours[first + random.int(degree)] ?? -1)
    },
    parts: () => partsOf(nodes, ends),
  }
}

/** Every link between two parts makes one of them: a forest of sets, its paths halved (Tarjan). */
function partsOf(nodes: number, ends: Int32Array): number {
  const above = Int32Array.from({ length: nodes }, (_, node) => node)
  let parts = nodes
  for (let at = 0; at + 1 < ends.length; at += 2) {
    const [a, b] = [topOf(above, ends[at] ?? 0), topOf(above, ends[at + 1] ?? 0)]
    if (a === b) continue
    above[a] = b
    parts--
  }
  return parts
}

function topOf(above: Int32Array, node: number): number {
  let at = node
  for (let next = above[at] ?? at; next !== at; next = above[at] ?? at) {
    const beyond = above[next] ?? next
    above[at] = beyond
    at = beyond
  }
  return at
}

function place(neighbours: Int32Array, filled: Int32Array, from: number, to: number): void {
  const at = filled[from] ?? 0
  neighbours[at] = to
  filled[from] = at + 1
}

/**
 * A random graph in which each node has about `degree` links: the ends of all links are shuffled
 * and paired (Bollobás 1980); a link from a node to itself is left out.
 */
export function randomGraph(nodes: number, degree: number, random: Random): CallGraph {
  const ends = new Int32Array(nodes * degree - ((nodes * degree) % 2))
  for (let at = 0; at < ends.length; at++) ends[at] = at % nodes
  for (let at = ends.length - 1; at > 0; at--) swap(ends, at, random.int(at + 1))
  return graphOfLinks(nodes, withoutLoops(ends))
}

function swap(ends: Int32Array, a: number, b: number): void {
  const kept = ends[a] ?? 0
  ends[a] = ends[b] ?? 0
  ends[b] = kept
}

function withoutLoops(ends: Int32Array): Int32Array {
  let length = 0
  for (let at = 0; at + 1 < ends.length; at += 2) {
    if (ends[at] === ends[at + 1]) continue
    ends[length++] = ends[at] ?? 0
    ends[length++] = ends[at + 1] ?? 0
  }
  return ends.subarray(0, length)
}

/**
 * The graph in a text: a link a line, two node numbers with white space between; empty lines and
 * lines that begin with # are skipped. Throws an Error that names the line which is wrong.
 */
export function parseGraph(text: string): CallGraph {
  const ends: number[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.trim()
    if (words === '' || words.startsWith('#')) continue
    ends.push(...linkOf(words, index + 1))
  }
  if (ends.length === 0) throw new Error('the graph has no links')
  const nodes = ends.reduce((most, end) => Math.max(most, end), 0) + 1
  if (nodes > MAX_NODES)
    throw new Error(`the graph names node ${nodes - 1}; ${MAX_NODES} is the most`)
  return graphOfLinks(nodes, Int32Array.from(ends))
}

/** The most nodes that a run of rounds takes. */
export const MAX_NODES = 1_000_000

function linkOf(words: string, lineNumber: number): readonly [number, number] {
  const match = /^(\d{1,9})\s+(\d{1,9})$/.exec(words)
  if (match === null)
    throw new Error(`line ${lineNumber}: "${words}" is not a link; write two node numbers`)
  const [a, b] = [Number(match[1]), Number(match[2])]
  if (a === b) throw new Error(`line ${lineNumber}: node ${a} cannot be linked to itself`)
  return [a, b]
}
