/** The files of experiments: those of the project by name, others by path. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../../lib/assert.ts'
import { UserError } from '../../lib/userError.ts'
import { parseExperiment, type Experiment } from '../../scenario/experiment.ts'
import { suggestionFor } from '../../scenario/problems.ts'

/** The experiments that the project publishes. */
const FOLDER = fileURLToPath(new URL('../../../docs/experiments', import.meta.url))
const EXTENSION = '.yaml'

/** Names of the experiments that come with the program. */
export function experimentNames(): readonly string[] {
  if (!existsSync(FOLDER)) return []
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => basename(file, EXTENSION))
    .toSorted()
}

/** The path of an experiment. Throws a UserError that says which there are. */
export function experimentFile(name: string): string {
  if (experimentNames().includes(name)) return join(FOLDER, name + EXTENSION)
  if (existsSync(name)) return name
  throw new UserError(
    `there is no experiment ${name}, neither a file nor one of the project; ${suggestionFor(name, experimentNames())}`,
  )
}

/** The text of a file; a UserError if it cannot be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${messageOf(error)}`)
  }
}

/**
 * Reads an experiment, with another seed if one is given; a UserError that says what is wrong with
 * it.
 */
export function readExperiment(file: string, text: string, seed: number | undefined): Experiment {
  try {
    return parseExperiment(text, seed === undefined ? {} : { seed })
  } catch (error) {
    throw new UserError(`${file}: ${messageOf(error)}`)
  }
}

/** The page and the picture of an experiment, beside its file. */
export function pagesOf(file: string): { readonly page: string; readonly picture: string } {
  const base = file.endsWith(EXTENSION) ? file.slice(0, -EXTENSION.length) : file
  return { page: `${base}.md`, picture: `${base}.svg` }
}
