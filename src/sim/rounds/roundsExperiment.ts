/**
 * An experiment with the classic models: rounds against the number of nodes, and residue against
 * interest, beside theory.
 */
import { z } from 'zod'
import { oneATurn } from '../../lib/turns.ts'
import { checkedExperiment } from '../../scenario/experiment.ts'
import { completeGraph } from './graph.ts'
import { runRounds, type RoundFigures, type RoundsReport } from './roundsReport.ts'
import { SPREAD_PROTOCOLS } from './spread.ts'

const MAX_INTEREST = 20

const schema = z.strictObject({
  title: z.string().min(1),
  asks: z.string().min(1),
  rounds: z.strictObject({
    nodes: z.array(z.number().int().min(2).max(1_000_000)).min(2).describe('Sizes of the network.'),
    protocols: z.array(z.enum(SPREAD_PROTOCOLS)).min(1),
    runs: z.number().int().min(1).max(1_000).describe('Runs of each, each with its own draw.'),
    seed: z.number().int().min(0).default(1),
    residue: z.strictObject({
      nodes: z.number().int().min(2).max(1_000_000),
      interest: z
        .array(z.number().int().min(1).max(MAX_INTEREST))
        .min(2)
        .describe('Calls in vain until a node loses interest.'),
    }),
  }),
})

/**
 * What is run: spreads over networks of several sizes, and rumours with several degrees of
 * interest.
 */
export type RoundsExperiment = z.infer<typeof schema>

/** What it came to. */
export interface RoundsExperimentResult {
  readonly spreads: readonly RoundsReport[]
  readonly rumours: readonly { readonly interest: number; readonly report: RoundsReport }[]
}

/** Whether a file asks for rounds and not for scenarios. */
export function isRoundsExperiment(text: string): boolean {
  return /^rounds:/m.test(text)
}

/** Throws one Error that names everything that is wrong with the file. */
export function parseRoundsExperiment(text: string): RoundsExperiment {
  return checkedExperiment(schema, text)
}

/** Runs all of it; `onDone` hears how many of how many models have run. */
export async function runRoundsExperiment(
  { rounds }: RoundsExperiment,
  onDone: (done: number, of: number) => void,
): Promise<RoundsExperimentResult> {
  const { nodes, protocols, runs, seed, residue } = rounds
  const of = nodes.length * protocols.length + residue.interest.length
  let done = 0
  const run = async (
    options: Pick<Parameters<typeof runRounds>[0], 'protocol' | 'interest'>,
    n: number,
  ) => {
    const report = await runRounds({
      ...options,
      graph: completeGraph(n),
      isComplete: true,
      fanout: 1,
      runs,
      seed,
      faults: { loss: 0, dead: 0, partition: 0, healRound: Infinity },
      maxRounds: MAX_ROUNDS,
      variant: 'feedback-counter',
      error: 0.01,
    })
    onDone(++done, of)
    return report
  }
  return {
    spreads: await oneATurn(
      protocols.flatMap((protocol) => nodes.map((count) => ({ protocol, count }))),
      ({ protocol, count }) => run({ protocol, interest: 1 }, count),
    ),
    rumours: await oneATurn(residue.interest, async (interest) => ({
      interest,
      report: await run({ protocol: 'rumour', interest }, residue.nodes),
    })),
  }
}

const MAX_ROUNDS = 1_000

/** Two Markdown tables. */
export function roundsTables({ spreads, rumours }: RoundsExperimentResult): string {
  const rounds = spreads.map(({ nodes, protocol, rounds: to, messagesPerNode, theory }) => [
    protocol,
    nodes.toLocaleString('en'),
    ...[to.half, to.p99, to.all].map(figureText),
    messagesPerNode.toFixed(2),
    theory.rounds === null ? '-' : `${theory.formula} = ${theory.rounds.toFixed(1)}`,
  ])
  const residues = rumours.map(({ interest, report }) => [
    String(interest),
    percent(report.residue),
    percent(report.theory.residue ?? Number.NaN),
    percent(Math.exp(-(interest + 1))),
    report.messagesPerNode.toFixed(2),
  ])
  const spreadHead = [
    'protocol',
    'nodes',
    'rounds to half',
    'to 99 %',
    'to all',
    'messages per node',
    'theory, to all',
  ]
  const rumourHead = ['k', 'residue', 's = e^-((k+1)(1-s))', 'e^-(k+1)', 'messages per node']
  return `${table(spreadHead, rounds)}\n${table(rumourHead, residues)}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  return [
    line(head),
    line(head.map((_, at) => (at === 0 ? '---' : '--:'))),
    ...rows.map(line),
  ].join('')
}

function figureText({ mean, min, max }: RoundFigures): string {
  return mean === null ? '-' : `${mean.toFixed(1)} (${min} to ${max})`
}

function percent(share: number): string {
  return `${(share * 100).toPrecision(3)} %`
}
