/**
 * The form of a scenario, as data: every field with its meaning and default. The check of a file,
 * `docs/scenario.md` and `docs/scenario.schema.json` are made from it.
 */
import { z } from 'zod'
import { against, faultSchema, hostileKind, mbit } from './faultSchema.ts'
import { regionsSchema } from './regionSchema.ts'
import { questionSchema } from './questions.ts'
import { ROUTER_NAMES, type RouterName } from './routerNames.ts'
import { nodeIndex, selectorSchema } from './selectorSchema.ts'
import { topologySchema, type Topology } from './topologySchema.ts'
import { workloadSchema } from './workloadSchema.ts'

/** Nodes of a scenario; so many only a simulation runs. */
export const MAX_SCENARIO_NODES = 200_000
/** Nodes that are started for real, on one machine. */
export const MAX_REAL_NODES = 100
/** Processes that share nodes. */
export const MAX_PROCESSES = 64

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
    .describe(
      'Upload bandwidth of a node over all its links together, Mbit/s. Default: unlimited.',
    ),
  downMbit: mbit.optional().describe('Download bandwidth of a node, Mbit/s. Default: unlimited.'),
  router: routerSchema.optional().describe('Parameters of gossipsub by name.'),
  floodPublish: z
    .boolean()
    .optional()
    .describe(
      'Whether a node sends its own transactions to all neighbours instead of to its mesh only.',
    ),
  validationMs: z
    .number()
    .int()
    .min(0)
    .max(5_000)
    .optional()
    .describe('Time added to the validation of every item, ms.'),
  settings: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
    .optional()
    .describe(
      'Other settings of a node by name, as in docs/settings.md, such as `{ minTip: 2 }`. Settings that must differ from node to node, such as ports, are refused.',
    ),
}

const everyNode = z.strictObject(traits).meta({ id: 'EveryNode', title: 'Every node' })

const nodeClass = z
  .strictObject({
    name: z.string().min(1).describe('Name of the class.'),
    share: z
      .number()
      .gt(0)
      .max(1)
      .optional()
      .describe('Share of all nodes, chosen at random with the seed.'),
    count: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('Alternatively: number of nodes, chosen at random with the seed.'),
    nodes: z.array(nodeIndex).min(1).optional().describe('Alternatively: these nodes.'),
    ...traits,
    hostile: hostileKind
      .optional()
      .describe(
        'The nodes misbehave from the start: such a node does one of these. ' +
          (hostileKind.description ?? ''),
      ),
    against,
  })
  .meta({ id: 'NodeClass', title: 'Class of nodes' })

const moreLinks = z
  .strictObject({
    from: selectorSchema.describe('Nodes that dial.'),
    to: selectorSchema.describe('Nodes that are dialled.'),
    each: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('Number of nodes that each dials, chosen at random with the seed. Default: all.'),
  })
  .meta({ id: 'MoreLinks', title: 'More links' })

const links = z
  .strictObject({
    latencyMs: z
      .number()
      .min(0)
      .max(60_000)
      .optional()
      .describe('One-way latency of every link, ms. Only without `regions`. Default: 0.'),
    jitterMs: z
      .number()
      .min(0)
      .max(10_000)
      .optional()
      .describe('Standard deviation of the latency, ms. Default: that of the table of regions.'),
    loss: z
      .number()
      .min(0)
      .max(0.9)
      .default(0)
      .describe(
        'Share of lost packets. TCP retransmits a lost packet, so a loss delays data and does not drop it.',
      ),
  })
  .meta({ id: 'Links', title: 'Links' })

/** Schema of a scenario file. */
export const scenarioSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*$/, 'expected small letters, digits and dashes')
      .describe('Short name, the same as the name of the file.'),
    shows: z.string().min(1).describe('One sentence that says what a run shows.'),
    seed: z
      .number()
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .default(1)
      .describe(
        'Seed of everything random. The same scenario and seed give the same plan of links, transactions and faults.',
      ),
    nodes: z
      .number()
      .int()
      .min(2)
      .max(MAX_SCENARIO_NODES)
      .describe('Number of nodes of the network, including nodes that join later.'),
    processes: z
      .number()
      .int()
      .min(1)
      .max(MAX_PROCESSES)
      .optional()
      .describe(
        'Number of processes that share the nodes, which take turns in them. Each process does one thing at a time, so a node waits while another works. In a simulation that work takes the time that was measured on real nodes. Default: a real run has a process for each node, or as `--in-process` says; in a simulation no node waits for another.',
      ),
    topology: topologySchema
      .optional()
      .describe(
        'Links of the network; the router chooses its meshes among them. Default: random-regular of degree 8, or complete for up to 9 nodes.',
      ),
    regions: regionsSchema
      .optional()
      .describe('Regions of the nodes; they determine the latency of links.'),
    moreLinks: z
      .array(moreLinks)
      .default([])
      .describe('Additional links, such as those of attackers to their victim.'),
    links: links.prefault({}).describe('Latency, jitter and loss of links.'),
    everyNode: everyNode.prefault({}).describe('Traits of all nodes.'),
    classes: z
      .array(nodeClass)
      .default([])
      .describe(
        'Groups of nodes whose traits differ. A node is in at most one class; earlier classes choose first.',
      ),
    workload: workloadSchema.prefault({}).describe('The load.'),
    faults: z.array(faultSchema).default([]).describe('Faults, with their times.'),
    questions: z
      .array(questionSchema)
      .default([])
      .describe(
        'Questions to the network, with their times. The report has each answer beside the true value.',
      ),
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
