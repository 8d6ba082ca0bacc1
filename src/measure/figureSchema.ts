/** The figures of how items spread, as the report has them. */
import { z } from 'zod'

const ms = z.number()
const count = z.number().int().min(0)
const share = z.number().nullable()
const msOrNull = z.number().nullable()

const lowerBounds = z
  .object({ p50: msOrNull, p90: msOrNull, p99: msOrNull, max: msOrNull })
  .meta({ id: 'LowerBounds', title: 'Lower bounds of figures that are not known' })

const latencySummary = z
  .object({
    count: count.describe('Values that are known.'),
    of: count.describe(
      'Values that there would be if everything had arrived. Percentiles are over all of these; what never arrived counts as slower than all that did.',
    ),
    p50: msOrNull.describe(
      'Median (nearest rank). This and the others are null without values, and where the percentile lies among the values that are not known: `atLeast` then has a lower bound.',
    ),
    p90: msOrNull.describe('90th percentile.'),
    p99: msOrNull.describe('99th percentile.'),
    max: msOrNull.describe('Largest value.'),
    atLeast: lowerBounds
      .nullable()
      .describe(
        'For each figure that is null, the least that it can be, from how long every missing value was waited for; null where all values are known.',
      ),
    errorMs: ms.describe(
      'No figure above is farther from the truth than this by the clocks it was read from; 0 where it was one clock.',
    ),
  })
  .meta({ id: 'LatencySummary', title: 'Summary of durations, ms' })

const hopFigures = z
  .object({
    hop: count.describe('Depth in the tree of first copies; 1 was told by the origin itself.'),
    deliveries: count.describe('Arrivals at this depth.'),
    delayMs: latencySummary.describe("A node's arrival minus its sender's arrival."),
    latencyMs: latencySummary.describe('Latency of the nodes at this depth.'),
  })
  .meta({ id: 'HopFigures', title: 'Figures of one hop' })

const toCoverage = z
  .object({
    50: latencySummary,
    90: latencySummary,
    95: latencySummary,
    99: latencySummary,
    100: latencySummary,
  })
  .meta({ id: 'ToCoverage', title: 'Time to coverage, by per cent of the nodes' })

const bound = z
  .object({
    latencyMs: latencySummary.describe(
      'Over all (item, node) pairs: the shortest way from the origin over the planned links, as if every node forwarded an item at once. Nodes without a way are left out.',
    ),
    ratioP99: share.describe(
      'Measured p99 over p99 of this bound; null where either is not known or the bound is 0.',
    ),
  })
  .meta({ id: 'ShortestPathBound', title: 'Shortest paths' })

const regionPair = z
  .object({
    from: z.string().describe('Region of the origin.'),
    to: z.string().describe('Region of the nodes told.'),
    latencyMs: latencySummary,
  })
  .meta({ id: 'RegionLatency', title: 'Latency between two regions' })

const propagation = z
  .object({
    items: count.describe('Items whose entry into the network was seen.'),
    coverage: share.describe(
      'Accepted first copies over the live nodes other than the origin, summed over items; 1 is everything everywhere.',
    ),
    latencyMs: latencySummary.describe(
      'Over (item, node) pairs: first copy judged accept, minus the time the item entered. A pair counts for every node that was live when the item entered.',
    ),
    toCoverageMs: toCoverage.describe(
      'Over items: when so many per cent of the other live nodes had accepted. Items that never got there count as slower than all that did.',
    ),
    hops: z.array(hopFigures).describe('By hop, ascending.'),
    meanHop: share.describe('Mean hop over deliveries.'),
    duplicatesPerDelivery: share.describe('Copies after the first, over first copies.'),
    meshDegree: share.describe(
      'Mesh links of a peer on the topic, mean over peers and over readings throughout the run.',
    ),
    duplicatesOverMesh: share.describe(
      'Duplicates per delivery over (mesh degree - 2): 1 is what a mesh sends when everyone sends to everyone at once, a half is the least that pushing can do.',
    ),
    bound: bound
      .nullable()
      .describe('What the links alone would allow; null where the links were not planned.'),
    regions: z.array(regionPair).describe('Latency from region to region; empty without regions.'),
    validationMs: latencySummary.describe('From the stamp of a first copy to its verdict.'),
    queueMs: latencySummary.describe(
      'Until the verifier had answered, recovery included; where several wait for one signature, since the first asked.',
    ),
    payloadBytes: count.describe('Bytes of accepted first copies.'),
    medianItem: z
      .string()
      .nullable()
      .describe('Hash of the item whose time to its last node is the median.'),
    worstItem: z
      .string()
      .nullable()
      .describe('Hash of the item that took longest, or fell short most.'),
  })
  .meta({ id: 'Propagation', title: 'Propagation figures' })

/** Schema of the figures of transactions. */
export const transactions = propagation
  .extend({
    submitted: count.describe("Transactions handed to the peers' JSON-RPC."),
    accepted: count.describe('Of those, accepted by the peer that got them.'),
    included: count.describe('Of those, in a block of the canonical chain when the run ended.'),
    refusals: z.record(z.string(), count).describe('Refusals by their stable word.'),
    sentLateMs: latencySummary.describe(
      'How late the load generator was against its own plan; open loop. A timer may fire a fraction of a ms early: that counts as 0.',
    ),
  })
  .meta({ id: 'TransactionReport', title: 'Transactions' })

/** Schema of the figures of blocks. */
export const blocks = propagation
  .extend({
    sealed: count.describe('Blocks sealed during the run.'),
    head: count
      .nullable()
      .describe(
        'Number of the head that the peers that answered agreed on at the end; null if they did not.',
      ),
  })
  .meta({ id: 'BlockReport', title: 'Blocks' })
