/**
 * The form of `report.json`, as data: every field with its meaning. The types of the report, the
 * check of a file that is read, `docs/report.md` and `docs/report.schema.json` are made from it.
 *
 * Times are milliseconds, rounded to microseconds. What there are many of is written as rows, not
 * as objects.
 */
import { z } from 'zod'
import { blocks, memberFigures, transactions } from './figureSchema.ts'
import { DEFINITIONS } from './definitions.ts'
import { experimentRecordSchema } from './experiment/experimentRecord.ts'
import { ROUTES } from '../item/route.ts'
import { REPORT_VERSION } from './reportTerms.ts'
import { questionRecordSchema, scenarioRecordSchema } from './scenarioRecord.ts'

const ms = z.number()
const count = z.number().int().min(0)
const share = z.number().nullable()
const msOrNull = z.number().nullable()

const clockOfMachine = z
  .object({
    nodes: z.array(count).describe('Nodes that read this clock.'),
    startOffsetMs: msOrNull.describe(
      'How far this clock was ahead of the clock of the measuring program at the start; null if it was not measured then.',
    ),
    endOffsetMs: msOrNull.describe(
      'The same at the end, since clocks drift. Offsets in between are interpolated.',
    ),
    errorMs: ms.describe('Bound on that offset.'),
  })
  .meta({ id: 'ClockOfMachine', title: 'A clock' })

const clockCheck = z
  .object({
    maxOffsetMs: ms.describe('Largest offset found.'),
    errorMs: ms.describe('Largest error bound of an offset.'),
  })
  .meta({ id: 'ClockCheck', title: 'Check of a clock' })

const clock = z
  .object({
    source: z
      .enum(['host-monotonic', 'status-exchange'])
      .describe(
        'host-monotonic: all nodes read the monotonic clock of one machine. status-exchange: they read several clocks, and every time was corrected by the clock offsets that the peers measured between each other.',
      ),
    errorMs: ms.describe(
      'Largest error of the time between sightings of two nodes; 0 where all read one clock.',
    ),
    residualMs: ms.describe('Largest disagreement between the offsets measured by pairs of nodes.'),
    clocks: z
      .array(clockOfMachine)
      .describe(
        'The clocks that were read. Times are given on the clock of the measuring program.',
      ),
    pairErrorMs: z
      .array(z.array(ms))
      .describe(
        'Largest error of times between nodes of two clocks, indexed by the positions of both in `clocks`.',
      ),
    check: clockCheck
      .nullable()
      .describe(
        'Offsets that the status exchanges found between nodes that read the same clock. They should be about 0. Null where there were no such exchanges.',
      ),
  })
  .meta({ id: 'ClockReport', title: 'Clock' })

/** The form of a machine. */
export const machineSchema = z
  .object({
    cpu: z.string(),
    cores: count,
    memoryGiB: count,
    platform: z.string().describe('Operating system and architecture.'),
    kernel: z
      .string()
      .nullable()
      .describe('Release of the operating system; null where it is not known.'),
    node: z.string().describe('Version of Node.js.'),
  })
  .meta({ id: 'MachineReport', title: 'Machine' })

const host = z
  .object({
    nodes: z.array(count).describe('Indexes of the nodes that run there.'),
    isMeasuring: z.boolean().describe('Whether the measurement ran there too.'),
    machine: machineSchema,
    loadPerCore: z
      .number()
      .describe('Processes that ran or waited for a core, per core, at the end of the run.'),
    crypto: z
      .record(z.string(), z.string())
      .describe('Implementations that hashed and recovered signatures in these nodes.'),
    client: z.string().describe('Name and version of the program of these nodes.'),
  })
  .meta({ id: 'HostReport', title: 'Host of nodes' })

const controlCounts = z
  .object({ ihave: count, iwant: count, idontwant: count, graft: count, prune: count })
  .meta({ id: 'ControlCounts', title: 'Control messages by kind' })

const peerTraffic = z
  .object({
    bytesSent: count.describe('Bytes of gossip frames sent, length prefixes included.'),
    bytesReceived: count.describe(
      'Bytes of gossip frames received, and of copies that waited for their verdict when the run began. The sum of `payloadBytes`, `duplicateBytes`, `refusedBytes`, `openBytes` and `otherBytes`.',
    ),
    framesSent: count,
    framesReceived: count,
    payloadBytes: count.describe('Bytes of accepted first copies on gossip streams.'),
    duplicateBytes: count.describe('Bytes of copies after the first on gossip streams.'),
    refusedBytes: count.describe(
      'Bytes of copies on gossip streams that were refused, or held and given up.',
    ),
    openBytes: count.describe(
      'Bytes of copies on gossip streams that had no verdict when the run ended, or were held then.',
    ),
    otherBytes: count.describe(
      'All other bytes on gossip streams: control messages, subscriptions, framing, and messages that the router dropped or refused by itself.',
    ),
    requestedBytes: count.describe(
      'Bytes of accepted copies that came in answers to requests. They did not come over gossip streams and are not part of `bytesReceived`.',
    ),
    controlSent: controlCounts,
    controlReceived: controlCounts,
  })
  .meta({ id: 'Traffic', title: 'Traffic on gossip streams during the run' })

const settingValue = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.string()),
  z.record(z.string(), z.number()),
])
/** Schema of the settings of a node, by name. */
export const settingsSchema = z.record(z.string(), settingValue)

const peer = z
  .object({
    index: count.describe('Number of the node; the rows of `spreads` refer to nodes by it.'),
    peerId: z.string(),
    region: z
      .string()
      .optional()
      .describe('Region of the node; absent where the run has no regions.'),
    mesh: z
      .record(z.string(), count)
      .describe('Mesh degree by topic at the end of the load; empty if the peer did not answer.'),
    traffic: peerTraffic
      .nullable()
      .describe('Null for a peer that did not answer at both ends of the run.'),
    settings: settingsSchema.describe(
      'Settings in which this peer differs from the settings that all share.',
    ),
  })
  .meta({ id: 'PeerReport', title: 'Peer' })

const traffic = z
  .object({
    peers: count.describe('Peers that answered at both ends of the run; all sums are over them.'),
    total: peerTraffic,
    amplification: share.describe(
      'Bytes received on gossip streams, divided by payload bytes of first copies.',
    ),
  })
  .meta({ id: 'TrafficReport', title: 'Traffic of all peers' })

const fault = z
  .object({
    atMs: ms.describe('Time after the start of the run.'),
    untilMs: ms.optional().describe('End of the fault; absent where it has none.'),
    kind: z.string().describe('Stable name of the kind, such as `peer-exit`.'),
    detail: z.string().describe('Short description for people.'),
  })
  .meta({ id: 'Fault', title: 'Fault' })

const route = z
  .enum(ROUTES)
  .meta({ id: 'Route', title: 'How a copy came', description: DEFINITIONS['route'] })

const firstCopy = z
  .tuple([count, count.nullable(), ms, ms, ms, count.nullable(), route])
  .meta({ id: 'FirstCopy', title: 'Row of a first copy' })

const laterCopy = z
  .tuple([count, count.nullable(), ms, route])
  .meta({ id: 'LaterCopy', title: 'Row of a later copy' })

const spread = z
  .object({
    hash: z.string(),
    origin: count.describe('The node where the item entered the network.'),
    atMs: ms.describe('When it entered, after the start of the run.'),
    bytes: count,
    missed: z
      .array(count)
      .describe(
        'Nodes that were live when it entered and had not accepted it by `observedMs`. Together with the nodes in `first` they are all nodes that should have received it.',
      ),
    first: z
      .array(firstCopy)
      .describe(
        'The first copy each other node accepted, in order of arrival: node, from (null: not a peer of the run), received, judged, wait for the verifier, hop (null: no way back to the origin), route. Times are after `atMs`.',
      ),
    later: z
      .array(laterCopy)
      .describe('Every copy after the first, in order of arrival: node, from, received, route.'),
  })
  .meta({ id: 'Spread', title: 'How one item spread' })

const simulation = z
  .object({
    engine: z
      .enum(['node', 'router'])
      .describe('`node`: every node was simulated whole. `router`: only its router was.'),
    traceHash: z
      .string()
      .describe(
        'Hash of everything that the nodes saw, with the times. The same scenario and seed give the same hash.',
      ),
    events: count.describe('Number of simulated events: arrivals, timers, dials.'),
    virtualMs: ms.describe('Virtual duration of the run, start and end of the network included.'),
    wallMs: ms.describe('Real duration of the simulation.'),
    peakRssBytes: count.describe('Largest resident memory as the operating system reports it.'),
    threads: count
      .optional()
      .describe(
        'Number of threads that shared the nodes. It changes nothing but the wall time and the memory.',
      ),
    costsMs: z
      .record(z.string(), z.number())
      .describe(
        'Virtual time charged to each node for work that the simulator did once for all nodes; to each process, where nodes share processes.',
      ),
    spreadsKept: count.describe(
      'Number of items whose rows are in `spreads`. A report of a large network keeps only some items and some of their later copies; all figures are taken over all of them.',
    ),
    isCut: z
      .boolean()
      .describe('Whether the run was ended early: by hand, or because memory was nearly full.'),
    problems: z
      .array(z.string())
      .optional()
      .describe('What the checkers found, one line each; absent where the run was not checked.'),
  })
  .meta({ id: 'Simulation', title: 'Simulation' })

const finality = z
  .object({
    finalized: count.describe('The highest block that any node held final.'),
    conflicts: count.describe(
      'Number of times that two nodes held conflicting blocks final. In a real run: number of nodes that learned of a conflict.',
    ),
    evidenceAtNodes: count.describe('Nodes that have a proof that a signer contradicted itself.'),
    times: count.describe('Number of blocks that became final, counted at each node.'),
    p50Ms: ms
      .nullable()
      .describe(
        'Median time from when a block joined the chain of a node until it was final there. In a real run: the median over the medians of the nodes.',
      ),
    p99Ms: ms
      .nullable()
      .describe(
        '99th percentile of the same time. In a real run: the highest that a node reports.',
      ),
  })
  .meta({ id: 'Finality', title: 'Finality' })

/** Schema of a report. */
export const reportSchema = z
  .object({
    version: z.literal(REPORT_VERSION).describe('Version of the report format.'),
    grapevine: z.string().describe('Name, version and platform of the program.'),
    commit: z
      .string()
      .nullable()
      .describe(
        'Git commit of the program, followed by `-dirty` where files had been changed; null where the program is not in a clone.',
      ),
    command: z
      .string()
      .nullable()
      .describe(
        'Command line of the run, without user names and passwords in URLs; null where there was none.',
      ),
    versions: z
      .record(z.string(), z.string())
      .describe('Versions of the libraries that carry the messages.'),
    startedAt: z.string().describe('Date and time at the start of the run, RFC 3339.'),
    scenario: scenarioRecordSchema
      .nullable()
      .describe('Scenario of the run; null where the run was described by options.'),
    seed: z.number().nullable().describe('Seed of the plan; null where nothing was random.'),
    nodes: count.describe(
      'Number of nodes that the network has or was to have, those that went away or were never started included.',
    ),
    durationMs: ms.describe(
      'Time from the begin of the load until all of it was sent and its last transaction was in a block or given up: it can be longer than the scenario says. Items that entered in this time count.',
    ),
    observedMs: ms.describe(
      'Time from the start of the run until the sightings of the peers were read for the last time. An item that had not arrived by then counts as never arrived.',
    ),
    ratePerS: z.number().describe('Requested transactions per second.'),
    transactions: transactions.describe(
      'How transactions spread, and how many were accepted and included.',
    ),
    blocks: blocks.describe('How blocks spread.'),
    traffic: traffic.describe('Traffic on the wire.'),
    finality: finality
      .nullable()
      .default(null)
      .describe('What became final; null where nothing could become final, and in older reports.'),
    members: memberFigures
      .nullable()
      .default(null)
      .describe(
        'What nodes knew of each other, compared with the truth, warm-up included. Null where the measuring program does not know when nodes came and went (`measure --rpc`), where only routers were simulated, and in older reports of real runs.',
      ),
    faults: z.array(fault).describe('Faults, both planned and unplanned, in order of time.'),
    questions: z
      .array(questionRecordSchema)
      .default([])
      .describe(
        'Questions that the scenario asked of the network, in order of time, with the true values.',
      ),
    clock: clock.describe('Clocks that the times were read from, and their largest error.'),
    machine: machineSchema.describe(
      'Where the measurement ran; the peers ran there too unless several clocks were read.',
    ),
    loadPerCore: z
      .number()
      .describe(
        'Processes of that machine that ran or waited for a core, per core, over the last minute of the run. Above 1, times include waiting for a core.',
      ),
    crypto: z
      .record(z.string(), z.string())
      .describe(
        'Implementations that hashed and recovered signatures on that machine. Results of different implementations are not comparable.',
      ),
    hosts: z
      .array(host)
      .default([])
      .describe(
        'Hosts on which the nodes ran, as they told: one row for each machine, and more where its nodes run different programs. Empty for simulations and in older reports.',
      ),
    sightingsLost: count.describe(
      'Sightings that were overwritten before they were read. Above 0, the figures are incomplete.',
    ),
    topics: z
      .record(z.string(), z.string())
      .describe('Topic names by kind of item (`tx`, `block`).'),
    settings: settingsSchema.describe('Settings that all peers share, without paths and ports.'),
    peers: z
      .array(peer)
      .describe(
        'One row for each node that was measured, in the order of their index: fewer than `nodes` where nodes were never started or not asked.',
      ),
    definitions: z
      .record(z.string(), z.string())
      .describe('Definition of each term, so that a report can be read by itself.'),
    citation: z
      .object({ text: z.string(), bibtex: z.string() })
      .describe('How to cite this run, as a sentence and for BibTeX.'),
    simulation: simulation
      .optional()
      .describe(
        'How the run was simulated; absent for a real run. All times of a simulated run are virtual.',
      ),
    experiment: experimentRecordSchema
      .optional()
      .describe('Experiment that the run belongs to; absent where there is none.'),
    spreads: z
      .object({ transactions: z.array(spread), blocks: z.array(spread) })
      .describe('How every item spread; all figures above are computed from it.'),
  })
  .meta({ title: 'Report' })
