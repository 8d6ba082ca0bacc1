/**
 * The figures of how items spread and of what members knew of each other, as the report has them.
 */
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
    count: count.describe('Number of values that are known.'),
    of: count.describe(
      'Number of values if every item had arrived everywhere. Percentiles are taken over all of these; an item that never arrived counts as slower than all that did.',
    ),
    p50: msOrNull.describe(
      'Median (nearest rank). This and the other figures are null where there are no values, and where the percentile falls among the missing values; `atLeast` then has a lower bound.',
    ),
    p90: msOrNull.describe('90th percentile.'),
    p99: msOrNull.describe('99th percentile.'),
    max: msOrNull.describe('Largest value.'),
    atLeast: lowerBounds
      .nullable()
      .describe(
        'Lower bounds of the figures that are null: each missing value is replaced by the time that it was waited for. Null where all values are known.',
      ),
    errorMs: ms.describe(
      'Largest error of these figures that the clocks can cause; 0 where all times were read from one clock.',
    ),
  })
  .meta({ id: 'LatencySummary', title: 'Summary of durations, ms' })

const hopFigures = z
  .object({
    hop: count.describe(
      'Depth in the tree of first copies; nodes of hop 1 received the item from the origin itself.',
    ),
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
      'Over all (item, node) pairs: the shortest path from the origin over the planned links, as if every node forwarded an item immediately. Nodes without a path are left out.',
    ),
    ratioP99: share.describe(
      'Measured p99 over p99 of this bound; null where either is not known or the bound is 0.',
    ),
  })
  .meta({ id: 'ShortestPathBound', title: 'Shortest paths' })

const regionPair = z
  .object({
    from: z.string().describe('Region of the origin.'),
    to: z.string().describe('Region of the receiving nodes.'),
    latencyMs: latencySummary,
  })
  .meta({ id: 'RegionLatency', title: 'Latency between two regions' })

const propagation = z
  .object({
    items: count.describe('Items whose entry into the network was seen.'),
    coverage: share.describe(
      'Accepted first copies divided by the live nodes other than the origin, both summed over items. It is 1 when every item reached every live node.',
    ),
    latencyMs: latencySummary.describe(
      'Over (item, node) pairs: from the time the item entered the network until the node accepted its first copy. Every node that was live when the item entered counts.',
    ),
    toCoverageMs: toCoverage.describe(
      'Over items: the time until this percentage of the other live nodes had accepted the item. An item that never reached the percentage counts as slower than all that did.',
    ),
    hops: z.array(hopFigures).describe('By hop, ascending.'),
    meanHop: share.describe('Mean hop over deliveries.'),
    duplicatesPerDelivery: share.describe('Copies after the first, divided by first copies.'),
    meshDegree: share.describe(
      'Mesh links of a peer on the topic, mean over peers and over readings throughout the run.',
    ),
    duplicatesOverMesh: share.describe(
      'Duplicates per delivery divided by (mesh degree - 2). It is 1 when all nodes send to all mesh neighbours at once; a half is the minimum for pushing.',
    ),
    bound: bound
      .nullable()
      .describe('Lower bound that the links alone set; null where the links were not planned.'),
    regions: z.array(regionPair).describe('Latency from region to region; empty without regions.'),
    validationMs: latencySummary.describe('From the stamp of a first copy to its verdict.'),
    queueMs: latencySummary.describe(
      'Time until the verifier had answered, signature recovery included. Where several copies wait for the same signature, it counts from the first request.',
    ),
    payloadBytes: count.describe('Bytes of accepted first copies.'),
    medianItem: z
      .string()
      .nullable()
      .describe('Hash of the item whose time to its last node is the median.'),
    worstItem: z
      .string()
      .nullable()
      .describe(
        'Hash of the item that took longest; where items did not reach all nodes, of the one that missed most.',
      ),
  })
  .meta({ id: 'Propagation', title: 'Propagation figures' })

/** Schema of the figures of transactions. */
export const transactions = propagation
  .extend({
    submitted: count.describe("Transactions handed to the peers' JSON-RPC."),
    accepted: count.describe('Number of those that the receiving peer accepted.'),
    included: count.describe(
      'Number of those that were in a block of the canonical chain when the run ended.',
    ),
    refusals: z.record(z.string(), count).describe('Number of refusals by reason.'),
    sentLateMs: latencySummary.describe(
      'How late the load generator sent, compared with its plan (open loop). A timer may fire a fraction of a millisecond early; that counts as 0.',
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
        'Number of the head block at the end; null if the peers that answered did not agree on one.',
      ),
  })
  .meta({ id: 'BlockReport', title: 'Blocks' })

const knownAfter = z.object({
  count: count.describe('Number of values: one for each event and each node that learned of it.'),
  p50: ms,
  p99: ms,
  max: ms,
})
const heldWrongly = z.object({
  members: count.describe('Members that were wrongly held so.'),
  holders: count.describe('Nodes that held it, summed over these members.'),
})
/** What nodes knew of each other, beside what was true. */
export const memberFigures = z
  .object({
    deathKnownMs: knownAfter
      .nullable()
      .describe(
        'Time from the death of a node until another node held it dead, for all that ran when it died; null where no node learned of one.',
      ),
    leaveKnownMs: knownAfter
      .nullable()
      .describe(
        'Time from when a node began to leave until another node knew of it, for all that ran then; null where no node learned of one.',
      ),
    suspectedUp: heldWrongly.describe(
      'Members that were suspected while they ran and were not paused.',
    ),
    heldDeadUp: heldWrongly.describe(
      'Members that were held dead while they ran and were not paused.',
    ),
    aliveHeldDead: count.describe(
      'Pairs of a running node and a running member that the node holds dead at the end.',
    ),
    deadHeldAlive: count.describe(
      'Pairs of a running node and a member that is gone but that the node holds live at the end.',
    ),
  })
  .meta({ id: 'MemberFigures', title: 'Members' })
