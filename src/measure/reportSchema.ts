/**
 * The form of `report.json`, as data: every field with its meaning. The types of the report, the check of a file that is
 * read, `docs/report.md` and `docs/report.schema.json` are made from it.
 *
 * Times are milliseconds, rounded to microseconds. What there are many of is written as rows, not as objects.
 */
import { z } from 'zod'
import { blocks, transactions } from './figureSchema.ts'
import { DEFINITIONS } from './definitions.ts'
import { experimentRecordSchema } from './experiment/experimentRecord.ts'
import { ROUTES } from '../item/route.ts'
import { REPORT_VERSION } from './reportTerms.ts'
import { scenarioRecordSchema } from './scenarioRecord.ts'

const ms = z.number()
const count = z.number().int().min(0)
const share = z.number().nullable()
const msOrNull = z.number().nullable()

const clockOfMachine = z
  .object({
    nodes: z.array(count).describe('Who reads it.'),
    startOffsetMs: msOrNull.describe(
      'Ahead of the clock of who measured by this at the start; null if nothing was heard then.',
    ),
    endOffsetMs: msOrNull.describe('The same at the end: clocks drift. In between, interpolated.'),
    errorMs: ms.describe('Bound on that offset.'),
  })
  .meta({ id: 'ClockOfMachine', title: 'A clock' })

const clockCheck = z
  .object({
    maxOffsetMs: ms.describe('Largest offset found.'),
    errorMs: ms.describe('Largest bound on the error of one.'),
  })
  .meta({ id: 'ClockCheck', title: 'Check of a clock' })

const clock = z
  .object({
    source: z
      .enum(['host-monotonic', 'status-exchange'])
      .describe(
        'host-monotonic: all nodes read the monotonic clock of one machine. status-exchange: they read several, and every time was corrected by what the peers heard of each other.',
      ),
    errorMs: ms.describe(
      'No time between sightings of two nodes is wrong by more than this; 0 on one clock.',
    ),
    residualMs: ms.describe('What the pairs disagree by among themselves, at most.'),
    clocks: z
      .array(clockOfMachine)
      .describe('The clocks that were read; times are told on the clock of who measured.'),
    pairErrorMs: z
      .array(z.array(ms))
      .describe('By two positions in `clocks`: the bound for times between nodes of the two.'),
    check: clockCheck
      .nullable()
      .describe(
        'What the status exchanges between nodes of one clock found, which should be nothing; null without any.',
      ),
  })
  .meta({ id: 'ClockReport', title: 'Clock' })

const machine = z
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
    refusedBytes: count.describe('Bytes of copies on gossip streams that were refused.'),
    openBytes: count.describe(
      'Bytes of copies on gossip streams that had no verdict at the end, or were held.',
    ),
    otherBytes: count.describe(
      'All other bytes on gossip streams: control messages, subscriptions, framing, and what the router dropped or refused by itself.',
    ),
    requestedBytes: count.describe(
      'Bytes of accepted copies that came in answers to requests. They are not on gossip streams and no part of `bytesReceived`.',
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
const settings = z.record(z.string(), settingValue)

const peer = z
  .object({
    index: count.describe('By this number the rows of `spreads` call the node.'),
    peerId: z.string(),
    region: z.string().optional().describe('Where the run gives its nodes regions.'),
    mesh: z
      .record(z.string(), count)
      .describe('Mesh degree by topic at the end of the load; empty if the peer did not answer.'),
    traffic: peerTraffic
      .nullable()
      .describe('Null for a peer that did not answer at both ends of the run.'),
    settings: settings.describe('What this peer has set other than the rest.'),
  })
  .meta({ id: 'PeerReport', title: 'Peer' })

const traffic = z
  .object({
    peers: count.describe('Peers that answered at both ends of the run; all sums are over them.'),
    total: peerTraffic,
    amplification: share.describe(
      'Bytes received on gossip streams over payload bytes of first copies.',
    ),
  })
  .meta({ id: 'TrafficReport', title: 'Traffic of all peers' })

const fault = z
  .object({
    atMs: ms.describe('After the start of the run.'),
    untilMs: ms.optional().describe('When it was over, where it has an end.'),
    kind: z.string().describe('A stable word, such as `peer-exit`.'),
    detail: z.string().describe('One phrase for people.'),
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
        'Nodes that were live when it entered and had not accepted it by `observedMs`. With those of `first` they are all nodes that should have got it.',
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

const knownAfter = z.object({
  count: count.describe('Nodes, over all that happened.'),
  p50: ms,
  p99: ms,
  max: ms,
})
const heldWrongly = z.object({
  members: count.describe('Members of whom it was held.'),
  holders: count.describe('Nodes that held it, over all these members.'),
})
const memberFigures = z
  .object({
    deathKnownMs: knownAfter
      .nullable()
      .describe('From the death of a node until another held it dead; null where none died.'),
    leaveKnownMs: knownAfter
      .nullable()
      .describe('From the leave of a node until another knew; null where none left.'),
    suspectedUp: heldWrongly.describe('Who was suspected and ran.'),
    heldDeadUp: heldWrongly.describe('Who was held dead and ran.'),
    aliveHeldDead: count.describe(
      'Pairs of a running node and a running member that it holds dead in the end.',
    ),
    deadHeldAlive: count.describe(
      'Pairs of a running node and a member that is gone and that it holds for live in the end.',
    ),
  })
  .meta({ id: 'MemberFigures', title: 'Members' })

const simulation = z
  .object({
    engine: z.enum(['node', 'router']).describe('What each node was: whole, or its router alone.'),
    traceHash: z
      .string()
      .describe('Of all that the nodes saw, and when: the same for the same scenario and seed.'),
    events: count.describe('Things that happened: arrivals, timers, dials.'),
    virtualMs: ms.describe('How long the network lived, its start and its end included.'),
    wallMs: ms.describe('How long it took to simulate.'),
    peakRssBytes: count.describe('Largest resident memory, by the account of the system.'),
    costsMs: z
      .record(z.string(), z.number())
      .describe(
        'What was charged to each node in virtual time for work that was done once for all.',
      ),
    spreadsKept: count.describe(
      'Items whose rows are in `spreads`: in a large network some of many, with some of their later copies. All figures are over everything.',
    ),
    members: memberFigures
      .optional()
      .describe('What whole nodes knew of each other, against what was true.'),
    isCut: z
      .boolean()
      .describe('The run ended before its end: by hand, or because its memory was nearly full.'),
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
      'Times that two nodes held final what does not go together; of a real run, nodes that learnt of it.',
    ),
    evidenceAtNodes: count.describe('Nodes that have a proof that a signer contradicts itself.'),
    times: count.describe('Blocks that became final, counted at each node.'),
    p50Ms: ms
      .nullable()
      .describe(
        'Median of the time from a block on the chain of a node to its finality there. Of a real run, the median over the nodes of theirs.',
      ),
    p99Ms: ms
      .nullable()
      .describe('The same, of 99 in 100. Of a real run, the highest that a node tells.'),
  })
  .meta({ id: 'Finality', title: 'Finality' })

/** Schema of a report. */
export const reportSchema = z
  .object({
    version: z.literal(REPORT_VERSION).describe('Version of this form.'),
    grapevine: z.string().describe('Name, version and platform of the program.'),
    commit: z
      .string()
      .nullable()
      .describe(
        'Commit that the program was run from, with `-dirty` behind it where its files had been changed; null where the program is not in a clone.',
      ),
    command: z
      .string()
      .nullable()
      .describe(
        'Command line of the run, names and passwords in URLs left out; null where there was none.',
      ),
    versions: z.record(z.string(), z.string()).describe('Versions of what carries the messages.'),
    startedAt: z.string().describe('Start of the run by the calendar, RFC 3339.'),
    scenario: scenarioRecordSchema
      .nullable()
      .describe('What the run was made from; null where it was made from options.'),
    seed: z.number().nullable().describe('Seed of the plan; null where nothing was drawn.'),
    nodes: count.describe('Nodes of the network, those that went away included.'),
    durationMs: ms.describe('From the first submission to the end of the load.'),
    observedMs: ms.describe(
      'From the start of the run to the last reading of what the peers had seen. What had not arrived by then counts as never arrived.',
    ),
    ratePerS: z.number().describe('Transactions per second asked for.'),
    transactions: transactions.describe('How transactions spread, and what became of them.'),
    blocks: blocks.describe('How blocks spread.'),
    traffic: traffic.describe('What it cost on the wire.'),
    finality: finality
      .nullable()
      .default(null)
      .describe('What became final; null where nothing could, and in older reports.'),
    faults: z.array(fault).describe('What went wrong, or was made to, in order of time.'),
    clock: clock.describe('Where times come from and how far they may be wrong.'),
    machine: machine.describe(
      'Where the measurement ran; the peers ran there too unless several clocks were read.',
    ),
    loadPerCore: z
      .number()
      .describe(
        'Processes that wanted a core of that machine, per core, over the last minute of the run: above 1, times hold waits for a processor.',
      ),
    crypto: z
      .record(z.string(), z.string())
      .describe(
        'Which implementations hashed and recovered on that machine: different paths do not compare.',
      ),
    sightingsLost: count.describe(
      'Sightings that were overwritten before they were read: above 0 the figures are incomplete.',
    ),
    topics: z.record(z.string(), z.string()).describe('Topic names of `tx` and `block`.'),
    settings: settings.describe('Settings that all peers share; paths and ports left out.'),
    peers: z.array(peer).describe('In the order of their index.'),
    definitions: z
      .record(z.string(), z.string())
      .describe('What each term of a report means, so that a report stands by itself.'),
    citation: z
      .object({ text: z.string(), bibtex: z.string() })
      .describe('How to cite this run, as a sentence and for BibTeX.'),
    simulation: simulation
      .optional()
      .describe('How it was simulated, where it was: all times are virtual.'),
    experiment: experimentRecordSchema
      .optional()
      .describe('The experiment that it is a run of, where it is.'),
    spreads: z
      .object({ transactions: z.array(spread), blocks: z.array(spread) })
      .describe('How every item spread: all figures above follow from it.'),
  })
  .meta({ title: 'Report' })
