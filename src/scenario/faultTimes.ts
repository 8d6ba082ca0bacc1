import type { ScenarioFault } from './faultSchema.ts'
import type { Scenario } from './scenarioSchema.ts'

/** Nodes that are left out at the start, for faults of kind join bring them in: the last ones. */
export function lateNodes({ faults, durationS }: Scenario): number {
  return faults.reduce(
    (sum, fault) =>
      fault.kind === 'join' ? sum + fault.count * timesOf(fault, durationS).length : sum,
    0,
  )
}

/** Nodes that have come in by a time, ms after the warm-up: these and all before. */
export function nodesPresentAt(scenario: Scenario, atMs: number): number {
  const joined = scenario.faults.reduce((sum, fault) => {
    if (fault.kind !== 'join') return sum
    return sum + fault.count * timesOf(fault, scenario.durationS).filter((ms) => ms <= atMs).length
  }, 0)
  return scenario.nodes - lateNodes(scenario) + joined
}

/** When a fault or question of a scenario is due, ms after the warm-up. */
export function timesOf(
  { atS, everyS, untilS }: Pick<ScenarioFault, 'atS' | 'everyS' | 'untilS'>,
  durationS: number,
): number[] {
  if (everyS === undefined) return [Math.round(atS * 1000)]
  const lastS = Math.min(untilS ?? durationS, durationS)
  const count = Math.max(0, Math.floor((lastS - atS) / everyS + 1e-9) + 1)
  return Array.from({ length: count }, (_, index) => Math.round((atS + index * everyS) * 1000))
}
