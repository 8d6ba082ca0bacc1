/** From the faults of a scenario to a schedule: who they happen to is drawn, what lasts is undone, what repeats repeated. */
import type { TimedFault } from './fault.ts'
import { FaultDrawer } from './faultDrawer.ts'
import { timesOf } from './faultTimes.ts'
import type { NetworkPlan } from './networkPlan.ts'
import type { Placement } from './placement.ts'
import type { Scenario } from './scenarioSchema.ts'

/** In order of time; what is due at one time, in the order of the scenario. Nothing is undone after the end of the run. */
export function planFaults(
  scenario: Scenario,
  network: NetworkPlan,
  placement: Placement,
): TimedFault[] {
  const drawer = new FaultDrawer(scenario, network, placement)
  const occurrences = scenario.faults
    .flatMap((fault) => timesOf(fault, scenario.durationS).map((atMs) => ({ atMs, fault })))
    .toSorted(byTime)
  const planned = occurrences.flatMap(({ atMs, fault }) => drawer.happenings(fault, atMs))
  return [...hostileFromTheBeginning(scenario, placement), ...planned]
    .filter(({ atMs }) => atMs <= scenario.durationS * 1000)
    .toSorted(byTime)
}

/** Classes that misbehave do so before the warm-up. */
function hostileFromTheBeginning(
  { classes, warmupS }: Scenario,
  { classOf }: Placement,
): TimedFault[] {
  return classes.flatMap((one) => {
    const { hostile } = one
    const peers = [...classOf.keys()].filter((node) => classOf[node] === one)
    if (hostile === undefined || peers.length === 0) return []
    return [{ atMs: -warmupS * 1000, fault: { kind: 'hostile', peers, behaviour: hostile } }]
  })
}

function byTime(a: { readonly atMs: number }, b: { readonly atMs: number }): number {
  return a.atMs - b.atMs
}
