/**
 * What experiments with models have in common: they run at once, and their figures do not depend on
 * the machine.
 */
import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { programCommit } from '../../instrument/surroundings.ts'
import { machineReport } from '../../lib/machineClock.ts'
import { messageOf } from '../../lib/assert.ts'
import { UserError } from '../../lib/userError.ts'
import type { LinesPanel } from '../../measure/html/linesPlot.ts'
import { withFigures } from '../docs/experimentPage.ts'
import { writeFile } from '../network/reportFiles.ts'
import { bar, clearProgress, say, showProgress, writeJson, writeText } from '../terminal/output.ts'
import { pagesOf } from './experimentFile.ts'

/** How the figures are wanted. */
export interface ModelFlags {
  readonly json?: boolean
  /** Write the page and its picture. */
  readonly write?: boolean
}

/** What models came to, ready to be shown. */
export interface ModelFigures {
  readonly title: string
  readonly asks: string
  readonly result: unknown
  /** Markdown. */
  readonly tables: string
  /** What one must know to repeat it. */
  readonly circumstances: string
  readonly panels: LinesPanel[]
}

/** The experiment that `parse` reads; throws a UserError that names the file. */
export function readModels<Experiment>(file: string, parse: () => Experiment): Experiment {
  try {
    return parse()
  } catch (error) {
    throw new UserError(`${file}: ${messageOf(error)}`)
  }
}

/** Shows how many models have run. */
export function showModels(done: number, of: number): void {
  showProgress(`${bar(done, of)} ${done} of ${of} models`)
}

/** Prints the figures, and makes the page where that is wanted. */
export async function publishModels(
  file: string,
  { json, write }: ModelFlags,
  figures: ModelFigures,
): Promise<void> {
  clearProgress()
  const { title, asks, result, tables, circumstances } = figures
  if (json) writeJson(result)
  else writeText(`\n${title}\n${asks}\n\n${tables}\n${circumstances}\n`)
  if (write) await writePage(file, figures)
}

/** The machine and the commit, in a sentence each. */
export function machineText(): string {
  const { cpu, cores, platform, node } = machineReport()
  return `${cpu}, ${cores} cores, ${platform}, Node ${node}. Commit ${programCommit() ?? 'not known'}.`
}

async function writePage(
  file: string,
  { title, asks, tables, circumstances, panels }: ModelFigures,
): Promise<void> {
  const { linesPlot } = await import('../../measure/html/linesPlot.ts')
  const { page, picture } = pagesOf(file)
  const figures = { name: basename(page, '.md'), title, asks, tables, circumstances }
  writeFile(page, withFigures(figures, existsSync(page) ? readFileSync(page, 'utf8') : undefined))
  writeFile(picture, await linesPlot(panels, title))
  say(`written: ${page}, ${picture}`)
}
