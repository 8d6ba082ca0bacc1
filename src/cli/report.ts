/** `grapevine report`: shows, draws, exports and compares the reports of earlier runs. */
import { maxOf } from '../lib/extremes.ts'
import { resolve, sep } from 'node:path'
import { Command, Option } from 'commander'
import type { Report } from '../measure/report.ts'
import { renderReport } from '../measure/terminal/terminal.ts'
import { EXPORT_NAMES, type ExportName } from '../measure/export/exports.ts'
import { unmetExpectations, type Expectation } from '../measure/expectations.ts'
import { refuseFlags } from './options/applies.ts'
import { EXIT_CODES } from './exitCodes.ts'
import { OTLP_OF_REPORT_HELP, sendSpans } from './network/reportSpansFlag.ts'
import { collectorUrl, EXPECT_HELP, readExpectations } from './network/devnetFlags.ts'
import { pageName, pathName, wholeNumber } from './options/options.ts'
import { say, writeJson, writeText } from './terminal/output.ts'
import { readReportFile, writeExport, writeFile, writePage } from './network/reportFiles.ts'
import { UserError } from '../lib/userError.ts'

interface ReportFlags {
  readonly html?: string
  readonly export?: ExportName
  readonly out?: string
  readonly expect?: readonly Expectation[]
  readonly otlp?: string
  readonly json?: boolean
  readonly merge?: boolean
  readonly seed: number
  readonly replicates: number
}

/** The command `report`. */
export function reportCommand(): Command {
  return new Command('report')
    .description('show the report.json of a run, draw it, export it, or compare it with others')
    .argument(
      '<files...>',
      'one report.json, or several to compare with the first; with --merge folders too',
    )
    .option(
      '--merge',
      'join the runs of an experiment, or of one scenario with several seeds, that were made apart: what one run of all would have printed',
    )
    .option(
      '--html <file>',
      'write one page that opens offline: the figures, or the comparison',
      pageName,
    )
    .addOption(
      new Option('--export <format>', 'write the data for other tools').choices(EXPORT_NAMES),
    )
    .option('--out <dir>', 'directory of the export (default: <file>-<format>)', pathName)
    .option('--otlp <url>', OTLP_OF_REPORT_HELP, collectorUrl)
    .option('--expect <expectation>', EXPECT_HELP, readExpectations)
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

/** Options that are for reports one by one. */
const NOT_OF_MERGE = ['html', 'export', 'out', 'otlp', 'expect', 'seed', 'replicates']
/** As many as there are letters to call them by. */
const MAX_COMPARED = 26

async function runReport(
  files: readonly string[],
  flags: ReportFlags,
  command: Command,
): Promise<void> {
  if (flags.merge) {
    refuseFlags(command, NOT_OF_MERGE, 'does not go with --merge')
    const { mergeReports } = await import('./experiment/mergeReports.ts')
    return mergeReports(files, flags)
  }
  refuseUnused(files.length, flags, command)
  const reports: Report[] = []
  for (const file of files) reports.push(await readReportFile(file))
  const [first] = reports
  const [file] = files
  if (first === undefined || file === undefined)
    throw new UserError('give one report to show, or several to compare')
  if (reports.length === 1) await showReport(first, file, flags)
  else await compare(reports, files, flags)
}

function refuseUnused(count: number, flags: ReportFlags, command: Command): void {
  if (count > MAX_COMPARED)
    throw new UserError(`at most ${MAX_COMPARED} reports are compared at a time`)
  if (count > 1) refuseFlags(command, ['export', 'out', 'otlp', 'expect'], 'takes one report')
  else refuseFlags(command, ['seed', 'replicates'], 'is for the comparison of several reports')
  if (flags.export === undefined) refuseFlags(command, ['out'], 'needs --export')
}

async function showReport(report: Report, file: string, flags: ReportFlags): Promise<void> {
  if (flags.json) writeJson(withoutItems(report))
  else writeText(renderReport(report))
  if (flags.html !== undefined) say(`written: ${await writePage(flags.html, report)}`)
  if (flags.otlp !== undefined) await sendSpans(report, flags.otlp)
  for (const line of unmetExpectations(report, flags.expect ?? [])) {
    process.exitCode = EXIT_CODES.fellShort.code
    say(line)
  }
  if (flags.export === undefined) return
  const dir = flags.out ?? `${file.replace(/\.json$/, '')}-${flags.export}`
  say(`written: ${(await writeExport(report, flags.export, dir)).join(', ')}`)
}

/** What there are thousands of stays in the file. */
function withoutItems(report: Report): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(report).filter(([name]) => name !== 'spreads'))
}

async function compare(
  reports: readonly Report[],
  files: readonly string[],
  flags: ReportFlags,
): Promise<void> {
  const { compareReports } = await import('../measure/compare/compare.ts')
  const { renderComparison } = await import('../measure/terminal/terminalCompare.ts')
  const names = distinctPaths(files)
  const named = reports.map((report, at) => ({ report, file: names[at] ?? '' }))
  const comparison = compareReports(named, { seed: flags.seed, replicates: flags.replicates })
  if (flags.json) writeJson(comparison)
  else writeText(renderComparison(comparison))
  if (flags.html === undefined) return
  const { comparisonPage } = await import('../measure/html/comparisonPage.ts')
  say(`written: ${writeFile(flags.html, await comparisonPage(named, comparison))}`)
}

/**
 * Each file with its folder, and with more of its path where that does not tell it from the others.
 */
function distinctPaths(files: readonly string[]): readonly string[] {
  const parts = files.map((file) => resolve(file).split(sep))
  const longest = maxOf(parts.map((one) => one.length))
  const last = (count: number): string[] => parts.map((one) => one.slice(-count).join(sep))
  const wanted = new Set(last(longest)).size
  let count = 2
  while (count < longest && new Set(last(count)).size < wanted) count++
  return last(count)
}
