/** The report as a person reads it on a terminal, 80 columns wide. */
import { CONTROL_KINDS } from '../../item/controlKinds.ts'
import { bytesText, figureText, numberText, percentText } from '../numberText.ts'
import { idealHops } from '../idealHops.ts'
import { regionNames } from '../regions.ts'
import { shortfallsOf } from '../outcome.ts'
import type { LatencySummary } from '../percentile.ts'
import type { Propagation } from '../propagation.ts'
import type { ControlCounts, Report } from '../report.ts'
import { COVERAGE_PERCENTS } from '../reportTerms.ts'
import {
  answerText,
  blockFacts,
  clockFacts,
  hostFacts,
  machineFacts,
  memberFacts,
  peersText,
  programFacts,
  questionText,
  scenarioFacts,
  transactionFacts,
  truthText,
} from './reportFacts.ts'
import { hasLosses, LOSSES, warningsOf } from './reportWarnings.ts'

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
    ...(report.questions.length === 0 ? [] : [questionSection(report)]),
    ...(report.faults.length === 0 ? [] : [faultSection(report)]),
    ...memberSection(report),
    footer(report),
  ]
  return `${sections.join('\n\n')}\n`
}

function heading(report: Report): string {
  const { scenario, nodes, ratePerS } = report
  const peers = peersText({ measured: report.peers.length, nodes })
  const seconds = (report.durationMs / 1000).toFixed(1)
  return [
    `propagation report: ${peers}, ${seconds} s, ${ratePerS} transactions/s`,
    ...(scenario === null ? [] : [wrapped(`scenario ${scenarioFacts(scenario)}`)]),
    ...shortfallsOf(report).map(({ text }) => wrapped(`! ${text}`)),
  ].join('\n')
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
    ...figures.hops.map(({ hop, delayMs }) => latencyRow(`delay of hop ${hop}`, delayMs)),
    latencyRow('validation', figures.validationMs),
    latencyRow('wait for the verifier', figures.queueMs),
    ...more,
  ]
  const columns = FIGURES.map((column) => column.padStart(CELL_WIDTH))
  return [
    `${name}: ${facts}`,
    ...costLines(report, figures),
    `  ${'ms'.padEnd(LABEL_WIDTH)}${'n/N'.padStart(COUNT_WIDTH)}${columns.join('')}${'+-'.padStart(ERROR_WIDTH)}`,
    ...rows,
    ...regionLines(figures),
  ].join('\n')
}

function costLines(report: Report, figures: Propagation): string[] {
  const ideal = idealHops(report)
  const hops = `mean hop ${numberText(figures.meanHop)}`
  return [
    `  coverage ${percentText(figures.coverage)} (${shareText(figures.latencyMs)})   ${hops}${ideal === undefined ? '' : ` (log_D(n) ${numberText(ideal)})`}`,
    ...(figures.bound === null
      ? []
      : [`  p99 over that of the shortest paths ${numberText(figures.bound.ratioP99)}`]),
    `  duplicates per delivery ${numberText(figures.duplicatesPerDelivery)}   mesh degree ${numberText(figures.meshDegree)}   duplicates/(degree - 2) ${numberText(figures.duplicatesOverMesh)}`,
  ]
}

/**
 * Median latency from each region where items entered (a row) to each (a column), as far as the
 * lines are wide.
 */
function regionLines({ regions, latencyMs }: Propagation): string[] {
  const names = regionNames(regions)
  if (names.length === 0) return []
  if (names.length > MAX_REGION_COLUMNS)
    return [`  latency between the ${names.length} regions: see report.html`]
  const latencies = new Map(regions.map((one) => [`${one.from} ${one.to}`, one.latencyMs]))
  const cell = (text: string): string => text.padStart(REGION_CELL_WIDTH)
  const label = (name: string): string => `  ${name.slice(0, REGION_WIDTH).padEnd(REGION_WIDTH)}`
  const rows = names.filter((name) => regions.some(({ from }) => from === name))
  return [
    `  median ms from region (row) to region (column); in all ${shareText(latencyMs)} arrived`,
    `${label('')}${names.map((name) => cell(shortName(name))).join('')}`,
    ...rows.map((from) => {
      const cells = names.map((to) => cell(medianText(latencies.get(`${from} ${to}`))))
      return `${label(from)}${cells.join('')}`
    }),
    ...incompleteRegions(regions),
  ]
}

/** The pairs of regions between which something did not arrive. */
function incompleteRegions(regions: Propagation['regions']): string[] {
  const incomplete = regions.filter(({ latencyMs }) => latencyMs.count < latencyMs.of)
  const shown = incomplete.slice(0, MAX_INCOMPLETE_REGIONS)
  const left = incomplete.length - shown.length
  return [
    ...shown.map(
      ({ from, to, latencyMs }) => `  ${from} to ${to}: ${shareText(latencyMs)} arrived`,
    ),
    ...(left > 0 ? [`  and ${left} more pairs with losses: see report.html`] : []),
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

function medianText(summary: LatencySummary | undefined): string {
  if (summary === undefined) return '-'
  if (summary.p50 === null) return figureText(summary, 'p50')
  return summary.p50.toFixed(summary.p50 < 10 ? 1 : 0)
}

/** `297/300`: of how many of all values there is one. */
function shareText({ count, of }: LatencySummary): string {
  return `${count}/${of}`
}

const FIGURES = ['p50', 'p90', 'p99', 'max'] as const
const LABEL_WIDTH = 21
const COUNT_WIDTH = 14
const CELL_WIDTH = 9
const ERROR_WIDTH = 7
const REGION_WIDTH = 14
const REGION_CELL_WIDTH = 8
const MAX_REGION_COLUMNS = 8
const MAX_INCOMPLETE_REGIONS = 8

function latencyRow(label: string, summary: LatencySummary): string {
  const cells = FIGURES.map((name) => figureText(summary, name).padStart(CELL_WIDTH))
  const count = shareText(summary).padStart(COUNT_WIDTH)
  const error = numberText(summary.errorMs).padStart(ERROR_WIDTH)
  return `  ${label.padEnd(LABEL_WIDTH)}${count}${cells.join('')}${error}`
}

function trafficSection({ traffic, nodes }: Report): string {
  const { total, amplification, peers } = traffic
  const missing = peers === nodes ? '' : ` (of ${peers} peers that could be counted)`
  return [
    `traffic on gossip streams: ${numberText(amplification)} bytes per byte delivered${missing}`,
    `  received ${bytesText(total.bytesReceived)}: first copies ${bytesText(total.payloadBytes)}, duplicates ${bytesText(total.duplicateBytes)},`,
    `  refused ${bytesText(total.refusedBytes)}, without a verdict ${bytesText(total.openBytes)}, control and framing ${bytesText(total.otherBytes)}`,
    `  in answers to requests, on other streams: ${bytesText(total.requestedBytes)}`,
    `  control messages sent: ${controlText(total.controlSent)}`,
  ].join('\n')
}

function controlText(counts: ControlCounts): string {
  return CONTROL_KINDS.map((kind) => `${counts[kind]} ${kind.toUpperCase()}`).join(', ')
}

function questionSection({ questions }: Report): string {
  const rows = questions.map((one) =>
    wrapped(`  ${questionText(one)}: ${answerText(one)}; true: ${truthText(one)}`),
  )
  return ['questions to the network:', ...rows].join('\n')
}

function faultSection({ faults }: Report): string {
  const rows = faults.map(({ atMs, untilMs, kind, detail }) => {
    const until = untilMs === undefined ? '' : ` (until ${secondsText(untilMs)})`
    return `  ${secondsText(atMs).padStart(9)}  ${kind}: ${detail}${until}`
  })
  return ['faults:', ...rows].join('\n')
}

function memberSection(report: Report): string[] {
  const facts = memberFacts(report)
  if (facts.length === 0) return []
  return [['members:', ...facts.map(([name, text]) => `  ${name}: ${text}`)].join('\n')]
}

function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function footer(report: Report): string {
  return [
    ...(hasLosses(report) ? [LOSSES] : []),
    `clock: ${clockFacts(report)}`,
    `machine: ${machineFacts(report)}`,
    ...hostFacts(report).map((one) => `host: ${one}`),
    `program: ${programFacts(report)}`,
    'What each figure means: the definitions in report.json and report.html, and docs/report.md.',
    ...warningsOf(report).map((one) => `warning: ${one}`),
  ]
    .map(wrapped)
    .join('\n')
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
