/**
 * An experiment: one question asked of several runs that differ in one thing. Its YAML holds a
 * whole scenario and, for each case, what is set otherwise.
 */
import { parse, YAMLError } from 'yaml'
import { z } from 'zod'
import { messageOf } from '../lib/assert.ts'
import { PANELS, type Panel } from '../rehearsal/panels.ts'
import { parseScenario, type ScenarioChanges } from './parseScenario.ts'
import type { Scenario } from './scenarioSchema.ts'
import { yamlProblem } from './yamlProblem.ts'

const MIN_CASES = 2
const MAX_CASES = 20
const MAX_REPEATS = 100

/** What carries a run: real nodes in processes, or the simulator with one of its engines. */
export const CARRIERS = ['real', 'node', 'router'] as const
/** One of {@link CARRIERS}. */
export type Carrier = (typeof CARRIERS)[number]

const part = z.record(z.string(), z.unknown())

const experimentSchema = z.strictObject({
  title: z.string().min(1).describe('What is varied, and what is measured.'),
  asks: z.string().min(1).describe('The question that the runs answer.'),
  items: z
    .enum(['transactions', 'blocks'])
    .describe('Items whose propagation answers the question.'),
  varies: z.string().min(1).describe('What differs between the cases, as a column heading.'),
  carrier: z
    .enum(CARRIERS)
    .default('real')
    .describe('What the runs use: real nodes, whole simulated nodes, or simulated routers only.'),
  repeat: z
    .number()
    .int()
    .min(1)
    .max(MAX_REPEATS)
    .default(1)
    .describe('Number of runs of each case, each with another seed.'),
  panels: z
    .array(z.enum(PANELS))
    .min(1)
    .default(['latency', 'copies'])
    .describe('What the plot shows, and which additional columns the table has.'),
  agreeWithin: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe(
      'The figures of the first two cases should agree within this share; the page shows them side by side.',
    ),
  scenario: part.describe('A whole scenario.'),
  cases: z
    .array(
      z.strictObject({
        label: z.string().min(1).describe('Name of the case.'),
        group: z
          .string()
          .min(1)
          .optional()
          .describe('Cases of one group are plotted together. Labels may repeat in another group.'),
        carrier: z
          .enum(CARRIERS)
          .optional()
          .describe('What this case uses, if it differs from the other cases.'),
        set: part.describe(
          'Keys of a scenario that this case changes. They are merged into the scenario; a part of another kind replaces the whole part.',
        ),
      }),
    )
    .min(MIN_CASES)
    .max(MAX_CASES),
})

/** One case of an experiment: its label and its whole scenario. */
export interface ExperimentCase {
  readonly label: string
  readonly group?: string
  readonly carrier: Carrier
  readonly scenario: Scenario
}

/** Scenarios that differ in one thing, and the question that they answer. */
export interface Experiment {
  readonly title: string
  readonly asks: string
  readonly items: 'transactions' | 'blocks'
  readonly varies: string
  /** Runs of each case. */
  readonly repeat: number
  readonly panels: readonly Panel[]
  readonly agreeWithin?: number
  readonly cases: readonly ExperimentCase[]
}

/** Throws one Error that names everything that is wrong with the file. */
export function parseExperiment(text: string, changes: ScenarioChanges = {}): Experiment {
  const { scenario, cases, carrier, agreeWithin, ...about } = checkedExperiment(
    experimentSchema,
    text,
  )
  return {
    ...about,
    ...(agreeWithin !== undefined && { agreeWithin }),
    cases: cases.map(({ label, group, carrier: own, set }) => ({
      label,
      ...(group !== undefined && { group }),
      carrier: own ?? carrier,
      scenario: scenarioOf(label, merged(scenario, set), changes),
    })),
  }
}

/**
 * What the YAML of an experiment says, by its form. Throws one Error that names everything that is
 * wrong with it.
 */
export function checkedExperiment<T>(form: z.ZodType<T>, text: string): T {
  const checked = form.safeParse(valueOf(text))
  if (checked.success) return checked.data
  const problems = checked.error.issues.map(
    ({ path, message }) => `${path.map(String).join('.')}: ${message}`,
  )
  throw new Error(`this is not an experiment: ${problems.join('; ')}`)
}

function valueOf(text: string): unknown {
  try {
    return parse(text, { schema: 'core' })
  } catch (error) {
    const what = error instanceof YAMLError ? yamlProblem(error) : messageOf(error)
    throw new Error(`this is not YAML: ${what}`, { cause: error })
  }
}

function scenarioOf(label: string, value: unknown, changes: ScenarioChanges): Scenario {
  const { scenario, problems } = parseScenario(JSON.stringify(value), changes)
  if (scenario !== undefined) return scenario
  const named = problems.map((problem) => problem.replace(/^line \d+: /, ''))
  throw new Error(`the case "${label}" is not a scenario: ${named.join('; ')}`)
}

/** Objects are merged key by key; everything else, lists included, is replaced. */
/** A part of another kind has other fields, so it takes the place of the whole. */
function merged(base: unknown, over: unknown): unknown {
  if (!isPart(base) || !isPart(over)) return over
  if (over['kind'] !== undefined && over['kind'] !== base['kind']) return over
  const keys = new Set([...Object.keys(base), ...Object.keys(over)])
  return Object.fromEntries(
    [...keys].map((key) => [key, key in over ? merged(base[key], over[key]) : base[key]]),
  )
}

function isPart(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
