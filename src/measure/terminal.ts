/** The report as a person reads it on a terminal, 80 columns wide. */
import type { LatencySummary } from './percentile.ts'
import { COVERAGE_PERCENTS, type Propagation } from './propagation.ts'
import type { Report } from './report.ts'

/** The whole report as text, with a final line feed. */
export function renderReport(report: Report): string {
  const sections = [
    heading(report),
    kindSection('transactions', transactionFacts(report), report.transactions),
    kindSection('blocks', blockFacts(report), report.blocks),
    footer(report),
  ]
  return `${sections.join('\n\n')}\n`
}

function heading(report: Report): string {
  const seconds = (report.durationMs / 1000).toFixed(1)
  return `propagation report: ${report.nodes} peers, ${seconds} s, ${report.ratePerS} transactions/s`
}

function transactionFacts({ transactions }: Report): string {
  const { submitted, accepted, included } = transactions
  const refused = Object.entries(transactions.refusals).map(
    ([reason, count]) => `${count} ${reason}`,
  )
  const tail = refused.length === 0 ? '' : `; refused: ${refused.join(', ')}`
  return `${submitted} submitted, ${accepted} accepted, ${included} included in blocks${tail}`
}

function blockFacts({ blocks }: Report): string {
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
  ]
  return [
    `${name}: ${facts}`,
    `  coverage ${percentText(figures.coverage)}   duplicates per delivery ${numberText(figures.duplicatesPerDelivery)}`,
    `  ${'ms'.padEnd(LABEL_WIDTH)}${['p50', 'p90', 'p99', 'max'].map((name) => name.padStart(CELL_WIDTH)).join('')}`,
    ...rows,
  ].join('\n')
}

const LABEL_WIDTH = 28
const CELL_WIDTH = 10

function latencyRow(label: string, { p50, p90, p99, max }: LatencySummary): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${[p50, p90, p99, max].map((ms) => numberText(ms).padStart(CELL_WIDTH)).join('')}`
}

function footer({ clock, machine, crypto, sightingsLost }: Report): string {
  const paths = Object.entries(crypto).map(([name, path]) => `${name} ${path}`)
  const offset = `largest offset measured ${numberText(clock.maxOffsetMs)} ms, error bound ${numberText(clock.errorMs)} ms`
  return [
    `clock: one monotonic clock of this host; ${offset}`,
    `machine: ${machine.cores} x ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.platform}, Node ${machine.node}; ${paths.join(', ')}`,
    ...(sightingsLost > 0
      ? [`${sightingsLost} sightings were lost before they were read: the figures are incomplete`]
      : []),
  ].join('\n')
}

function numberText(value: number | null): string {
  return value === null ? '-' : value.toFixed(value < 10 ? 2 : 1)
}

function percentText(share: number | null): string {
  return share === null ? '-' : `${(share * 100).toFixed(share === 1 ? 0 : 2)} %`
}
