import type { Edge } from './graph.ts'

/**
 * Nodes on a circle, each linked to its `degree` nearest; an odd degree, for an even number of
 * nodes, adds the node opposite. `degree` is below `nodes`.
 */
export function circulant(nodes: number, degree: number): Edge[] {
  const edges: Edge[] = []
  for (let step = 1; step <= Math.floor(degree / 2); step++)
    for (let a = 0; a < nodes; a++) edges.push([a, (a + step) % nodes])
  if (degree % 2 === 1) for (let a = 0; a < nodes / 2; a++) edges.push([a, a + nodes / 2])
  return edges
}
