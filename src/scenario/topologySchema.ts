/** Who is linked to whom: the topologies a scenario can ask for. */
import { z } from 'zod'
import { nodeIndex } from './selectorSchema.ts'

const line = z
  .strictObject({ kind: z.literal('line').describe('Each node with the next.') })
  .meta({ id: 'Line', title: 'line' })

const ring = z
  .strictObject({ kind: z.literal('ring').describe('A line whose ends are linked.') })
  .meta({ id: 'Ring', title: 'ring' })

const star = z
  .strictObject({ kind: z.literal('star').describe('Node 0 with every other.') })
  .meta({ id: 'Star', title: 'star' })

const complete = z
  .strictObject({ kind: z.literal('complete').describe('Everyone with everyone.') })
  .meta({ id: 'Complete', title: 'complete' })

const randomRegular = z
  .strictObject({
    kind: z
      .literal('random-regular')
      .describe('Every node has the same number of links, else they are random.'),
    degree: z.number().int().min(1).max(99).describe('Links of each node.'),
  })
  .meta({ id: 'RandomRegular', title: 'random-regular' })

const smallWorld = z
  .strictObject({
    kind: z
      .literal('small-world')
      .describe(
        'Neighbours on a circle, of whose links a share leads elsewhere (Watts, Strogatz).',
      ),
    degree: z.number().int().min(2).max(98).describe('Links to the nearest on the circle; even.'),
    rewired: z
      .number()
      .min(0)
      .max(1)
      .default(0.1)
      .describe('Share of the links that lead elsewhere.'),
  })
  .meta({ id: 'SmallWorld', title: 'small-world' })

const geographic = z
  .strictObject({
    kind: z
      .literal('geographic')
      .describe('Each node links to those with the least latency and to some at random.'),
    near: z.number().int().min(0).max(99).default(5).describe('Links of each node to the nearest.'),
    far: z.number().int().min(0).max(99).default(3).describe('Links of each node to anyone.'),
  })
  .meta({ id: 'Geographic', title: 'geographic' })

const edges = z
  .strictObject({
    kind: z.literal('edges').describe('These links.'),
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
