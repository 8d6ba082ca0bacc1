/**
 * From the faults of a scenario to a schedule: who they happen to is drawn, what lasts is undone,
 * what repeats repeated.
 */
import type { TimedFault } from './fault.ts'
import { FaultDrawer } from './faultDrawer.ts'
import { lateNodes, timesOf } from './faultTimes.ts'
import type { NetworkPlan } from './networkPlan.ts'
import type { Placement } from './placement.ts'
import type { NodeClass, Scenario } from './scenarioSchema.ts'

/**
 * In order of time; what is due at one time, in the order of the scenario. Nothing is undone after
 * the end of the run.
 */
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
  const first = scenario.nodes - lateNodes(scenario)
  const present = Array.from({ length: first }, (_, node) => node)
  return [
    ...hostileAmong(present, -scenario.warmupS * 1000, placement),
    ...planned.flatMap((timed) => [timed, ...hostileNewcomers(timed, placement)]),
  ]
    .filter(({ atMs }) => atMs <= scenario.durationS * 1000)
    .toSorted(byTime)
}

/** Classes that misbehave do so before the warm-up, or from the moment when they come in. */
function hostileNewcomers({ atMs, fault }: TimedFault, placement: Placement): TimedFault[] {
  return fault.kind === 'join' ? hostileAmong(fault.peers, atMs, placement) : []
}

/** One fault for each hostile class that some of these nodes are in. */
function hostileAmong(
  nodes: readonly number[],
  atMs: number,
  { classOf }: Placement,
): TimedFault[] {
  const byClass = new Map<NodeClass, number[]>()
  for (const node of nodes) {
    const one = classOf[node]
    if (one?.hostile !== undefined) byClass.set(one, [...(byClass.get(one) ?? []), node])
  }
  return [...byClass].flatMap(([{ hostile, against }, peers]): TimedFault[] => {
    if (hostile === undefined) return []
    const victim = against === undefined ? {} : { against }
    return [{ atMs, fault: { kind: 'hostile', peers, behaviour: hostile, ...victim } }]
  })
}

function byTime(a: { readonly atMs: number }, b: { readonly atMs: number }): number {
  return a.atMs - b.atMs
}
