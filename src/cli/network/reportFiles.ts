/**
 * The files of a report: written where the user asked for, read with one clear line for what is
 * wrong.
 */
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf } from '../../lib/assert.ts'
import { makeDirectory } from '../../lib/files/makeDirectory.ts'
import type { ExportName } from '../../measure/export/exports.ts'
import type { Report } from '../../measure/report.ts'
import { UserError } from '../../lib/userError.ts'
import { writeError } from '../../lib/files/writeError.ts'

/** Where a report goes besides the terminal. */
export interface ReportTargets {
  /** Directory for `report.json` and `report.html`. */
  readonly reportDir?: string
  readonly html?: string
  readonly export?: ExportName
  /** Directory in which the export gets its own; the one of the report unless given. */
  readonly exportIn?: string
}

/** Where one of several runs goes: each has a folder, and writes over no other's data. */
export function targetsOfRun(targets: ReportTargets, round: number): ReportTargets {
  const { reportDir } = targets
  const folder = `run-${round + 1}`
  return {
    ...targets,
    ...(reportDir !== undefined && { reportDir: join(reportDir, folder) }),
    exportIn: join(reportDir ?? '.', folder),
  }
}

/** The same without a report that is there already. */
export function withoutReport({ reportDir: _there, ...others }: ReportTargets): ReportTargets {
  return others
}

/**
 * Writes what was asked for and answers the paths. The libraries that draw are loaded only when
 * they are needed.
 */
export async function writeReportFiles(
  report: Report,
  targets: ReportTargets,
): Promise<readonly string[]> {
  const { reportDir, html } = targets
  const written: string[] = []
  if (reportDir !== undefined) {
    const { writeReport } = await import('../../measure/reportFile.ts')
    written.push(writeFile(join(reportDir, 'report.json'), writeReport(report)))
    written.push(await writePage(join(reportDir, 'report.html'), report))
  }
  if (html !== undefined) written.push(await writePage(html, report))
  if (targets.export !== undefined)
    written.push(...(await writeExport(report, targets.export, exportDir(targets, targets.export))))
  return written
}

/** Throws now, as {@link writeFile} would after the run, where a report could not be written. */
export function checkReportTargets(targets: ReportTargets): void {
  const { reportDir, html } = targets
  if (reportDir !== undefined) checkWritable(join(reportDir, 'report.json'))
  if (html !== undefined) checkWritable(html)
  if (targets.export !== undefined) checkWritable(join(exportDir(targets, targets.export), 'x'))
}

/**
 * Throws as {@link writeFile} does where a file cannot be written. What was not there is not there
 * afterwards; its directory is.
 */
export function checkWritable(file: string): void {
  try {
    makeDirectory(dirname(file))
    const isNew = !existsSync(file)
    closeSync(openSync(file, 'a'))
    if (isNew) rmSync(file)
  } catch (error) {
    throw writeError(file, error)
  }
}

/** Writes an export into its directory and answers that. */
export async function writeExport(
  report: Report,
  name: ExportName,
  dir: string,
): Promise<readonly string[]> {
  const { EXPORTS } = await import('../../measure/export/exports.ts')
  for (const { file, text } of EXPORTS[name].files(report)) writeFile(join(dir, file), text)
  return [dir]
}

/** The script that stands in the page of a report. */
const EXPLORER = new URL('../../measure/html/explorer.js', import.meta.url)

/** Writes the page of a report and answers its path; throws as {@link writeFile} does. */
export async function writePage(file: string, report: Report): Promise<string> {
  const { reportPage } = await import('../../measure/html/page.ts')
  return writeFile(file, await reportPage(report, readFileSync(EXPLORER, 'utf8')))
}

/**
 * Writes a file, making its directory; throws a {@link writeError} if that cannot be. `mode` is
 * of a file that is new.
 */
export function writeFile(file: string, text: string, mode = 0o666): string {
  try {
    makeDirectory(dirname(file))
    writeFileSync(file, text, { mode })
    return file
  } catch (error) {
    throw writeError(file, error)
  }
}

/** Reads a `report.json`; a UserError that names the file if it is none. */
export async function readReportFile(file: string): Promise<Report> {
  const { readReport } = await import('../../measure/reportFile.ts')
  const text = readText(file)
  try {
    return readReport(text)
  } catch (error) {
    throw new UserError(`${file}: ${messageOf(error)}`)
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new UserError(`cannot read ${file}`)
  }
}

function exportDir({ reportDir = '.', exportIn }: ReportTargets, name: ExportName): string {
  return join(exportIn ?? reportDir, name)
}
