/** What an experiment came to, for people: the same text from one machine and from many. */
import { maxOf, minOf } from '../../lib/extremes.ts'
import { isRecord } from '../../lib/records.ts'
import { intervalsOf, type RepeatInterval } from '../repeats.ts'
import type { Report } from '../report.ts'
import { agreementTable } from './agreement.ts'
import { caseOptions, type ExperimentResult } from './experimentResult.ts'
import { casePoints, caseTable, type CaseRun } from './caseFigures.ts'

/** Title, question, tables and circumstances, with a final line feed. */
export function experimentText(result: ExperimentResult): string {
  const { title, asks } = result.facts
  return `\n${title}\n${asks}\n\n${experimentTables(result)}\n${circumstances(result.runs)}\n`
}

/** The table of the cases; where two are to agree, also that of both side by side. Markdown. */
export function experimentTables({ facts, runs }: ExperimentResult): string {
  const options = caseOptions(facts)
  const table = caseTable(runs, options)
  const { agreeWithin } = facts
  return agreeWithin === undefined
    ? table
    : `${agreementTable(runs, options, agreeWithin)}\n${table}`
}

/** An experiment as data: what does not depend on where and how fast its runs were made. */
export function experimentJson({ facts, runs, missing }: ExperimentResult) {
  const { title, asks, varies, items } = facts
  return {
    title,
    asks,
    varies,
    items,
    missing,
    cases: casePoints(runs).map(
      ({
        value,
        group,
        reports,
      }): {
        readonly value: number | string
        readonly group: string | null
        readonly runs: readonly RunJson[]
        readonly intervals: readonly RepeatInterval[]
      } => ({
        value,
        group: group ?? null,
        runs: reports.map(runJson),
        intervals: intervalsOf(reports),
      }),
    ),
  }
}

interface RunJson {
  readonly seed: number | null
  readonly nodes: number
  /** Null for a real run. */
  readonly engine: string | null
  readonly traceHash: string | null
}

function runJson({ seed, nodes, simulation }: Report): RunJson {
  const { engine = null, traceHash = null } = simulation ?? {}
  return { seed, nodes, engine, traceHash }
}

/** What one must know to repeat it: real and simulated runs each in a sentence of their own. */
export function circumstances(runs: readonly CaseRun[]): string {
  const reports = runs.map(({ report }) => report)
  const real = reports.filter(({ simulation }) => simulation === undefined)
  const simulated = reports.filter(({ simulation }) => simulation !== undefined)
  return [realText(real), simulatedText(simulated), programText(reports)]
    .filter((text) => text !== '')
    .join(' ')
}

function realText(reports: readonly Report[]): string {
  const [first] = reports
  if (first === undefined) return ''
  const { clock } = first
  const load = maxOf(reports.map(({ loadPerCore }) => loadPerCore))
  return `${nodesText(reports)} in ${processesOf(first)} processes, ${seedsText(reports)}, ${secondsText(first)}; ${load} processes a core at most. ${clockText(clock.errorMs)}`
}

/** As many as the scenario names, or one for each core. */
function processesOf(report: Report): number {
  const { processes } = definitionOf(report)
  return typeof processes === 'number' ? processes : report.machine.cores
}

function simulatedText(reports: readonly Report[]): string {
  const [first] = reports
  if (first === undefined) return ''
  const told = reports.flatMap(({ simulation }) => simulation ?? [])
  const engines = [...new Set(told.map(({ engine }) => engine))].join(' and ')
  const sum = (of: (one: (typeof told)[number]) => number): number =>
    told.reduce((total, one) => total + of(one), 0)
  const virtualS = Math.round(sum(({ virtualMs }) => virtualMs) / 1000)
  const wallS = Math.round(sum(({ wallMs }) => wallMs) / 1000)
  return `Simulated (engine ${engines}): ${nodesText(reports)}, ${seedsText(reports)}, ${secondsText(first)}; ${virtualS} virtual s took ${wallS} s, times are virtual.`
}

function programText(reports: readonly Report[]): string {
  const [first] = reports
  if (first === undefined) return ''
  const { machine, crypto, grapevine, startedAt } = first
  const how = Object.entries(crypto).map(([what, path]) => `${what} ${path}`)
  const commits = [...new Set(reports.map(({ commit }) => commit ?? 'not known'))].join(', ')
  return `${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${machine.node}; ${how.join(', ')}. Started ${startedAt}, ${grapevine}, commit ${commits}.`
}

function nodesText(reports: readonly Report[]): string {
  const counts = reports.map(({ nodes }) => nodes)
  const [least, most] = [minOf(counts), maxOf(counts)]
  const text = (count: number): string => count.toLocaleString('en')
  return least === most ? `${text(least)} nodes` : `${text(least)} to ${text(most)} nodes`
}

function seedsText(reports: readonly Report[]): string {
  const seeds = [...new Set(reports.map(({ seed }) => seed))]
  return `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`
}

/** As the scenario says; what was measured holds the wait until transactions are in blocks, too. */
function secondsText(report: Report): string {
  const { durationS } = definitionOf(report)
  return typeof durationS === 'number'
    ? `${durationS} s of load after the warm-up`
    : `${Math.round(report.durationMs / 1000)} s measured after the warm-up`
}

/** The scenario as it was written, with its defaults. */
function definitionOf({ scenario }: Report): Readonly<Record<string, unknown>> {
  return isRecord(scenario?.definition) ? scenario.definition : {}
}

function clockText(errorMs: number | null): string {
  if (errorMs === 0) return 'All times are of one clock.'
  return errorMs === null ? 'Clocks were not compared.' : `Times are right to ${errorMs} ms.`
}
