/**
 * What reports were made from, and what was not the same in their runs besides what they measured.
 */
import { settingValueText } from '../settingValueText.ts'
import type { SampleSize } from '../bootstrap.ts'
import { countText, numberText } from '../numberText.ts'
import type { Report, SettingValue } from '../report.ts'
import { machineFacts, peersText } from '../terminal/reportFacts.ts'
import { isOverloaded, warningsOf } from '../terminal/reportWarnings.ts'

/** A report and where it comes from. */
export interface NamedReport {
  /** Path of its file, as a person would tell it from others. */
  readonly file: string
  readonly report: Report
}

/** How many items of a kind a report has, and how many (item, node) pairs of them arrived. */
export interface ItemSample extends SampleSize {
  readonly items: number
}

/** What a comparison says of each of its reports before any figure. */
export interface ComparedReport {
  readonly file: string
  /** RFC 3339. */
  readonly startedAt: string
  readonly grapevine: string
  readonly commit: string | null
  readonly command: string | null
  readonly scenario: string | null
  readonly seed: number | null
  readonly machine: string
  /** Processes that wanted a core, per core. */
  readonly loadPerCore: number
  readonly nodes: number
  /** Nodes that were measured. */
  readonly measured: number
  readonly transactions: ItemSample
  readonly blocks: ItemSample
}

/**
 * A fact of the runs that is not the same: figures of such runs need thought before they are
 * compared.
 */
export interface DifferingFact {
  readonly name: string
  /** One for each report. */
  readonly values: readonly string[]
}

interface Differences {
  readonly facts: readonly DifferingFact[]
  readonly warnings: readonly string[]
}

/** Loads that are further apart than this, processes per core, are not the same load. */
const SAME_LOAD_PER_CORE = 0.5
/**
 * Numbers of blocks that differ by more than this share are not the same sample: how many are
 * sealed is chance.
 */
const SAME_BLOCKS_SHARE = 0.2

/**
 * What lets figures differ for reasons that nobody asked for: a sentence, and when two reports are
 * not the same in it.
 */
interface Warning {
  readonly sentence: string
  readonly isDifferent: (a: Report, b: Report) => boolean
}

function unlike(of: (report: Report) => unknown): Warning['isDifferent'] {
  return (a, b) => JSON.stringify(of(a)) !== JSON.stringify(of(b))
}

/** Times of a simulation are virtual: whatever the real machine did is not in them. */
function inReal(isDifferent: Warning['isDifferent']): Warning['isDifferent'] {
  return (a, b) => a.simulation === undefined && b.simulation === undefined && isDifferent(a, b)
}

const WARNINGS: readonly Warning[] = [
  {
    sentence: 'the runs are of different scenarios: more may differ than was meant to',
    isDifferent: unlike(({ scenario }) => scenario?.name),
  },
  {
    sentence: 'the seeds differ: links, load and faults were drawn anew',
    isDifferent: unlike(({ seed }) => seed),
  },
  {
    sentence: 'the programs differ: they were built from different commits or versions',
    isDifferent: unlike(({ grapevine, commit }) => [grapevine, commit]),
  },
  {
    sentence: 'some runs are real, others simulated: simulated times hold no waits for a processor',
    isDifferent: unlike(({ simulation }) => simulation === undefined),
  },
  {
    sentence: 'the crypto paths differ: the time to judge does not compare',
    isDifferent: inReal(unlike(({ crypto }) => crypto)),
  },
  {
    sentence: 'the machines differ: whatever waits for a processor does not compare',
    isDifferent: inReal(unlike(({ machine }) => machine)),
  },
  {
    sentence: 'the load of the machine differs: times hold waits for a processor',
    isDifferent: inReal(
      (a, b) =>
        isOverloaded(a) !== isOverloaded(b) ||
        Math.abs(a.loadPerCore - b.loadPerCore) > SAME_LOAD_PER_CORE,
    ),
  },
  {
    sentence:
      'the samples differ in size: the largest of more messages is larger, and percentiles of few are uncertain',
    isDifferent: (a, b) =>
      a.nodes !== b.nodes ||
      a.transactions.items !== b.transactions.items ||
      Math.abs(a.blocks.items - b.blocks.items) >
        SAME_BLOCKS_SHARE * Math.max(a.blocks.items, b.blocks.items),
  },
  {
    sentence: 'the clocks differ in kind: a difference below their errors means nothing',
    isDifferent: unlike(({ clock }) => clock.source),
  },
]

/** What a report was made from, for the header of a comparison. */
export function headerOf({ file, report }: NamedReport): ComparedReport {
  const { startedAt, grapevine, commit, command, scenario, seed, loadPerCore, nodes } = report
  return {
    file,
    startedAt,
    grapevine,
    commit,
    command,
    scenario: scenario?.name ?? null,
    seed,
    machine: machineFacts(report),
    loadPerCore,
    nodes,
    measured: report.peers.length,
    transactions: sampleOf(report.transactions),
    blocks: sampleOf(report.blocks),
  }
}

function sampleOf({ items, latencyMs }: Report['transactions'] | Report['blocks']): ItemSample {
  return { items, count: latencyMs.count, of: latencyMs.of }
}

/** The header of one report as names and texts, in the order in which they are read. */
export function headerFacts(one: ComparedReport): readonly (readonly [string, string])[] {
  const items = (name: string, sample: ItemSample): string =>
    `${sample.items} ${name} (${countText(sample)} deliveries)`
  return [
    ['begun', one.startedAt],
    ['program', `${one.grapevine}, commit ${one.commit ?? 'not known'}`],
    ['command', one.command ?? 'not known'],
    ['scenario', `${one.scenario ?? 'none'}, seed ${one.seed ?? 'none'}`],
    ['machine', one.machine],
    ['load', `${numberText(one.loadPerCore)} processes for each core`],
    [
      'sample',
      `${peersText(one)}, ${items('transactions', one.transactions)}, ${items('blocks', one.blocks)}`,
    ],
  ]
}

/** The name of a report in its comparison: A, B, C. */
export function letterOf(at: number): string {
  return String.fromCodePoint('A'.charCodeAt(0) + at)
}

/** What is not the same in all of the runs, with warnings for what nobody asked for. */
export function differencesOf(reports: readonly Report[]): Differences {
  const each = reports.map(allFactsOf)
  const names = new Set(each.flatMap((facts) => [...facts.keys()]))
  const facts = [...names].flatMap((name) => {
    const values = each.map((one) => one.get(name) ?? 'none')
    return new Set(values).size === 1 ? [] : [{ name, values }]
  })
  const warnings = [
    ...WARNINGS.flatMap((warning) => warningText(warning, reports) ?? []),
    ...reports.flatMap((report, at) => warningsOf(report).map((one) => `${letterOf(at)}: ${one}`)),
  ]
  return { facts, warnings }
}

/** With more than two reports it names those that are not as the first. */
function warningText(
  { sentence, isDifferent }: Warning,
  [base, ...others]: readonly Report[],
): string | undefined {
  if (base === undefined) return undefined
  const letters = others.flatMap((other, at) =>
    isDifferent(base, other) ? [letterOf(at + 1)] : [],
  )
  if (letters.length === 0) return undefined
  return others.length === 1 ? sentence : `${sentence} (A and ${letters.join(', ')})`
}

function allFactsOf(report: Report): Map<string, string> {
  const facts = factsOf(report)
  if (report.scenario === null) return facts
  return new Map([...facts, ...leavesOf('scenario', report.scenario.definition)])
}

function factsOf(report: Report): Map<string, string> {
  const { nodes, ratePerS, seed, grapevine, machine, faults, clock, scenario } = report
  const facts: Readonly<Record<string, SettingValue>> = {
    scenario: scenario?.name ?? 'none',
    peers: nodes,
    'transactions/s': ratePerS,
    transactions: report.transactions.submitted,
    seed: seed ?? 'none',
    faults: faults.length,
    grapevine,
    commit: report.commit ?? 'not known',
    machine: `${machine.cores} x ${machine.cpu}, ${machine.memoryGiB} GiB, kernel ${machine.kernel ?? 'not known'}`,
    clock: clock.source,
    'error of the clocks, ms': clock.errorMs,
    ...report.crypto,
    ...report.versions,
    ...report.settings,
  }
  return new Map(Object.entries(facts).map(([name, value]) => [name, settingValueText(value)]))
}

/** Told by facts of their own. */
const TOLD: ReadonlySet<string> = new Set(['scenario.name', 'scenario.seed'])

/** Every value of a scenario by its path, such as `scenario.topology.degree`. */
function leavesOf(path: string, value: unknown): [string, string][] {
  if (value === undefined || TOLD.has(path)) return []
  if (typeof value !== 'object' || value === null)
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]]
  const entries: [string, unknown][] = Object.entries(value)
  return entries.flatMap(([name, part]) => leavesOf(`${path}.${name}`, part))
}
