import { shuffled, type Random } from '../../lib/random.ts'
import { Graph, type Edge } from './graph.ts'

/** How many links a node has to near nodes and to others. */
export interface GeographicOptions {
  /** Links of each node to the nearest, by latency. */
  readonly near: number
  /** Links of each node to anyone. */
  readonly far: number
  readonly latencyMs: (a: number, b: number) => number
}

/**
 * Each node links to those nearest and to some at random; those that others link to it come on top. Equally near ones
 * are taken at random. Should parts come to be apart, a link is added between them.
 */
export function geographic(nodes: number, options: GeographicOptions, random: Random): Edge[] {
  const graph = new Graph(nodes)
  const all = Array.from({ length: nodes }, (_, index) => index)
  for (const node of all) {
    const others = shuffled(random, all).filter((other) => other !== node)
    const byDistance = others.toSorted(
      (a, b) => options.latencyMs(node, a) - options.latencyMs(node, b),
    )
    for (const other of byDistance.slice(0, options.near)) graph.add(node, other)
    const strangers = others.filter((other) => !graph.has(node, other))
    for (const other of strangers.slice(0, options.far)) graph.add(node, other)
  }
  graph.join(random)
  return graph.edges()
}
