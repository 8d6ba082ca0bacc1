/** A scenario by name or path: found by name or path, changed by flags, checked, planned. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseScenario, type ChangeNames, type ScenarioChanges } from '../scenario/parseScenario.ts'
import { planOf, type ScenarioPlan } from '../scenario/plan.ts'
import { settingsForAll } from '../node/settings/givenSettings.ts'
import { suggestionFor } from '../scenario/problems.ts'
import type { Scenario } from '../scenario/scenarioSchema.ts'
import { wordProblems } from './questions.ts'
import { UserError } from '../lib/userError.ts'

/** A scenario and its plan. */
export interface PlannedScenario {
  readonly scenario: Scenario
  readonly plan: ScenarioPlan
}

/** The scenarios that come with the program. */
const FOLDER = fileURLToPath(new URL('../../scenarios', import.meta.url))
const EXTENSION = '.yaml'
/** Lines of a file that are shown at a time. */
const MAX_PROBLEMS = 10

/**
 * Throws a UserError that names the file and each line that is wrong, or the change by what the
 * user calls it.
 */
export function loadScenario(
  nameOrPath: string,
  changes: ScenarioChanges,
  names: ChangeNames = {},
): PlannedScenario {
  const { scenario, problems } = parseScenario(scenarioText(nameOrPath), changes, names)
  if (scenario === undefined) throw new UserError(problemsText(nameOrPath, problems))
  const unasked = wordProblems(scenario.questions)
  if (unasked.length > 0) throw new UserError(problemsText(nameOrPath, unasked))
  const plan = planOf(scenario)
  for (const { index, settings } of plan.network.nodes)
    settingsForAll(settings, `${nameOrPath}: settings of node ${index}`)
  return { scenario, plan }
}

/** Names of the scenarios that come with the program. */
export function scenarioNames(): readonly string[] {
  if (!existsSync(FOLDER)) return []
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => file.slice(0, -EXTENSION.length))
    .toSorted()
}

/** The text of a scenario, by its name or file. Throws a UserError that says which there are. */
export function scenarioText(nameOrPath: string): string {
  return readText(scenarioFile(nameOrPath))
}

function scenarioFile(nameOrPath: string): string {
  if (scenarioNames().includes(nameOrPath)) return join(FOLDER, nameOrPath + EXTENSION)
  if (isFile(nameOrPath)) return nameOrPath
  if (/[/\\]|\.ya?ml$/.test(nameOrPath)) throw new UserError(`cannot read scenario ${nameOrPath}`)
  throw new UserError(
    `there is no scenario ${nameOrPath}: it is neither a file nor a built-in scenario; ${suggestionFor(nameOrPath, scenarioNames())}`,
  )
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new UserError(`cannot read scenario ${file}`)
  }
}

function problemsText(file: string, problems: readonly string[]): string {
  const more = problems.length - MAX_PROBLEMS
  const lines = problems.slice(0, MAX_PROBLEMS).map((problem) => `${file}: ${problem}`)
  return [...lines, ...(more > 0 ? [`${file}: and ${more} more`] : [])].join('\ngrapevine: ')
}
