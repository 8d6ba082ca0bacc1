/** Where nodes stand and what that means for the links between them. */
import { z } from 'zod'

const weights = z
  .record(z.string(), z.number().min(0))
  .optional()
  .describe(
    'Other weights, by region: of the nodes, each region gets its share. 0 leaves it empty.',
  )

const common = {
  only: z.array(z.string()).min(1).optional().describe('Of the table, these regions alone.'),
  weights,
  atLeast: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('Nodes that a region gets at least, however small its weight.'),
}

const builtIn = <const Table extends string>(table: Table, sentence: string, title: string) =>
  z
    .strictObject({ table: z.literal(table).describe(sentence), ...common })
    .meta({ id: title, title: table })

const own = z
  .strictObject({
    table: z.literal('own').describe('Regions of your own.'),
    latencyMs: z
      .record(z.string(), z.record(z.string(), z.number().min(0).max(60_000)))
      .describe(
        'One-way latency by region and region, those inside a region included. One direction will do; given both, the mean counts.',
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
      .describe('Where they are, for the map.'),
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
