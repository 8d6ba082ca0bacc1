/** The scenario a run was made from, as a report keeps it: enough to run it again and to compute its bound. */
import { z } from 'zod'
import type { Immutable } from '../lib/records.ts'

const index = z.number().int().min(0)

/** Schema of the scenario in a report. */
export const scenarioRecordSchema = z
  .object({
    name: z.string(),
    seed: z.number().int().min(0).describe('Same scenario and seed, same plan.'),
    description: z.string().describe('What the scenario is to show.'),
    definition: z.unknown().describe('The scenario with every default filled in.'),
    regions: z.array(z.string().nullable()).describe('Region of each node, by its index.'),
    places: z
      .record(z.string(), z.object({ lat: z.number(), lon: z.number() }))
      .describe('Where the regions are, degrees.'),
    links: z
      .array(z.object({ a: index, b: index, latencyMs: z.number().min(0) }))
      .describe('The links that were planned, with the one-way latency they were given.'),
  })
  .meta({ id: 'ScenarioRecord', title: 'Scenario' })

/** A scenario as a report keeps it. */
export type ScenarioRecord = Immutable<z.infer<typeof scenarioRecordSchema>>
