import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { parseScenario, type ScenarioChanges } from '../../src/scenario/parseScenario.ts'
import { planOf, type ScenarioPlan } from '../../src/scenario/plan.ts'
import type { Scenario } from '../../src/scenario/scenarioSchema.ts'

/** The text of a valid scenario of ten nodes with these fields set otherwise. */
export function scenarioText(fields: Readonly<Record<string, unknown>> = {}): string {
  return stringify({ name: 'test', shows: 'Nothing.', nodes: 10, ...fields })
}

export function scenarioWith(
  fields: Readonly<Record<string, unknown>> = {},
  changes: ScenarioChanges = {},
): Scenario {
  const { scenario, problems } = parseScenario(scenarioText(fields), changes)
  if (scenario === undefined) throw new Error(problems.join('\n'))
  return scenario
}

/** A scenario of the program by its name. */
export function readScenario(name: string): Scenario {
  const file = join(import.meta.dirname, '..', '..', 'scenarios', `${name}.yaml`)
  const { scenario, problems } = parseScenario(readFileSync(file, 'utf8'))
  if (scenario === undefined) throw new Error(problems.join('\n'))
  return scenario
}

export function planWith(fields: Readonly<Record<string, unknown>> = {}): ScenarioPlan {
  return planOf(scenarioWith(fields))
}
