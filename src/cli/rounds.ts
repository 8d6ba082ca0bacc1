/**
 * `grapevine rounds`: the classic models of gossip, round by round, beside what theory says of
 * them.
 */
import { maxOf } from '../lib/extremes.ts'
import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import { messageOf } from '../lib/assert.ts'
import { runsText } from '../measure/repeats.ts'
import { seededRandom } from '../lib/random.ts'
import { UserError } from '../lib/userError.ts'
import { MAX_TRAVEL_ROUNDS } from '../sim/rounds/clocks.ts'
import {
  completeGraph,
  MAX_NODES,
  parseGraph,
  randomGraph,
  type CallGraph,
} from '../sim/rounds/graph.ts'
import {
  ROUND_PROTOCOLS,
  runRounds,
  type RoundFigures,
  type RoundProtocol,
  type RoundsReport,
} from '../sim/rounds/roundsReport.ts'
import { RUMOUR_VARIANTS, type RumourVariant } from '../sim/rounds/rumour.ts'
import { numberIn, positiveNumber, wholeNumber } from './options/options.ts'
import { bar, clearProgress, say, showProgress, writeJson, writeText } from './terminal/output.ts'

interface RoundsFlags {
  readonly nodes?: number
  readonly protocol: RoundProtocol
  readonly fanout: number
  readonly runs: number
  readonly seed: number
  readonly graph: string
  readonly degree?: number
  readonly loss: number
  readonly dead: number
  readonly partition: number
  readonly heal?: number
  readonly variant?: RumourVariant
  readonly interest?: number
  readonly error?: number
  readonly clocks?: boolean
  readonly travel?: number
  readonly maxRounds: number
  readonly json?: boolean
}

const DEFAULT_NODES = 25_000
const DEFAULT_DEGREE = 10
const MAX_SEED = 2 ** 31 - 1

const PROTOCOL_HELP =
  'the model; in push, pull and push-pull no node ever stops calling, which Demers et al. 1987 call anti-entropy; in rumour nodes lose interest; push-sum is an average'
const FANOUT_HELP =
  'calls of a node in a round; each draws its partner anew, so one may be called twice, and there may be more calls than other nodes'

/** The command. */
export function roundsCommand(): Command {
  const command = new Command('rounds')
    .description(
      'simulate classic models of gossip in rounds, with up to a million nodes, next to what theory predicts',
    )
    .option('--nodes <count>', `nodes (default: ${DEFAULT_NODES})`, wholeNumber(2, MAX_NODES))
    .addOption(
      new Option('--protocol <name>', PROTOCOL_HELP).choices(ROUND_PROTOCOLS).default('push-pull'),
    )
    .option('--fanout <count>', FANOUT_HELP, wholeNumber(1, 1_000), 1)
    .option('--runs <count>', 'runs, each with its own draw', wholeNumber(1, 100_000), 20)
    .option('--seed <number>', 'repeats the runs', wholeNumber(0, MAX_SEED), 1)
    .option(
      '--max-rounds <count>',
      'round after which a run is stopped',
      wholeNumber(1, 100_000),
      1_000,
    )
  return addModelOptions(addFaultOptions(command))
    .option('--json', 'write the figures as a line of JSON')
    .action(runRoundsCommand)
}

function addFaultOptions(command: Command): Command {
  return command
    .option('--loss <share>', 'probability that a message is lost', share, 0)
    .option('--dead <share>', 'share of the nodes that are dead', share, 0)
    .option('--partition <share>', 'share of the nodes that are cut off from the rest', share, 0)
    .option('--heal <round>', 'the round in which the partition heals', wholeNumber(1, 100_000))
}

function addModelOptions(command: Command): Command {
  return command
    .option(
      '--graph <kind>',
      'who may call whom: complete, random, or a file with one link (two node numbers) per line',
      'complete',
    )
    .option(
      '--degree <count>',
      `links of a node of a random graph (default: ${DEFAULT_DEGREE})`,
      wholeNumber(1, 1_000),
    )
    .addOption(
      new Option(
        '--variant <name>',
        'rumour: what makes a node lose interest (default: feedback-counter)',
      ).choices(RUMOUR_VARIANTS),
    )
    .option(
      '--interest <k>',
      'rumour: calls until a node loses interest (default: 2)',
      wholeNumber(1, 1_000),
    )
    .option(
      '--error <share>',
      'push-sum: relative error of every node at which a run ends (default: 0.01)',
      positiveNumber(1),
    )
    .option('--clocks', 'every node begins its rounds at its own time')
    .option(
      '--travel <rounds>',
      'with --clocks: how long a message travels (default: 0.1)',
      positiveNumber(MAX_TRAVEL_ROUNDS),
    )
}

/** A share from 0 to below 1. */
function share(text: string): number {
  const number = numberIn(text)
  if (number >= 0 && number < 1) return number
  throw new InvalidArgumentError('Expected a number from 0 to below 1.')
}

async function runRoundsCommand(flags: RoundsFlags): Promise<void> {
  refuseWhatDoesNotApply(flags)
  const { loss, dead, partition, runs } = flags
  const report = await runRounds({
    ...flags,
    graph: graphOf(flags),
    isComplete: flags.graph === 'complete',
    faults: { loss, dead, partition, healRound: flags.heal ?? Infinity },
    variant: flags.variant ?? 'feedback-counter',
    interest: flags.interest ?? 2,
    error: flags.error ?? 0.01,
    ...(flags.clocks === true && { travelRounds: flags.travel ?? 0.1 }),
    onRun: (done) => showProgress(`${bar(done, runs)} run ${done} of ${runs}`),
  })
  clearProgress()
  const { parts } = report
  if (parts > 1) say(`the graph is in ${parts} parts, and no links join them: no run can reach all`)
  if (flags.json === true) writeJson(report)
  else writeText(tableOf(report))
}

/** A flag that the chosen model does not read would be a wish that nobody hears. */
function refuseWhatDoesNotApply(flags: RoundsFlags): void {
  const { protocol, graph } = flags
  const isFile = graph !== 'complete' && graph !== 'random'
  const isSpread = protocol !== 'rumour' && protocol !== 'push-sum'
  const refusals: readonly (readonly [boolean, string])[] = [
    [protocol !== 'rumour' && flags.variant !== undefined, '--variant goes with --protocol rumour'],
    [
      protocol !== 'rumour' && flags.interest !== undefined,
      '--interest goes with --protocol rumour',
    ],
    [protocol !== 'push-sum' && flags.error !== undefined, '--error goes with --protocol push-sum'],
    [protocol === 'push-sum' && flags.fanout !== 1, '--fanout is 1 in push-sum'],
    [!isSpread && flags.clocks === true, '--clocks goes with push, pull and push-pull'],
    [flags.clocks !== true && flags.travel !== undefined, '--travel goes with --clocks'],
    [isFile && flags.nodes !== undefined, '--nodes does not go with a graph from a file'],
    [graph !== 'random' && flags.degree !== undefined, '--degree goes with --graph random'],
    [flags.partition === 0 && flags.heal !== undefined, '--heal goes with --partition'],
  ]
  for (const [applies, message] of refusals) if (applies) throw new UserError(message)
}

function graphOf({
  graph,
  nodes = DEFAULT_NODES,
  degree = DEFAULT_DEGREE,
  seed,
}: RoundsFlags): CallGraph {
  if (graph === 'complete') return completeGraph(nodes)
  if (graph !== 'random') return graphFromFile(graph)
  if (degree >= nodes) throw new UserError(`--degree ${degree}: a node has ${nodes - 1} others`)
  return randomGraph(nodes, degree, seededRandom(seed))
}

function graphFromFile(path: string): CallGraph {
  try {
    return parseGraph(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UserError(`--graph ${path}: ${messageOf(error)}`)
  }
}

function tableOf(report: RoundsReport): string {
  const { rounds, theory, runs } = report
  const rows = [
    ['to half of the nodes', ...cells(rounds.half, runs)],
    ['to 99 %', ...cells(rounds.p99, runs)],
    ['to all', ...cells(rounds.all, runs)],
  ]
  const head = ['rounds', 'mean', 'least', 'most', 'runs']
  const widths = head.map((_, at) => maxOf([head, ...rows].map((row) => (row[at] ?? '').length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('   ')
  return [
    `${report.nodes} nodes, ${report.protocol}, fan-out ${report.fanout}, ${runsText(runs)}, seed ${report.seed}`,
    '',
    ...[head, ...rows].map(line),
    '',
    `messages a node   ${report.messagesPerNode}`,
    `never reached     ${percent(report.residue)}`,
    ...theoryLines(theory),
    '',
  ].join('\n')
}

function theoryLines({ formula, rounds, residue, source }: RoundsReport['theory']): string[] {
  if (formula === null) return ['theory            none for this case']
  const value = rounds === null ? `${percent(residue ?? 0)} never reached` : `${rounds} rounds`
  return [`theory            ${formula} = ${value} (${source ?? ''})`]
}

function cells({ mean, min, max, runs }: RoundFigures, all: number): string[] {
  return [
    ...[mean, min, max].map((value) => (value === null ? '-' : String(value))),
    `${runs} of ${all}`,
  ]
}

function percent(part: number): string {
  return `${(part * 100).toFixed(3)} %`
}
