/** Simulations in the process of a test: its clock and randomness are virtual while one runs. */
import type { Report } from '../../src/measure/report.ts'
import { parseScenario } from '../../src/scenario/parseScenario.ts'
import type { Scenario } from '../../src/scenario/scenarioSchema.ts'
import { planOf } from '../../src/scenario/plan.ts'
import { simulate, type SimulateOptions } from '../../src/sim/simulate.ts'
import { installVirtualGlobals } from '../../src/sim/time/virtualGlobals.ts'

type Options = Partial<Omit<SimulateOptions, 'scenario' | 'plan' | 'virtual'>>

/** Runs a scenario that is given as YAML. */
export async function simulated(yaml: string, options: Options = {}): Promise<Report> {
  const { scenario, problems } = parseScenario(yaml)
  if (scenario === undefined) throw new Error(problems.join('\n'))
  return simulatedScenario(scenario, options)
}

/** Runs a scenario. */
export async function simulatedScenario(
  scenario: Scenario,
  options: Options = {},
): Promise<Report> {
  const plan = planOf(scenario)
  const virtual = installVirtualGlobals()
  try {
    return await simulate({ engine: 'router', ...options, scenario, plan, virtual })
  } finally {
    virtual.uninstall()
  }
}

/** The scenario of most tests: random links over the regions of the literature. */
export function networkOf(nodes: number, more = ''): string {
  return [
    'name: test',
    'shows: What the simulator does.',
    `nodes: ${nodes}`,
    'topology: { kind: random-regular, degree: 10 }',
    'regions: { table: interop-8 }',
    'workload: { transactionsPerS: 2, dataBytes: 85 }',
    'durationS: 5',
    more,
  ].join('\n')
}
