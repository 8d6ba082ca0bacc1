/** Where nodes stand and what that means for the links between them. */
import { z } from 'zod'

const weights = z
  .record(z.string(), z.number().min(0))
  .optional()
  .describe(
    'Weights that replace those of the table, by region. Each region gets nodes in proportion to its weight; 0 leaves it empty.',
  )

const common = {
  only: z.array(z.string()).min(1).optional().describe('Use only these regions of the table.'),
  weights,
  atLeast: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe(
      'Minimum number of nodes in each region. With too few nodes for it, such as after `--nodes`, it is lowered to the number of nodes divided by the number of regions, rounded down.',
    ),
}

const builtIn = <const Table extends string>(table: Table, sentence: string, title: string) =>
  z
    .strictObject({ table: z.literal(table).describe(sentence), ...common })
    .meta({ id: title, title: table })

const own = z
  .strictObject({
    table: z.literal('own').describe('Regions that the scenario defines.'),
    latencyMs: z
      .record(z.string(), z.record(z.string(), z.number().min(0).max(60_000)))
      .describe(
        'One-way latency between two regions and inside a region, ms. One direction is enough; if both are given, their mean is used.',
      ),
    places: z
      .record(
        z.string(),
        z.strictObject({
          lat: z.number().min(-90).max(90).describe('Degrees north.'),
          lon: z.number().min(-180).max(180).describe('Degrees east.'),
        }),
      )
      .default({})
      .describe('Positions of the regions, for the map.'),
    ...common,
  })
  .meta({ id: 'OwnRegions', title: 'own' })

/** Schema of the regions of a scenario. */
export const regionsSchema = z
  .discriminatedUnion('table', [
    builtIn(
      'interop-8',
      'Eight regions with their weights, as gossipsub-interop simulates them (one-way ms, a pessimistic table).',
      'Interop8',
    ),
    builtIn(
      'aws',
      'The 33 regions of AWS by cloudping.co: half the median round trip, jitter from the 90th percentile.',
      'Aws',
    ),
    own,
  ])
  .meta({ id: 'Regions', title: 'Regions' })

/** The regions as a scenario says them. */
export type RegionSettings = z.infer<typeof regionsSchema>
