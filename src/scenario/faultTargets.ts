/** Whether there is anything in a network that its faults could happen to. */
import { selectorsOf } from './faultChecks.ts'
import type { ScenarioFault } from './faultSchema.ts'
import { nodesPresentAt, timesOf } from './faultTimes.ts'
import type { Placement } from './placement.ts'
import { planNetwork } from './planNetwork.ts'
import type { Path, Problem } from './problems.ts'
import type { Scenario } from './scenarioSchema.ts'
import { select } from './select.ts'
import { purposeRandom } from './streams.ts'
import { Graph } from './topology/graph.ts'

/** Faults that would happen to nothing, of a scenario whose fields are right. */
export function checkFaultTargets(scenario: Scenario, placement: Placement): readonly Problem[] {
  return [...strangeLinks(scenario, placement), ...emptySelections(scenario, placement)]
}

/** The network is drawn only for a fault that names links of it. */
function strangeLinks(scenario: Scenario, placement: Placement): Problem[] {
  const named = scenario.faults.flatMap((fault, index) =>
    fault.kind === 'slow-link'
      ? (fault.links ?? []).map((link, at) => ({ link, path: ['faults', index, 'links', at] }))
      : [],
  )
  if (named.length === 0) return []
  const links = planNetwork(scenario, placement).links
  const graph = new Graph(
    scenario.nodes,
    links.map(({ a, b }) => [a, b] as const),
  )
  return named
    .filter(({ link: [a, b] }) => !graph.has(a, b))
    .map(({ link: [a, b], path }) => ({ path, message: noLink(graph, a, b) }))
}

/** Neighbours that a line names one by one. */
const NAMED_NEIGHBOURS = 8

function noLink(graph: Graph, a: number, b: number): string {
  const others = [...graph.neighbours(a)].toSorted((one, other) => one - other)
  const more = others.length > NAMED_NEIGHBOURS ? ' and others' : ''
  const named = others.slice(0, NAMED_NEIGHBOURS).join(', ')
  return `the network has no link ${a}-${b}: node ${a} is linked to ${named}${more}`
}

/** A region or class whose nodes all come in after the last time that the fault is due. */
function emptySelections(scenario: Scenario, placement: Placement): Problem[] {
  return scenario.faults.flatMap((fault, index) => {
    const nodes = presentFor(fault, scenario)
    return selectorsOf(fault).flatMap(([key, group]): Problem[] => {
      if (group === 'rest') return []
      const chosen = select(group, nodes, placement, purposeRandom(scenario.seed, 'faults'))
      const path: Path = ['faults', index, ...key]
      return chosen.length > 0 ? [] : [{ path, message: 'its nodes come in later: set atS later' }]
    })
  })
}

function presentFor(fault: ScenarioFault, scenario: Scenario): number[] {
  const lastMs = timesOf(fault, scenario.durationS).at(-1) ?? 0
  return Array.from({ length: nodesPresentAt(scenario, lastMs) }, (_, node) => node)
}
