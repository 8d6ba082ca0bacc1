/** `grapevine report`: shows, draws, exports and compares the reports of earlier runs. */
import { basename } from 'node:path'
import { Command, Option } from 'commander'
import type { Report } from '../measure/report.ts'
import { renderReport } from '../measure/terminal.ts'
import { EXPORT_NAMES, type ExportName } from '../measure/export/exports.ts'
import { wholeNumber } from './options.ts'
import { say, writeJson, writeText } from './terminal/output.ts'
import { readReportFile, writeExport, writeFile, writePage } from './network/reportFiles.ts'
import { UserError } from '../lib/userError.ts'

interface ReportFlags {
  readonly html?: string
  readonly export?: ExportName
  readonly out?: string
  readonly json?: boolean
  readonly seed: number
  readonly replicates: number
}

export function reportCommand(): Command {
  return new Command('report')
    .description('show the report.json of a run, draw it, export it, or compare it with another')
    .argument('<files...>', 'one report.json, or two to compare')
    .option('--html <file>', 'write one page that opens offline: the figures, or the comparison')
    .addOption(
      new Option('--export <format>', 'write the data for other tools').choices(EXPORT_NAMES),
    )
    .option('--out <dir>', 'directory of the export (default: <file>-<format>)')
    .option('--json', 'print the figures as JSON: without the items, or the comparison')
    .option(
      '--seed <number>',
      'seed of the bootstrap of a comparison',
      wholeNumber(0, 2 ** 32 - 1),
      1,
    )
    .option(
      '--replicates <count>',
      'replicates of the bootstrap of a comparison',
      wholeNumber(100, 100_000),
      1_000,
    )
    .action(runReport)
}

async function runReport(files: readonly string[], flags: ReportFlags): Promise<void> {
  const [first, second, ...more] = files
  if (first === undefined || more.length > 0)
    throw new UserError('give one report to show or two to compare')
  const report = await readReportFile(first)
  if (second === undefined) await showReport(report, first, flags)
  else await compare([report, await readReportFile(second)], [first, second], flags)
}

async function showReport(report: Report, file: string, flags: ReportFlags): Promise<void> {
  if (flags.json) writeJson(withoutItems(report))
  else writeText(renderReport(report))
  if (flags.html !== undefined) say(`written: ${await writePage(flags.html, report)}`)
  if (flags.export === undefined) return
  const dir = flags.out ?? `${file.replace(/\.json$/, '')}-${flags.export}`
  say(`written: ${(await writeExport(report, flags.export, dir)).join(', ')}`)
}

/** What there are thousands of stays in the file. */
function withoutItems(report: Report): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(report).filter(([name]) => name !== 'spreads'))
}

async function compare(
  [a, b]: readonly [Report, Report],
  files: readonly [string, string],
  flags: ReportFlags,
): Promise<void> {
  if (flags.export !== undefined) throw new UserError('--export: takes one report')
  const { compareReports } = await import('../measure/compare.ts')
  const { renderComparison } = await import('../measure/terminalCompare.ts')
  const comparison = compareReports(a, b, { seed: flags.seed, replicates: flags.replicates })
  if (flags.json) writeJson(comparison)
  else writeText(renderComparison(comparison, files))
  if (flags.html === undefined) return
  const { comparisonPage } = await import('../measure/html/comparisonPage.ts')
  const sides = [
    { name: basename(files[0]), report: a },
    { name: basename(files[1]), report: b },
  ] as const
  say(`written: ${writeFile(flags.html, await comparisonPage(sides, comparison))}`)
}
