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
  .describe('Whom those that `censor` are against; they need one.')

const seconds = z.number().min(0)
const nodes = selectorSchema.describe('Whom it happens to.')

/** Fields of every fault. */
const timing = {
  atS: seconds.describe('Seconds after the warm-up at which it happens.'),
  everyS: z
    .number()
    .gt(0)
    .optional()
    .describe('It happens again every so many seconds; nodes that are drawn are drawn anew.'),
  untilS: seconds
    .optional()
    .describe('With `everyS`, the last time at which it happens; the end of the run if left out.'),
}

const lasting = {
  forS: z
    .number()
    .gt(0)
    .optional()
    .describe('It is undone after so many seconds; left out, it lasts.'),
}

const linkShape = {
  latencyMs: z.number().min(0).max(60_000).optional().describe('New latency, one way.'),
  jitterMs: z.number().min(0).max(10_000).optional().describe('New jitter.'),
  loss: z.number().min(0).max(0.9).optional().describe('New share of lost packets.'),
}

/** Schema of a bandwidth, Mbit/s. */
export const mbit = z.number().gt(0).max(100_000)

const kill = z
  .strictObject({
    kind: z.literal('kill').describe('Ended at once; nothing is closed or written.'),
    nodes,
    ...timing,
    forS: lasting.forS.describe(
      'They are restarted after so many seconds; left out, they stay away.',
    ),
  })
  .meta({ id: 'Kill', title: 'kill' })

const leave = z
  .strictObject({
    kind: z.literal('leave').describe('They say that they leave, and stop in good order.'),
    nodes,
    ...timing,
    forS: lasting.forS.describe(
      'They are restarted after so many seconds; left out, they stay away.',
    ),
  })
  .meta({ id: 'Leave', title: 'leave' })

const restart = z
  .strictObject({
    kind: z.literal('restart').describe('Started again: same identity, data and links.'),
    nodes,
    ...timing,
  })
  .meta({ id: 'Restart', title: 'restart' })

const join = z
  .strictObject({
    kind: z
      .literal('join')
      .describe('The last nodes of the network, which were left out at its start, come in.'),
    count: z.number().int().min(1).default(1).describe('How many.'),
    ...timing,
  })
  .meta({ id: 'Join', title: 'join' })

const pause = z
  .strictObject({
    kind: z
      .literal('pause')
      .describe('Stopped with open sockets that nobody reads. Needs a process for each node.'),
    nodes,
    ...timing,
    ...lasting,
  })
  .meta({ id: 'Pause', title: 'pause' })

const resume = z
  .strictObject({ kind: z.literal('resume').describe('A paused node goes on.'), nodes, ...timing })
  .meta({ id: 'Resume', title: 'resume' })

const partition = z
  .strictObject({
    kind: z
      .literal('partition')
      .describe('No link between nodes of different groups. Nodes in no group keep theirs.'),
    groups: z.array(groupSchema).min(2).describe('The groups; one may be `rest`.'),
    ...timing,
    ...lasting,
  })
  .meta({ id: 'Partition', title: 'partition' })

const oneWay = z
  .strictObject({
    kind: z.literal('one-way').describe('Nothing that some send arrives at others; answers do.'),
    from: selectorSchema.describe('Who is not heard.'),
    to: selectorSchema.describe('Who does not hear them.'),
    ...timing,
    ...lasting,
  })
  .meta({ id: 'OneWay', title: 'one-way' })

const heal = z
  .strictObject({
    kind: z.literal('heal').describe('Every partition and one-way link ends.'),
    ...timing,
  })
  .meta({ id: 'Heal', title: 'heal' })

const slowLink = z
  .strictObject({
    kind: z.literal('slow-link').describe('Links carry bytes otherwise.'),
    links: z
      .array(z.tuple([nodeIndex, nodeIndex]))
      .min(1)
      .optional()
      .describe('Which links, as pairs of nodes.'),
    nodes: selectorSchema.optional().describe('Or: every link of these nodes.'),
    ...linkShape,
    ...timing,
    ...lasting,
  })
  .meta({ id: 'SlowLink', title: 'slow-link' })

const healLinks = z
  .strictObject({
    kind: z.literal('heal-links').describe('Every link carries bytes as planned again.'),
    ...timing,
  })
  .meta({ id: 'HealLinks', title: 'heal-links' })

const bandwidth = z
  .strictObject({
    kind: z.literal('bandwidth').describe('Nodes get another bandwidth.'),
    nodes,
    upMbit: mbit.optional().describe('Mbit/s up; unbounded if left out.'),
    downMbit: mbit.optional().describe('Mbit/s down; unbounded if left out.'),
    ...timing,
    ...lasting,
  })
  .meta({ id: 'Bandwidth', title: 'bandwidth' })

const clockJump = z
  .strictObject({
    kind: z.literal('clock-jump').describe('The calendar of nodes is set; durations go on.'),
    nodes,
    byMs: z.number().int().describe('Forward, or back if negative.'),
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
