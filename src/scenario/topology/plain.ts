/** The topologies in which nothing is drawn. */
import type { Edge } from './graph.ts'

/** Each node with the next: the longest way there is. */
export function line(nodes: number): Edge[] {
  return Array.from({ length: nodes - 1 }, (_, a): Edge => [a, a + 1])
}

/** A line whose ends are linked. */
export function ring(nodes: number): Edge[] {
  return nodes < 3 ? line(nodes) : [[0, nodes - 1], ...line(nodes)]
}

/** Node 0 with every other. */
export function star(nodes: number): Edge[] {
  return Array.from({ length: nodes - 1 }, (_, index): Edge => [0, index + 1])
}

/** Everyone with everyone. */
export function complete(nodes: number): Edge[] {
  return Array.from({ length: nodes }, (_, a) =>
    Array.from({ length: nodes - a - 1 }, (_unused, index): Edge => [a, a + index + 1]),
  ).flat()
}
