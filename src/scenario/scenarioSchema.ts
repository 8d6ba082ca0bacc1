/**
 * The form of a scenario, as data: every field with its meaning and default. The check of a file, `docs/scenario.md` and
 * `docs/scenario.schema.json` are made from it.
 */
import { z } from 'zod'
import { against, faultSchema, hostileKind, mbit } from './faultSchema.ts'
import { regionsSchema } from './regionSchema.ts'
import { ROUTER_NAMES, type RouterName } from './routerNames.ts'
import { nodeIndex, selectorSchema } from './selectorSchema.ts'
import { topologySchema, type Topology } from './topologySchema.ts'
import { workloadSchema } from './workloadSchema.ts'

/** Nodes of a scenario; so many only a simulation runs. */
export const MAX_SCENARIO_NODES = 200_000
/** Nodes that are started for real, on one machine. */
export const MAX_REAL_NODES = 100

const routerSchema = z
  .strictObject(routerFields())
  .meta({ id: 'Router', title: 'Router parameters' })

function routerFields(): Record<RouterName, z.ZodOptional<z.ZodNumber>> {
  const field = ([name, sentence]: [string, string]) => [
    name,
    z.number().min(0).optional().describe(sentence),
  ]
  return Object.fromEntries(Object.entries(ROUTER_NAMES).map(field)) as Record<
    RouterName,
    z.ZodOptional<z.ZodNumber>
  >
}

/** What may be set for all nodes, and for those of a class otherwise. */
const traits = {
  upMbit: mbit
    .optional()
    .describe('Mbit/s that a node can send over all its links together; unbounded if left out.'),
  downMbit: mbit.optional().describe('Mbit/s that it can receive; unbounded if left out.'),
  router: routerSchema.optional().describe('Parameters of gossipsub by name.'),
  floodPublish: z
    .boolean()
    .optional()
    .describe('Whether own transactions go to all neighbours rather than to the mesh alone.'),
  validationMs: z
    .number()
    .int()
    .min(0)
    .max(5_000)
    .optional()
    .describe('Time that judging an item takes on top of what it takes.'),
  settings: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
    .optional()
    .describe(
      'Any other setting of a node by its name, as in docs/settings.md, such as `{ minTip: 2 }`; not those that each node must have for itself.',
    ),
}

const everyNode = z.strictObject(traits).meta({ id: 'EveryNode', title: 'Every node' })

const nodeClass = z
  .strictObject({
    name: z.string().min(1).describe('What the class is called.'),
    share: z.number().gt(0).max(1).optional().describe('Share of all nodes, drawn with the seed.'),
    count: z.number().int().min(1).optional().describe('Or: so many, drawn with the seed.'),
    nodes: z.array(nodeIndex).min(1).optional().describe('Or: these.'),
    ...traits,
    hostile: hostileKind
      .optional()
      .describe('They misbehave from the beginning. ' + (hostileKind.description ?? '')),
    against,
  })
  .meta({ id: 'NodeClass', title: 'Class of nodes' })

const moreLinks = z
  .strictObject({
    from: selectorSchema.describe('Who dials.'),
    to: selectorSchema.describe('Who is dialled.'),
    each: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('How many of them each dials, drawn with the seed; all if left out.'),
  })
  .meta({ id: 'MoreLinks', title: 'More links' })

const links = z
  .strictObject({
    latencyMs: z
      .number()
      .min(0)
      .max(60_000)
      .optional()
      .describe('One way, for every link. Only without `regions`; 0 if left out.'),
    jitterMs: z
      .number()
      .min(0)
      .max(10_000)
      .optional()
      .describe('Standard deviation of the latency; that of the table of regions if left out.'),
    loss: z
      .number()
      .min(0)
      .max(0.9)
      .default(0)
      .describe(
        'Share of lost packets. Each costs the time of its retransmission: TCP loses nothing.',
      ),
  })
  .meta({ id: 'Links', title: 'Links' })

/** Schema of a scenario file. */
export const scenarioSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*$/, 'expected small letters, digits and dashes')
      .describe('A short name, as its file is called.'),
    shows: z.string().min(1).describe('One sentence: what a run of it shows.'),
    seed: z
      .number()
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .default(1)
      .describe('Same scenario and seed, same plan of links, transactions and faults.'),
    nodes: z
      .number()
      .int()
      .min(2)
      .max(MAX_SCENARIO_NODES)
      .describe('Nodes of the network, those that join late included.'),
    topology: topologySchema
      .optional()
      .describe(
        'Who is linked to whom; the meshes are chosen among these links. Random-regular of degree 8 if left out, complete for up to 9 nodes.',
      ),
    regions: regionsSchema.optional().describe('Where nodes stand; gives links their latency.'),
    moreLinks: z
      .array(moreLinks)
      .default([])
      .describe('Links beside those of the topology, such as those of attackers to their victim.'),
    links: links.prefault({}).describe('How links carry bytes.'),
    everyNode: everyNode.prefault({}).describe('What holds for every node.'),
    classes: z
      .array(nodeClass)
      .default([])
      .describe('Nodes that differ. A node is in one class at most; earlier classes choose first.'),
    workload: workloadSchema.prefault({}).describe('The load.'),
    faults: z.array(faultSchema).default([]).describe('What is made to happen, and when.'),
    warmupS: z
      .number()
      .min(0)
      .max(3_600)
      .default(5)
      .describe('Seconds of load before the measurement begins.'),
    durationS: z
      .number()
      .gt(0)
      .max(86_400)
      .default(30)
      .describe('Seconds of load that are measured.'),
  })
  .meta({ title: 'Scenario' })

/** A scenario as it was written, its defaults filled in but for the topology. */
export type WrittenScenario = z.infer<typeof scenarioSchema>
/** A scenario with every default filled in. */
export type Scenario = WrittenScenario & { readonly topology: Topology }
/** Nodes that differ from the rest: which they are and what holds for them. */
export type NodeClass = Scenario['classes'][number]
/** What a scenario sets for a node: bandwidth, router parameters and settings. */
export type NodeTraits = Scenario['everyNode']
