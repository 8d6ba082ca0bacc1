/**
 * A series: one question asked of several runs that differ in one thing. Its YAML holds a whole scenario and, for each
 * case, what is set otherwise.
 */
import { parse } from 'yaml'
import { z } from 'zod'
import { messageOf } from '../lib/assert.ts'
import { parseScenario, type ScenarioChanges } from './parseScenario.ts'
import type { Scenario } from './scenarioSchema.ts'

const MIN_CASES = 2
const MAX_CASES = 20

const part = z.record(z.string(), z.unknown())

const seriesSchema = z.strictObject({
  title: z.string().min(1).describe('What is varied against what is seen.'),
  asks: z.string().min(1).describe('The question that the runs answer.'),
  items: z.enum(['transactions', 'blocks']).describe('Whose propagation answers it.'),
  varies: z.string().min(1).describe('What differs from case to case, as the head of a column.'),
  scenario: part.describe('A whole scenario.'),
  cases: z
    .array(
      z.strictObject({
        label: z.string().min(1).describe('What the case is called.'),
        set: part.describe('What it sets otherwise: the keys of a scenario, merged into it.'),
      }),
    )
    .min(MIN_CASES)
    .max(MAX_CASES),
})

/** One case of a series: its label and its whole scenario. */
export interface ExperimentCase {
  readonly label: string
  readonly scenario: Scenario
}

/** Scenarios that differ in one thing, and the question that they answer. */
export interface Experiment {
  readonly title: string
  readonly asks: string
  readonly items: 'transactions' | 'blocks'
  readonly varies: string
  readonly cases: readonly ExperimentCase[]
}

/** Throws one Error that names everything that is wrong with the file. */
export function parseExperiment(text: string, changes: ScenarioChanges = {}): Experiment {
  const { scenario, cases, ...about } = readSeries(text)
  return {
    ...about,
    cases: cases.map(({ label, set }) => ({
      label,
      scenario: scenarioOf(label, merged(scenario, set), changes),
    })),
  }
}

function readSeries(text: string): z.infer<typeof seriesSchema> {
  const checked = seriesSchema.safeParse(valueOf(text))
  if (checked.success) return checked.data
  const faults = checked.error.issues.map(
    ({ path, message }) => `${path.map(String).join('.')}: ${message}`,
  )
  throw new Error(`this is no series: ${faults.join('; ')}`)
}

function valueOf(text: string): unknown {
  try {
    return parse(text, { schema: 'core' })
  } catch (error) {
    throw new Error(`this is no YAML: ${messageOf(error)}`, { cause: error })
  }
}

function scenarioOf(label: string, value: unknown, changes: ScenarioChanges): Scenario {
  const { scenario, problems } = parseScenario(JSON.stringify(value), changes)
  if (scenario !== undefined) return scenario
  const faults = problems.map((problem) => problem.replace(/^line \d+: /, ''))
  throw new Error(`the case "${label}" is no scenario: ${faults.join('; ')}`)
}

/** Objects are merged key by key; everything else, lists included, is replaced. */
function merged(base: unknown, over: unknown): unknown {
  if (!isPart(base) || !isPart(over)) return over
  const keys = new Set([...Object.keys(base), ...Object.keys(over)])
  return Object.fromEntries(
    [...keys].map((key) => [key, key in over ? merged(base[key], over[key]) : base[key]]),
  )
}

function isPart(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
