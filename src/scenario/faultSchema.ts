/** What a scenario can make happen to its network, each kind with its fields. */
import { z } from 'zod'
import { MISBEHAVIOUR_SENTENCES, MISBEHAVIOURS } from '../rehearsal/misbehaviour.ts'
import { groupSchema, nodeIndex, selectorSchema } from './selectorSchema.ts'

/** Schema of the name of a misbehaviour. */
export const hostileKind = z
  .enum(MISBEHAVIOURS)
  .describe(MISBEHAVIOURS.map((kind) => `\`${kind}\` ${MISBEHAVIOUR_SENTENCES[kind]}.`).join(' '))

/** Schema of whom a censor is against. */
export const against = nodeIndex
  .optional()
  .describe('The node whose messages a node that censors drops; required for `censor`.')

const seconds = z.number().min(0)
const nodes = selectorSchema.describe('Nodes that the fault affects.')

/** Fields of every fault. */
const timing = {
  atS: seconds.describe('When it happens, seconds after the warm-up.'),
  everyS: z
    .number()
    .gt(0)
    .optional()
    .describe(
      'Repeats the fault at this interval, seconds. Nodes that are chosen at random are chosen again each time.',
    ),
  untilS: seconds
    .optional()
    .describe(
      'With `everyS`: no repetition after this time, seconds. Default: the end of the run.',
    ),
}

const lasting = {
  forS: z
    .number()
    .gt(0)
    .optional()
    .describe(
      'Seconds until the fault is undone. Default: it is not undone. Undoing a fault also undoes faults of the same kind on the same nodes that began later. Healing undoes every cut in the network.',
    ),
}

const linkShape = {
  latencyMs: z.number().min(0).max(60_000).optional().describe('New latency, one way.'),
  jitterMs: z.number().min(0).max(10_000).optional().describe('New jitter.'),
  loss: z.number().min(0).max(0.9).optional().describe('New share of lost packets.'),
}

/** Schema of a bandwidth, Mbit/s. */
export const mbit = z.number().gt(0).max(100_000)

/** How long nodes that stopped stay away. */
const untilRestart = lasting.forS.describe(
  'They are restarted after so many seconds; left out, they stay away.',
)

const kill = z
  .strictObject({
    kind: z.literal('kill').describe('The nodes are killed; nothing is closed or written.'),
    nodes,
    ...timing,
    forS: untilRestart,
  })
  .meta({ id: 'Kill', title: 'kill' })

const leave = z
  .strictObject({
    kind: z.literal('leave').describe('The nodes announce that they leave, and stop cleanly.'),
    nodes,
    ...timing,
    forS: untilRestart,
  })
  .meta({ id: 'Leave', title: 'leave' })

const restart = z
  .strictObject({
    kind: z
      .literal('restart')
      .describe('The nodes are started again with the same identity, data and links.'),
    nodes,
    ...timing,
  })
  .meta({ id: 'Restart', title: 'restart' })

const join = z
  .strictObject({
    kind: z
      .literal('join')
      .describe(
        'The last nodes of the network, which were not started with the others, are started.',
      ),
    count: z.number().int().min(1).default(1).describe('Number of nodes.'),
    ...timing,
  })
  .meta({ id: 'Join', title: 'join' })

const pause = z
  .strictObject({
    kind: z
      .literal('pause')
      .describe(
        'The nodes are stopped, and their sockets stay open but are not read. Each node needs a process of its own.',
      ),
    nodes,
    ...timing,
    ...lasting,
  })
  .meta({ id: 'Pause', title: 'pause' })

const resume = z
  .strictObject({
    kind: z.literal('resume').describe('The paused nodes continue.'),
    nodes,
    ...timing,
  })
  .meta({ id: 'Resume', title: 'resume' })

const partition = z
  .strictObject({
    kind: z
      .literal('partition')
      .describe(
        'Links between nodes of different groups are cut. Nodes in no group keep all their links.',
      ),
    groups: z.array(groupSchema).min(2).describe('The groups; one may be `rest`.'),
    ...timing,
    ...lasting,
  })
  .meta({ id: 'Partition', title: 'partition' })

const oneWay = z
  .strictObject({
    kind: z
      .literal('one-way')
      .describe(
        'Messages of the nodes `from` to the nodes `to` are lost; their answers to requests arrive.',
      ),
    from: selectorSchema.describe('Nodes whose messages are lost.'),
    to: selectorSchema.describe('Nodes that do not receive them.'),
    ...timing,
    ...lasting,
  })
  .meta({ id: 'OneWay', title: 'one-way' })

const heal = z
  .strictObject({
    kind: z.literal('heal').describe('All partitions and one-way links end.'),
    ...timing,
  })
  .meta({ id: 'Heal', title: 'heal' })

const slowLink = z
  .strictObject({
    kind: z.literal('slow-link').describe('The latency, jitter or loss of links changes.'),
    links: z
      .array(z.tuple([nodeIndex, nodeIndex]))
      .min(1)
      .optional()
      .describe('The links, as pairs of nodes.'),
    nodes: selectorSchema.optional().describe('Alternatively: all links of these nodes.'),
    ...linkShape,
    ...timing,
    ...lasting,
  })
  .meta({ id: 'SlowLink', title: 'slow-link' })

const healLinks = z
  .strictObject({
    kind: z
      .literal('heal-links')
      .describe('All links get their planned latency, jitter and loss back.'),
    ...timing,
  })
  .meta({ id: 'HealLinks', title: 'heal-links' })

const bandwidth = z
  .strictObject({
    kind: z.literal('bandwidth').describe('The bandwidth of nodes changes.'),
    nodes,
    upMbit: mbit.optional().describe('New upload bandwidth, Mbit/s. Default: unlimited.'),
    downMbit: mbit.optional().describe('New download bandwidth, Mbit/s. Default: unlimited.'),
    ...timing,
    ...lasting,
  })
  .meta({ id: 'Bandwidth', title: 'bandwidth' })

const clockJump = z
  .strictObject({
    kind: z
      .literal('clock-jump')
      .describe('The wall clock of nodes jumps; their monotonic clock does not.'),
    nodes,
    byMs: z.number().int().describe('Size of the jump, ms; negative is back.'),
    ...timing,
  })
  .meta({ id: 'ClockJump', title: 'clock-jump' })

const hostile = z
  .strictObject({
    kind: z.literal('hostile').describe('Nodes begin to misbehave.'),
    nodes,
    behaviour: hostileKind,
    against: against,
    ...timing,
    ...lasting,
  })
  .meta({ id: 'Hostile', title: 'hostile' })

/** Schema of a fault in a scenario. */
export const faultSchema = z
  .discriminatedUnion('kind', [
    kill,
    leave,
    restart,
    join,
    pause,
    resume,
    partition,
    oneWay,
    heal,
    slowLink,
    healLinks,
    bandwidth,
    clockJump,
    hostile,
  ])
  .meta({ id: 'Fault', title: 'Fault' })

/** A fault as a scenario says it. */
export type ScenarioFault = z.infer<typeof faultSchema>
