/** Many runs of one model and what they have in common. */
import { maxOf, minOf } from '../../lib/extremes.ts'
import { seededRandom, type Random } from '../../lib/random.ts'
import { oneATurn } from '../../lib/turns.ts'
import { spreadByClocks, type ClockOptions } from './clocks.ts'
import type { CallGraph } from './graph.ts'
import { RoundNetwork, type RoundFaults } from './network.ts'
import { pushSum, type PushSumRun } from './pushSum.ts'
import { spreadRumour, type RumourVariant } from './rumour.ts'
import { SPREAD_PROTOCOLS, spread, type SpreadProtocol, type SpreadRun } from './spread.ts'
import { pushSumTheory, rumourResidue, spreadTheory, type Theory } from './theory.ts'

/** The models that can be run. */
export const ROUND_PROTOCOLS = [...SPREAD_PROTOCOLS, 'rumour', 'push-sum'] as const
/** One of {@link ROUND_PROTOCOLS}. */
export type RoundProtocol = (typeof ROUND_PROTOCOLS)[number]

/** What is run, and how often. */
export interface RoundsOptions {
  readonly protocol: RoundProtocol
  readonly graph: CallGraph
  readonly isComplete: boolean
  readonly fanout: number
  readonly runs: number
  /** Repeats a run; run i uses the seed plus i. */
  readonly seed: number
  readonly faults: RoundFaults
  readonly maxRounds: number
  /** Of rumour mongering. */
  readonly variant: RumourVariant
  readonly interest: number
  /** Of push-sum: the relative error at which a run ends. */
  readonly error: number
  /** Set where nodes follow clocks of their own: how long a message travels, rounds. */
  readonly travelRounds?: number
  /** Called after each run. */
  readonly onRun?: (done: number) => void
}

/** Rounds until a share of the live nodes was reached, over the runs in which it was. */
export interface RoundFigures {
  readonly mean: number | null
  readonly min: number | null
  readonly max: number | null
  /** Runs that came so far. */
  readonly runs: number
}

/** What a set of runs came to; the command's `--json`. */
export interface RoundsReport {
  readonly nodes: number
  /** Of the graph. Nothing passes from one to another, so with more than one no run reaches all. */
  readonly parts: number
  readonly protocol: RoundProtocol
  readonly fanout: number
  readonly runs: number
  readonly rounds: {
    readonly half: RoundFigures
    readonly p99: RoundFigures
    readonly all: RoundFigures
  }
  /** Messages over live nodes, mean of the runs. */
  readonly messagesPerNode: number
  readonly theory: TheoryFigures
  /** Share of live nodes that were never reached, mean of the runs. */
  readonly residue: number
  /** Live nodes that know the rumour at the end of each round, mean over the runs, as a share. */
  readonly curve: readonly number[]
  readonly seed: number
  readonly faults: Omit<RoundFaults, 'healRound'> & { readonly healRound: number | null }
}

/** Theory beside the figures; `null` where none is known for the given case. */
export interface TheoryFigures {
  readonly formula: string | null
  readonly rounds: number | null
  readonly residue: number | null
  readonly source: string | null
}

/** Runs the model `runs` times, each in a turn of the event loop of its own. */
export async function runRounds(options: RoundsOptions): Promise<RoundsReport> {
  const seeds = Array.from({ length: options.runs }, (_, index) => options.seed + index)
  const runs = await oneATurn(seeds, (seed, index) => {
    const run = oneRun(options, seededRandom(seed))
    options.onRun?.(index + 1)
    return run
  })
  const { healRound } = options.faults
  return {
    nodes: options.graph.nodes,
    parts: options.graph.parts(),
    protocol: options.protocol,
    fanout: options.fanout,
    runs: options.runs,
    rounds: { half: roundsTo(runs, 0.5), p99: roundsTo(runs, 0.99), all: roundsTo(runs, 1) },
    messagesPerNode: round3(mean(runs.map(({ messages, live }) => messages / live))),
    theory: theoryOf(options),
    residue: mean(runs.map(({ informed, live }) => 1 - (informed.at(-1) ?? 0) / live)),
    curve: curveOf(runs),
    seed: options.seed,
    faults: { ...options.faults, healRound: Number.isFinite(healRound) ? healRound : null },
  }
}

function oneRun(options: RoundsOptions, random: Random): SpreadRun {
  const { graph, faults, protocol, maxRounds, fanout, travelRounds } = options
  const origin = random.int(graph.nodes)
  const network = new RoundNetwork(graph, faults, random, origin)
  if (protocol === 'push-sum')
    return asSpread(averaged(network, options, random), network.live, options)
  if (protocol === 'rumour') return spreadRumour(network, { ...options, origin })
  const common = { protocol: protocol satisfies SpreadProtocol, fanout, origin, maxRounds }
  if (travelRounds === undefined) return spread(network, common)
  return spreadByClocks(network, { ...common, travelRounds } satisfies ClockOptions)
}

function averaged(network: RoundNetwork, options: RoundsOptions, random: Random): PushSumRun {
  const values = Float64Array.from({ length: options.graph.nodes }, () => random.next())
  return pushSum(network, values, options)
}

/**
 * A run of push-sum in the form of the others: its rounds to a half, 99 % and all are those to an
 * error of 0.5, of 0.01 and of what was asked for.
 */
function asSpread(run: PushSumRun, live: number, { error }: RoundsOptions): SpreadRun {
  const informed = run.errors.map((one) => {
    if (one <= error) return live
    return Math.min(live - 1, Math.floor(live * (one <= 0.01 ? 0.99 : one <= 0.5 ? 0.5 : 0)) + 1)
  })
  return { informed, live, messages: run.messages }
}

/** The first round after which at least `share` of the live nodes were reached. */
function roundsTo(runs: readonly SpreadRun[], share: number): RoundFigures {
  const rounds = runs.flatMap(({ informed, live }) => {
    const at = informed.findIndex((count) => count >= Math.ceil(live * share))
    return at === -1 ? [] : [at]
  })
  if (rounds.length === 0) return { mean: null, min: null, max: null, runs: 0 }
  return {
    mean: round3(mean(rounds)),
    min: minOf(rounds),
    max: maxOf(rounds),
    runs: rounds.length,
  }
}

function theoryOf(options: RoundsOptions): TheoryFigures {
  const none = { formula: null, rounds: null, residue: null, source: null }
  const { protocol, graph, fanout, interest, error, variant, faults } = options
  const hasFaults = faults.loss > 0 || faults.dead > 0 || faults.partition > 0
  if (hasFaults || !options.isComplete || options.travelRounds !== undefined) return none
  if (protocol === 'push-sum')
    return { ...rounded(pushSumTheory(graph.nodes, error)), residue: null }
  if (protocol !== 'rumour')
    return { ...rounded(spreadTheory(protocol, graph.nodes, fanout)), residue: 0 }
  if (!variant.startsWith('feedback')) return none
  return {
    formula: 'residue s = e^-((k+1)(1-s)), about e^-(k+1)',
    rounds: null,
    residue: rumourResidue(interest),
    source: 'Demers et al. 1987',
  }
}

function rounded({ formula, rounds, source }: Theory): Omit<TheoryFigures, 'residue'> {
  return { formula, rounds: round3(rounds), source }
}

function curveOf(runs: readonly SpreadRun[]): number[] {
  const length = maxOf(runs.map(({ informed }) => informed.length))
  return Array.from({ length }, (_, at) =>
    round6(mean(runs.map(({ informed, live }) => (informed[at] ?? informed.at(-1) ?? 0) / live))),
  )
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

function round3(value: number): number {
  return Math.round(value * 1e3) / 1e3
}

function round6(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
