/** The report as a person reads it on a terminal, 80 columns wide. */
import { bytesText, numberText, percentText } from './numberText.ts'
import { idealHops } from './idealHops.ts'
import { regionNames } from './regions.ts'
import { shortfallsOf } from './outcome.ts'
import type { ScenarioRecord } from './scenarioRecord.ts'
import type { LatencySummary } from './percentile.ts'
import type { Propagation } from './propagation.ts'
import type { ControlCounts, Report } from './report.ts'
import { CONTROL_KINDS, COVERAGE_PERCENTS } from './reportTerms.ts'
import { overheadBytes } from './traffic.ts'

const WIDTH = 80

/** The whole report as text, with a final line feed. */
export function renderReport(report: Report): string {
  const sections = [
    heading(report),
    kindSection('transactions', transactionFacts(report), report, report.transactions, [
      latencyRow('sent after it was due', report.transactions.sentLateMs),
    ]),
    kindSection('blocks', blockFacts(report), report, report.blocks),
    trafficSection(report),
    ...(report.faults.length === 0 ? [] : [faultSection(report)]),
    footer(report),
  ]
  return `${sections.join('\n\n')}\n`
}

function heading(report: Report): string {
  const { scenario, nodes, ratePerS } = report
  const seconds = (report.durationMs / 1000).toFixed(1)
  return [
    `propagation report: ${nodes} peers, ${seconds} s, ${ratePerS} transactions/s`,
    ...(scenario === null ? [] : [wrapped(`scenario ${scenarioFacts(scenario)}`)]),
    ...shortfallsOf(report).map(({ text }) => wrapped(`! ${text}`)),
  ].join('\n')
}

/** Name, seed and purpose of a scenario, in one phrase. */
export function scenarioFacts({ name, seed, description }: ScenarioRecord): string {
  return `${name}, seed ${seed}${description === '' ? '' : `: ${description}`}`
}

/** What became of the transactions that were submitted, in one phrase. */
export function transactionFacts({ transactions }: Report): string {
  const { submitted, accepted, included } = transactions
  const refused = Object.entries(transactions.refusals).map(
    ([reason, count]) => `${count} ${reason}`,
  )
  const tail = refused.length === 0 ? '' : `; refused: ${refused.join(', ')}`
  return `${submitted} submitted, ${accepted} accepted, ${included} included in blocks${tail}`
}

/** What became of the blocks, in one phrase. */
export function blockFacts({ blocks }: Report): string {
  const head =
    blocks.head === null ? 'peers disagree on the head' : `every peer at block ${blocks.head}`
  return `${blocks.sealed} sealed, ${head}`
}

function kindSection(
  name: string,
  facts: string,
  report: Report,
  figures: Propagation,
  more: readonly string[] = [],
): string {
  const rows = [
    latencyRow('latency of a peer', figures.latencyMs),
    ...(figures.bound === null ? [] : [latencyRow('shortest paths', figures.bound.latencyMs)]),
    ...COVERAGE_PERCENTS.map((percent) =>
      latencyRow(`to ${percent} % of peers`, figures.toCoverageMs[percent]),
    ),
    ...figures.hops.map(({ hop, deliveries, delayMs }) =>
      latencyRow(`hop ${hop} (${deliveries} arrivals)`, delayMs),
    ),
    latencyRow('validation', figures.validationMs),
    latencyRow('wait for the verifier', figures.queueMs),
    ...more,
  ]
  const columns = ['p50', 'p90', 'p99', 'max'].map((column) => column.padStart(CELL_WIDTH))
  return [
    `${name}: ${facts}`,
    ...costLines(report, figures),
    `  ${'ms'.padEnd(LABEL_WIDTH)}${columns.join('')}${'+-'.padStart(ERROR_WIDTH)}`,
    ...rows,
    ...regionLines(figures),
  ].join('\n')
}

function costLines(report: Report, figures: Propagation): string[] {
  const ideal = idealHops(report)
  const hops = `mean hop ${numberText(figures.meanHop)}`
  return [
    `  coverage ${percentText(figures.coverage)}   ${hops}${ideal === undefined ? '' : ` (log_D(n) ${numberText(ideal)})`}`,
    ...(figures.bound === null
      ? []
      : [`  p99 over that of the shortest paths ${numberText(figures.bound.ratioP99)}`]),
    `  duplicates per delivery ${numberText(figures.duplicatesPerDelivery)}   mesh degree ${numberText(figures.meshDegree)}   duplicates/(degree - 2) ${numberText(figures.duplicatesOverMesh)}`,
  ]
}

/** Median latency from each region where items entered (a row) to each (a column), as far as the lines are wide. */
function regionLines({ regions }: Propagation): string[] {
  const names = regionNames(regions)
  if (names.length === 0) return []
  if (names.length > MAX_REGION_COLUMNS)
    return [`  latency between the ${names.length} regions: see report.html`]
  const medianMs = new Map(regions.map((one) => [`${one.from} ${one.to}`, one.latencyMs.p50]))
  const cell = (text: string): string => text.padStart(REGION_CELL_WIDTH)
  const label = (name: string): string => `  ${name.slice(0, REGION_WIDTH).padEnd(REGION_WIDTH)}`
  const rows = names.filter((name) => regions.some(({ from }) => from === name))
  return [
    '  median ms from region (row) to region (column)',
    `${label('')}${names.map((name) => cell(shortName(name))).join('')}`,
    ...rows.map((from) => {
      const cells = names.map((to) => cell(medianText(medianMs.get(`${from} ${to}`) ?? null)))
      return `${label(from)}${cells.join('')}`
    }),
  ]
}

/** Fits above a column: the beginning of every word of the name, such as `sou-ame`. */
function shortName(name: string): string {
  const room = REGION_CELL_WIDTH - 1
  if (name.length <= room) return name
  const words = name.split(/[-_ ]/)
  const letters = Math.max(1, Math.floor((room - words.length + 1) / words.length))
  return words
    .map((word) => word.slice(0, letters))
    .join('-')
    .slice(0, room)
}

function medianText(ms: number | null): string {
  return ms === null ? '-' : ms.toFixed(ms < 10 ? 1 : 0)
}

const LABEL_WIDTH = 28
const CELL_WIDTH = 10
const ERROR_WIDTH = 8
const REGION_WIDTH = 14
const REGION_CELL_WIDTH = 8
const MAX_REGION_COLUMNS = 8

function latencyRow(label: string, { p50, p90, p99, max, errorMs }: LatencySummary): string {
  const cells = [p50, p90, p99, max].map((ms) => numberText(ms).padStart(CELL_WIDTH))
  return `  ${label.padEnd(LABEL_WIDTH)}${cells.join('')}${numberText(errorMs).padStart(ERROR_WIDTH)}`
}

function trafficSection({ traffic, nodes }: Report): string {
  const { total, amplification, peers } = traffic
  const missing = peers === nodes ? '' : ` (of ${peers} peers that could be counted)`
  return [
    `traffic on gossip streams: ${numberText(amplification)} bytes per byte delivered${missing}`,
    `  received ${bytesText(total.bytesReceived)}: first copies ${bytesText(total.payloadBytes)}, duplicates ${bytesText(total.duplicateBytes)},`,
    `  refused ${bytesText(total.refusedBytes)}, control and framing ${bytesText(overheadBytes(total))}`,
    `  control messages sent: ${controlText(total.controlSent)}`,
  ].join('\n')
}

function controlText(counts: ControlCounts): string {
  return CONTROL_KINDS.map((kind) => `${counts[kind]} ${kind.toUpperCase()}`).join(', ')
}

function faultSection({ faults }: Report): string {
  const rows = faults.map(({ atMs, untilMs, kind, detail }) => {
    const until = untilMs === undefined ? '' : ` (until ${secondsText(untilMs)})`
    return `  ${secondsText(atMs).padStart(9)}  ${kind}: ${detail}${until}`
  })
  return ['faults:', ...rows].join('\n')
}

function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** Where the times come from and how far they may be wrong, in one phrase. */
export function clockFacts({ clock, peers }: Report): string {
  const { source, errorMs, residualMs, clocks, check } = clock
  const checked =
    check === null
      ? ''
      : `; status exchanges on one clock found offsets up to ${numberText(check.maxOffsetMs)} ms, their own error up to ${numberText(check.errorMs)} ms`
  const known = clocks.reduce((sum, { nodes }) => sum + nodes.length, 0)
  const unknown =
    known === peers.length
      ? ''
      : `; ${peers.length - known} peers left out, whose clocks are not known`
  if (source === 'host-monotonic')
    return `one monotonic clock of one host for all sightings, error 0${checked}${unknown}`
  return `${clocks.length} clocks, corrected by the status exchange; two peers' times are off by at most ${numberText(errorMs)} ms, the pairs disagree by up to ${numberText(residualMs)} ms${checked}${unknown}`
}

/** The machine and the implementations that the figures belong to, in one phrase. */
export function machineFacts({ machine, crypto }: Report): string {
  const paths = Object.entries(crypto).map(([name, path]) => `${name} ${path}`)
  return `${machine.cores} x ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.platform}, Node ${machine.node}; ${paths.join(', ')}`
}

function footer(report: Report): string {
  return [
    `clock: ${clockFacts(report)}`,
    `machine: ${machineFacts(report)}`,
    ...warningsOf(report).map((one) => `warning: ${one}`),
  ]
    .map(wrapped)
    .join('\n')
}

/** With more than this wanting a core of the machine, latencies are as much its own as the network's. */
const MAX_LOAD_PER_CORE = 1.5

/** Why the figures may say less than they seem to, in sentences; none for a run without trouble. */
export function warningsOf({ sightingsLost, loadPerCore }: Report): string[] {
  return [
    ...(loadPerCore > MAX_LOAD_PER_CORE
      ? [
          `the machine was overloaded (${numberText(loadPerCore)} processes for each core): times hold waits for a processor, measure again when it has nothing else to do`,
        ]
      : []),
    ...(sightingsLost > 0
      ? [`${sightingsLost} sightings were lost before they were read: the figures are incomplete`]
      : []),
  ]
}

/** Breaks a line between words; what follows the first line is indented. */
function wrapped(line: string): string {
  const lines = ['']
  for (const word of line.split(' ')) {
    const last = lines.at(-1) ?? ''
    const longer = last === '' ? word : `${last} ${word}`
    if (longer.length <= WIDTH) lines[lines.length - 1] = longer
    else lines.push(`  ${word}`)
  }
  return lines.join('\n')
}
