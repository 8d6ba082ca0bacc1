/** Who is linked to whom: the topologies a scenario can ask for. */
import { z } from 'zod'
import { nodeIndex } from './selectorSchema.ts'

const line = z
  .strictObject({ kind: z.literal('line').describe('Each node is linked to the next one.') })
  .meta({ id: 'Line', title: 'line' })

const ring = z
  .strictObject({ kind: z.literal('ring').describe('A line whose ends are linked.') })
  .meta({ id: 'Ring', title: 'ring' })

const star = z
  .strictObject({ kind: z.literal('star').describe('Node 0 is linked to every other node.') })
  .meta({ id: 'Star', title: 'star' })

const complete = z
  .strictObject({
    kind: z.literal('complete').describe('Every node is linked to every other node.'),
  })
  .meta({ id: 'Complete', title: 'complete' })

const randomRegular = z
  .strictObject({
    kind: z
      .literal('random-regular')
      .describe('Random links; every node has the same number of them.'),
    degree: z.number().int().min(1).max(99).describe('Number of links of each node.'),
  })
  .meta({ id: 'RandomRegular', title: 'random-regular' })

const smallWorld = z
  .strictObject({
    kind: z
      .literal('small-world')
      .describe(
        'Nodes on a circle are linked to their nearest neighbours; a share of the links is moved to random nodes (Watts and Strogatz).',
      ),
    degree: z
      .number()
      .int()
      .min(2)
      .max(98)
      .describe(
        'Number of links of each node to its nearest neighbours on the circle; an even number.',
      ),
    rewired: z
      .number()
      .min(0)
      .max(1)
      .default(0.1)
      .describe('Share of the links that are moved to random nodes.'),
  })
  .meta({ id: 'SmallWorld', title: 'small-world' })

const geographic = z
  .strictObject({
    kind: z
      .literal('geographic')
      .describe(
        'Each node is linked to the nodes with the lowest latency and to some random nodes.',
      ),
    near: z
      .number()
      .int()
      .min(0)
      .max(99)
      .default(5)
      .describe('Number of links of each node to the nearest nodes.'),
    far: z
      .number()
      .int()
      .min(0)
      .max(99)
      .default(3)
      .describe('Number of links of each node to random nodes.'),
  })
  .meta({ id: 'Geographic', title: 'geographic' })

const edges = z
  .strictObject({
    kind: z.literal('edges').describe('The given links.'),
    edges: z
      .array(z.tuple([nodeIndex, nodeIndex]))
      .min(1)
      .describe('Pairs of nodes.'),
  })
  .meta({ id: 'Edges', title: 'edges' })

/** Schema of a topology. */
export const topologySchema = z
  .discriminatedUnion('kind', [
    line,
    ring,
    star,
    complete,
    randomRegular,
    smallWorld,
    geographic,
    edges,
  ])
  .meta({ id: 'Topology', title: 'Topology' })

/** A topology as a scenario says it. */
export type Topology = z.infer<typeof topologySchema>
