/**
 * `grapevine report --merge`: reports that were made apart become what one run of all would have
 * printed.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../lib/assert.ts'
import { UserError } from '../../lib/userError.ts'
import type { NamedReport } from '../../measure/compare/compareFacts.ts'
import { experimentResult } from '../../measure/experiment/experimentResult.ts'
import { intervalsOf, renderIntervals } from '../../measure/repeats.ts'
import { EXIT_CODES } from '../exitCodes.ts'
import { readReportFile } from '../network/reportFiles.ts'
import { isInterrupted } from '../network/savedRun.ts'
import { say, writeJson, writeText } from '../terminal/output.ts'
import { writeExperiment } from './experiment.ts'

const REPORT_FILE = 'report.json'

interface MergeFlags {
  readonly json?: boolean
}

/**
 * Joins the reports in these files and folders: the runs of an experiment, or those of one scenario
 * with different seeds. Runs that are not there are named, and the exit code says so.
 */
export async function mergeReports(paths: readonly string[], flags: MergeFlags): Promise<void> {
  const reports: NamedReport[] = []
  for (const file of paths.flatMap(reportFiles)) reports.push(await wholeRun(file))
  if (reports.some(({ report }) => report.experiment !== undefined)) mergeExperiment(reports, flags)
  else mergeRepeats(reports, flags)
}

/** A part of a run stands for no run: what is joined is what one run of all would have made. */
async function wholeRun(file: string): Promise<NamedReport> {
  const report = await readReportFile(file)
  if (isInterrupted(report))
    throw new UserError(
      `--merge: ${file} is of a run that was ended before its time: make it again, or leave it out`,
    )
  return { file, report }
}

function mergeExperiment(reports: readonly NamedReport[], flags: MergeFlags): void {
  const result = resultOf(reports)
  writeExperiment(result, flags)
  if (result.missing.length === 0) return
  process.exitCode = EXIT_CODES.fellShort.code
  say(`missing: ${result.missing.join('; ')}`)
}

function resultOf(reports: readonly NamedReport[]) {
  try {
    return experimentResult(reports)
  } catch (error) {
    throw new UserError(`--merge: ${messageOf(error)}`)
  }
}

function mergeRepeats(reports: readonly NamedReport[], { json }: MergeFlags): void {
  const [first] = reports
  for (const [at, one] of reports.entries()) {
    if (first === undefined || withoutSeed(one) !== withoutSeed(first))
      throw new UserError(`--merge: ${one.file} is a run of another scenario than ${first?.file}`)
    const twin = reports.slice(0, at).find((other) => runOf(other) === runOf(one))
    if (twin !== undefined)
      throw new UserError(
        `--merge: ${one.file} and ${twin.file} are the same run: leave out one of them`,
      )
  }
  const runs = reports.map(({ report }) => report).toSorted((a, b) => (a.seed ?? 0) - (b.seed ?? 0))
  if (json) writeJson({ runs, intervals: intervalsOf(runs) })
  else writeText(renderIntervals(runs))
}

/** What runs of the same scenario have in common, be they real or simulated alike. */
function withoutSeed({ report }: NamedReport): string {
  const { scenario, nodes, ratePerS, simulation } = report
  const definition = Object.entries(scenario?.definition ?? {}).filter(([name]) => name !== 'seed')
  return JSON.stringify([definition, nodes, ratePerS, simulation?.engine ?? null])
}

/** Two simulations of one seed are the same run; two real ones with it are not. */
function runOf({ report: { seed, simulation, startedAt } }: NamedReport): string {
  return simulation === undefined ? startedAt : `${seed}`
}

/**
 * The file itself, or every `report.json` in a folder and in those within it, in the order of their
 * names.
 */
function reportFiles(path: string): string[] {
  if (!existsSync(path)) throw new UserError(`cannot read ${path}`)
  if (!statSync(path).isDirectory()) return [path]
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name === REPORT_FILE || name.endsWith(`/${REPORT_FILE}`))
    .toSorted()
    .map((name) => join(path, name))
  if (files.length === 0) throw new UserError(`there is no ${REPORT_FILE} in ${path}`)
  return files
}
