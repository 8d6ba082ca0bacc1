/** Links between nodes as pairs of their indexes, the smaller first, no pair twice. */
import type { Random } from '../../lib/random.ts'

/** Two nodes that are linked. */
export type Edge = readonly [a: number, b: number]

/** The edges of a graph while it is drawn. */
export class Graph {
  readonly nodes: number
  readonly #neighbours: readonly Set<number>[]

  constructor(nodes: number, edges: Iterable<Edge> = []) {
    this.nodes = nodes
    this.#neighbours = Array.from({ length: nodes }, () => new Set())
    for (const [a, b] of edges) this.add(a, b)
  }

  has(a: number, b: number): boolean {
    return this.neighbours(a).has(b)
  }

  neighbours(node: number): ReadonlySet<number> {
    return this.#setOf(node)
  }

  /** True if the link is new; a node has no link to itself. */
  add(a: number, b: number): boolean {
    if (a === b || this.has(a, b)) return false
    this.#setOf(a).add(b)
    this.#setOf(b).add(a)
    return true
  }

  remove(a: number, b: number): void {
    this.#setOf(a).delete(b)
    this.#setOf(b).delete(a)
  }

  /** In ascending order. */
  edges(): Edge[] {
    return this.#neighbours.flatMap((others, a) =>
      [...others]
        .filter((b) => a < b)
        .toSorted((x, y) => x - y)
        .map((b): Edge => [a, b]),
    )
  }

  /** Groups of nodes with a way to one another, by their smallest node. */
  parts(): number[][] {
    const seen = new Set<number>()
    const parts: number[][] = []
    for (let node = 0; node < this.nodes; node++) {
      if (seen.has(node)) continue
      seen.add(node)
      const part = [node]
      for (const member of part) {
        const fresh = [...this.neighbours(member)].filter((other) => !seen.has(other))
        for (const other of fresh) {
          seen.add(other)
          part.push(other)
        }
      }
      parts.push(part)
    }
    return parts
  }

  /**
   * Adds a link between every part and the first one, so that there is a way from each node to
   * each.
   */
  join(random: Random): void {
    const [first = [], ...others] = this.parts()
    for (const part of others) this.add(pick(random, first), pick(random, part))
  }

  #setOf(node: number): Set<number> {
    const set = this.#neighbours[node]
    if (set === undefined)
      throw new RangeError(`there is no node ${node} in a graph of ${this.nodes}`)
    return set
  }
}

function pick(random: Random, items: readonly number[]): number {
  const item = items[random.int(items.length)]
  if (item === undefined) throw new RangeError('nothing to pick from')
  return item
}
