/** What a scenario means to the parts that run it. */
import type { ScenarioRecord } from '../measure/scenarioRecord.ts'
import type { ScenarioPlan } from '../scenario/plan.ts'
import type { Scenario } from '../scenario/scenarioSchema.ts'
import type { RunOptions } from './runMeasurement.ts'

/** What is done to it. */
export function scenarioRunOptions(
  scenario: Scenario,
  plan: ScenarioPlan,
): Omit<RunOptions, 'privateKeys' | 'command' | 'onProgress'> {
  const { load, faults, questions, warmupMs, durationMs } = plan
  const { transactionsPerS } = scenario.workload
  return {
    load,
    faults,
    questions,
    warmupMs,
    durationMs,
    ratePerS: transactionsPerS,
    scenario: scenarioRecord(scenario, plan),
  }
}

/** The scenario as a report keeps it. */
export function scenarioRecord(scenario: Scenario, plan: ScenarioPlan): ScenarioRecord {
  const { nodes, links } = plan.network
  return {
    name: scenario.name,
    seed: scenario.seed,
    description: scenario.shows,
    definition: definitionOf(scenario),
    regions: nodes.map(({ region }) => region ?? null),
    places: { ...plan.places },
    links: links.map(({ a, b, shape }) => ({ a, b, latencyMs: shape.latencyMs })),
  }
}

/** As JSON writes it: what is not set is not there. */
function definitionOf(scenario: Scenario): ScenarioRecord['definition'] {
  return JSON.parse(JSON.stringify(scenario)) as ScenarioRecord['definition']
}
