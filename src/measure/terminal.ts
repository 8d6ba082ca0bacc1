/** The report as a person reads it on a terminal, 80 columns wide. */
import { bytesText, numberText, percentText } from './numberText.ts'
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
    kindSection('transactions', transactionFacts(report), report.transactions),
    kindSection('blocks', blockFacts(report), report.blocks),
    trafficSection(report),
    ...(report.faults.length === 0 ? [] : [faultSection(report)]),
    footer(report),
  ]
  return `${sections.join('\n\n')}\n`
}

function heading(report: Report): string {
  const seconds = (report.durationMs / 1000).toFixed(1)
  return `propagation report: ${report.nodes} peers, ${seconds} s, ${report.ratePerS} transactions/s`
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

function kindSection(name: string, facts: string, figures: Propagation): string {
  const rows = [
    latencyRow('latency of a peer', figures.latencyMs),
    ...COVERAGE_PERCENTS.map((percent) =>
      latencyRow(`to ${percent} % of peers`, figures.toCoverageMs[percent]),
    ),
    ...figures.hops.map(({ hop, deliveries, delayMs }) =>
      latencyRow(`hop ${hop} (${deliveries} arrivals)`, delayMs),
    ),
    latencyRow('validation', figures.validationMs),
    latencyRow('wait for the verifier', figures.queueMs),
  ]
  return [
    `${name}: ${facts}`,
    `  coverage ${percentText(figures.coverage)}   duplicates per delivery ${numberText(figures.duplicatesPerDelivery)}   mean hop ${numberText(figures.meanHop)}`,
    `  ${'ms'.padEnd(LABEL_WIDTH)}${['p50', 'p90', 'p99', 'max'].map((name) => name.padStart(CELL_WIDTH)).join('')}`,
    ...rows,
  ].join('\n')
}

const LABEL_WIDTH = 28
const CELL_WIDTH = 10

function latencyRow(label: string, { p50, p90, p99, max }: LatencySummary): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${[p50, p90, p99, max].map((ms) => numberText(ms).padStart(CELL_WIDTH)).join('')}`
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
  const rows = faults.map(({ atMs, kind, detail }) => {
    const seconds = (atMs / 1000).toFixed(1)
    return `  ${`${seconds} s`.padStart(9)}  ${kind}: ${detail}`
  })
  return ['faults:', ...rows].join('\n')
}

/** Where the times come from and how far they may be wrong, in one phrase. */
export function clockFacts({ clock }: Report): string {
  const check = `largest offset ${numberText(clock.maxOffsetMs)} ms, error bound ${numberText(clock.errorMs)} ms`
  return `one monotonic clock of this host for all sightings; check by status exchange: ${check}`
}

/** The machine and the implementations that the figures belong to, in one phrase. */
export function machineFacts({ machine, crypto }: Report): string {
  const paths = Object.entries(crypto).map(([name, path]) => `${name} ${path}`)
  return `${machine.cores} x ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.platform}, Node ${machine.node}; ${paths.join(', ')}`
}

function footer(report: Report): string {
  const { sightingsLost } = report
  return [
    `clock: ${clockFacts(report)}`,
    `machine: ${machineFacts(report)}`,
    ...(sightingsLost > 0
      ? [`${sightingsLost} sightings were lost before they were read: the figures are incomplete`]
      : []),
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
