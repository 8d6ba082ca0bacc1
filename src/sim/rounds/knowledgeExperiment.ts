/**
 * An experiment with what a network knows together: aggregation and search by rounds and number of
 * nodes, beside theory.
 */
import { maxOf, minOf } from '../../lib/extremes.ts'
import { z } from 'zod'
import { roundsFor } from '../../aggregate/gaugeEpochs.ts'
import { seededRandom } from '../../lib/random.ts'
import { oneATurn } from '../../lib/turns.ts'
import { SEARCH_PERIOD_MS } from '../../search/limits.ts'
import { checkedExperiment } from '../../scenario/experiment.ts'
import {
  averagingErrors,
  expectedCountError,
  expectedRounds,
  type RoundError,
} from './averagingModel.ts'
import { randomGraph, type CallGraph } from './graph.ts'
import { searchInRounds, type SearchModelRun } from './searchModel.ts'

const schema = z.strictObject({
  title: z.string().min(1),
  asks: z.string().min(1),
  knowledge: z.strictObject({
    nodes: z.array(z.number().int().min(4).max(100_000)).min(1).describe('Sizes of the network.'),
    degree: z.number().int().min(2).max(100).describe('Links of a node.'),
    epochs: z.number().int().min(1).max(1_000).describe('Epochs of aggregation of each size.'),
    searches: z.number().int().min(1).max(1_000).describe('Searches of each size.'),
    error: z.number().positive().max(1).default(0.01),
    showRounds: z.array(z.number().int().min(1).max(100)).min(1),
    seed: z.number().int().min(0).default(1),
  }),
})

/** What is run. */
export type KnowledgeExperiment = z.infer<typeof schema>

/** Epochs of one size. */
export interface EpochFigures {
  readonly nodes: number
  /** By round, the largest error of any node of any epoch. */
  readonly errors: readonly RoundError[]
  /** The round after which every node of every epoch is within the error. */
  readonly reached: number | null
  readonly allowed: number
}

/** Searches of one size. */
export interface SearchFigures {
  readonly nodes: number
  readonly runs: readonly SearchModelRun[]
}

/** What it came to. */
export interface KnowledgeResult {
  readonly epochs: readonly EpochFigures[]
  readonly searches: readonly SearchFigures[]
}

/** Whether a file asks for what a network knows. */
export function isKnowledgeExperiment(text: string): boolean {
  return /^knowledge:/m.test(text)
}

/** Throws one Error that names everything that is wrong with the file. */
export function parseKnowledgeExperiment(text: string): KnowledgeExperiment {
  return checkedExperiment(schema, text)
}

/** Runs all of it; `onDone` hears how many of how many sizes are done. */
export async function runKnowledgeExperiment(
  { knowledge }: KnowledgeExperiment,
  onDone: (done: number, of: number) => void,
): Promise<KnowledgeResult> {
  const { nodes, epochs, searches } = knowledge
  let done = 0
  const finished = <Figures>(figures: Figures): Figures => {
    onDone(++done, 2 * nodes.length)
    return figures
  }
  return {
    epochs: await oneATurn(nodes, async (size) =>
      finished(await epochFigures(size, knowledge, await seeded(epochs, size, knowledge))),
    ),
    searches: await oneATurn(nodes, async (size) => {
      const draws = await seeded(searches, size, knowledge)
      const runs = await oneATurn(draws, ({ graph, random }) => searchInRounds(graph, random))
      return finished({ nodes: size, runs })
    }),
  }
}

interface Draw {
  readonly graph: CallGraph
  readonly random: ReturnType<typeof seededRandom>
}

function seeded(
  count: number,
  nodes: number,
  { seed, degree }: KnowledgeExperiment['knowledge'],
): Promise<Draw[]> {
  const seeds = Array.from({ length: count }, (_, at) => 1_000 * seed + at)
  return oneATurn(seeds, (one) => {
    const random = seededRandom(one)
    return { random, graph: randomGraph(nodes, Math.min(degree, nodes - 1), random) }
  })
}

async function epochFigures(
  nodes: number,
  { error, showRounds }: KnowledgeExperiment['knowledge'],
  draws: readonly Draw[],
): Promise<EpochFigures> {
  const allowed = roundsFor(nodes)
  const rounds = Math.max(allowed, maxOf(showRounds))
  const runs = await oneATurn(draws, ({ graph, random }) => averagingErrors(graph, random, rounds))
  const errors = Array.from({ length: rounds }, (_, at) => ({
    mean: maxOf(runs.map((run) => run[at]?.mean ?? 1)),
    count: maxOf(runs.map((run) => run[at]?.count ?? 1)),
  }))
  const last = errors.findLastIndex(({ mean, count }) => mean > error || count > error)
  return { nodes, errors, allowed, reached: last + 1 < rounds ? last + 2 : null }
}

/** Three Markdown tables. */
export function knowledgeTables(
  { knowledge }: KnowledgeExperiment,
  { epochs, searches }: KnowledgeResult,
): string {
  const { showRounds, error } = knowledge
  const errorHead = ['nodes', '', ...showRounds.map((round) => `round ${round}`)]
  const errorRows = epochs.flatMap(({ nodes, errors }) => [
    [sized(nodes), 'mean', ...showRounds.map((round) => percent(errors[round - 1]?.mean))],
    [
      sized(nodes),
      'number of nodes',
      ...showRounds.map((round) => percent(errors[round - 1]?.count)),
    ],
    [
      sized(nodes),
      'in theory',
      ...showRounds.map((round) => percent(expectedCountError(nodes, round))),
    ],
  ])
  const reachedHead = [
    'nodes',
    `every node within ${percent(error)}`,
    'in theory',
    'rounds of an epoch',
  ]
  const reachedRows = epochs.map(({ nodes, reached, allowed }) => [
    sized(nodes),
    reached === null ? 'not reached' : `round ${reached}`,
    expectedRounds(nodes, error).toFixed(1),
    String(allowed),
  ])
  return [table(errorHead, errorRows), table(reachedHead, reachedRows), searchTable(searches)].join(
    '\n',
  )
}

function searchTable(searches: readonly SearchFigures[]): string {
  const head = [
    'nodes',
    'rounds until all know the query',
    'until the asker holds the best answer',
    'until the answer is given',
    `at ${SEARCH_PERIOD_MS / 1_000} s a round`,
    'right',
    'exchanges of a node',
    '2 log_2 n',
  ]
  const rows = searches.map(({ nodes, runs }) => [
    sized(nodes),
    span(runs.map(({ spread }) => spread)),
    span(runs.map(({ returned }) => returned)),
    span(runs.map(({ answered }) => answered)),
    `${((SEARCH_PERIOD_MS / 1_000) * meanOf(runs.map(({ answered }) => answered))).toFixed(1)} s`,
    `${runs.filter(({ isRight }) => isRight).length} of ${runs.length}`,
    meanOf(runs.map(({ exchangesPerNode }) => exchangesPerNode)).toFixed(1),
    (2 * Math.log2(nodes)).toFixed(1),
  ])
  return table(head, rows)
}

/** Mean, fewest and most; runs that never came to it are counted. */
function span(rounds: readonly (number | null)[]): string {
  const known = rounds.filter((one) => one !== null)
  if (known.length === 0) return 'never'
  const never = rounds.length - known.length
  const text = `${meanOf(known).toFixed(1)} (${minOf(known)} to ${maxOf(known)})`
  return never === 0 ? text : `${text}, never in ${never}`
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length
}

function sized(nodes: number): string {
  return nodes.toLocaleString('en')
}

/** Above 100 % an error says only that the node knows nothing yet. */
function percent(share: number | undefined): string {
  if (share === undefined) return '-'
  return share >= 1 ? '100 % or more' : `${(100 * share).toPrecision(2)} %`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  const rule = head.map((_, at) => (at === 0 ? '---' : '--:'))
  return [line(head), line(rule), ...rows.map(line)].join('')
}
