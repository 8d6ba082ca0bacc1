/** Whether there is anything in a network that its faults could happen to. */
import { selectorsOf } from './faultChecks.ts'
import type { ScenarioFault } from '../faultSchema.ts'
import { nodesPresentAt, timesOf } from '../faultTimes.ts'
import type { Placement } from '../placement.ts'
import { planNetwork } from '../planNetwork.ts'
import type { Path, Problem } from '../problems.ts'
import type { Scenario } from '../scenarioSchema.ts'
import { isNamed, select, selectGroups } from '../select.ts'
import { purposeRandom } from '../streams.ts'
import { Graph } from '../topology/graph.ts'

/** Faults that would happen to nothing, of a scenario whose fields are right. */
export function checkFaultTargets(scenario: Scenario, placement: Placement): readonly Problem[] {
  const problems = [strangeLinks, emptySelections, sharedNodes].flatMap((check) =>
    check(scenario, placement),
  )
  return problems.length > 0 ? problems : emptySides(scenario, placement)
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
  return presentAt(timesOf(fault, scenario.durationS).at(-1) ?? 0, scenario)
}

function presentAt(atMs: number, scenario: Scenario): number[] {
  return Array.from({ length: nodesPresentAt(scenario, atMs) }, (_, node) => node)
}

/** A node can be on one side of a partition only. */
function sharedNodes(scenario: Scenario, placement: Placement): Problem[] {
  const all = Array.from({ length: scenario.nodes }, (_, node) => node)
  const random = purposeRandom(scenario.seed, 'faults')
  return partitions(scenario).flatMap(({ groups, path }) => {
    const sideOf = new Map<number, number>()
    return groups.flatMap((group, side): Problem[] => {
      const members = isNamed(group) ? select(group, all, placement, random) : []
      const shared = members.find((node) => sideOf.has(node))
      if (shared !== undefined) return [twoSides(shared, sideOf.get(shared), [...path, side])]
      for (const node of members) sideOf.set(node, side)
      return []
    })
  })
}

function twoSides(node: number, side: number | undefined, path: Path): Problem {
  return { path, message: `node ${node} is in groups[${side}] too: leave it out of one of both` }
}

/** The first time that a partition is due, the fewest nodes are there. */
function emptySides(scenario: Scenario, placement: Placement): Problem[] {
  const random = purposeRandom(scenario.seed, 'faults')
  return partitions(scenario).flatMap(({ groups, atS, path }) => {
    const nodes = presentAt(Math.round(atS * 1000), scenario)
    return selectGroups(groups, nodes, placement, random).flatMap((members, side) =>
      members.length > 0
        ? []
        : [{ path: [...path, side], message: 'gets no node: the other groups take all' }],
    )
  })
}

function partitions({ faults }: Scenario) {
  return faults.flatMap((fault, index) =>
    fault.kind === 'partition' ? [{ ...fault, path: ['faults', index, 'groups'] }] : [],
  )
}
