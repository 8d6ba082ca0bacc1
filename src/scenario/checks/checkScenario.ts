/** What must hold between the fields of a scenario, each rule by itself. */
import type { Misbehaviour } from '../../rehearsal/misbehaviour.ts'
import { checkFaults, timeProblems } from './faultChecks.ts'
import { checkFaultTargets } from './faultTargets.ts'
import { placementOf, sizeOf, type Placement } from '../placement.ts'
import { loadCount, targetsOf } from '../planLoad.ts'
import type { Path, Problem } from '../problems.ts'
import { regionProblems } from '../regions/chosenRegions.ts'
import type { Scenario } from '../scenarioSchema.ts'
import { noNode, selectorProblems, strangers } from './selectorChecks.ts'
import { Graph } from '../topology/graph.ts'

/** A complete graph of so many has half a million links. */
const MAX_COMPLETE_NODES = 1_000
/** Beyond it, signing ahead of time would take minutes and gigabytes. */
const MAX_TRANSACTIONS = 500_000

type Check = (scenario: Scenario) => readonly Problem[]

/** What is wrong with a scenario whose fields are right, each by itself. */
export function checkScenario(scenario: Scenario): readonly Problem[] {
  const regions = checkRegions(scenario)
  if (regions.length > 0) return regions
  const problems = CHECKS.flatMap((check) => check(scenario))
  return problems.length > 0 ? problems : checkPlaced(scenario)
}

/** What can be said only once it is drawn where each node stands. */
function checkPlaced(scenario: Scenario): readonly Problem[] {
  const placement = placementOf(scenario)
  return [...checkSubmission(scenario, placement), ...checkFaultTargets(scenario, placement)]
}

const checkRegions: Check = ({ regions, links }) => {
  if (regions === undefined) return []
  const problems = regionProblems(regions).map(({ path, message }) => ({
    path: ['regions', ...path],
    message,
  }))
  return links.latencyMs === undefined
    ? problems
    : [
        ...problems,
        {
          path: ['links', 'latencyMs'],
          message: 'regions give the latency: leave out one of both',
        },
      ]
}

const checkTopology: Check = ({ topology, nodes }) => {
  if (topology.kind === 'random-regular') return regularProblems(topology.degree, nodes)
  if (topology.kind === 'edges') return edgeProblems(topology.edges, nodes)
  if (topology.kind === 'complete')
    return nodes <= MAX_COMPLETE_NODES
      ? []
      : [
          {
            path: ['topology'],
            message: `links everyone with everyone: ${MAX_COMPLETE_NODES} nodes at most`,
          },
        ]
  if (topology.kind === 'geographic')
    return topology.near + topology.far > 0
      ? []
      : [{ path: ['topology'], message: 'expected near or far above 0' }]
  if (topology.kind !== 'small-world') return []
  if (topology.degree % 2 === 1)
    return [{ path: ['topology', 'degree'], message: 'expected an even number' }]
  return topology.degree < nodes ? [] : [tooManyLinks(nodes)]
}

function regularProblems(degree: number, nodes: number): Problem[] {
  const path = ['topology', 'degree']
  if (degree >= nodes) return [tooManyLinks(nodes)]
  if ((degree * nodes) % 2 === 1)
    return [{ path, message: `an odd degree needs an even number of nodes, not ${nodes}` }]
  return degree === 1 && nodes > 2
    ? [{ path, message: 'with one link each, the nodes fall into pairs: expected 2 at least' }]
    : []
}

function tooManyLinks(nodes: number): Problem {
  return {
    path: ['topology', 'degree'],
    message: `a node has ${nodes - 1} others to link to: expected less than ${nodes}`,
  }
}

function edgeProblems(edges: readonly (readonly [number, number])[], nodes: number): Problem[] {
  const graph = new Graph(nodes)
  const problems = edges.flatMap(([a, b], index): Problem[] => {
    const path = ['topology', 'edges', index]
    const stranger = [a, b].find((node) => node >= nodes)
    if (stranger !== undefined) return [{ path, message: noNode(stranger, nodes) }]
    if (a === b) return [{ path, message: `node ${a} cannot be linked to itself` }]
    return graph.add(a, b) ? [] : [{ path, message: `${a}-${b} is there twice` }]
  })
  const apart = graph.parts()[1]?.[0]
  if (problems.length > 0 || apart === undefined) return problems
  return [{ path: ['topology', 'edges'], message: `no way leads from node 0 to node ${apart}` }]
}

const checkClasses: Check = ({ classes, nodes }) => {
  const problems = classes.flatMap((one, index): Problem[] => {
    const path = ['classes', index]
    const ways = [one.share, one.count, one.nodes].filter((way) => way !== undefined)
    if (ways.length !== 1) return [{ path, message: 'expected one of share, count and nodes' }]
    if (classes.findIndex(({ name }) => name === one.name) !== index)
      return [{ path: [...path, 'name'], message: `there are two classes named ${one.name}` }]
    return strangers(one.nodes ?? [], nodes, [...path, 'nodes'])
  })
  const wanted = classes.reduce((sum, one) => sum + (one.nodes?.length ?? sizeOf(one, nodes)), 0)
  const named = classes.flatMap((one) => one.nodes ?? [])
  const twice = named.find((node, index) => named.indexOf(node) !== index)
  if (problems.length > 0) return problems
  if (twice !== undefined)
    return [{ path: ['classes'], message: `node ${twice} is in two classes` }]
  return wanted > nodes
    ? [{ path: ['classes'], message: `the classes take ${wanted} nodes, but there are ${nodes}` }]
    : []
}

const checkWorkload: Check = (scenario) => {
  const { workload, nodes } = scenario
  const { submitTo, dataBytes } = workload
  const path = ['workload']
  const count = loadCount(scenario)
  return [
    ...(typeof dataBytes === 'object' && !Array.isArray(dataBytes) && dataBytes.min > dataBytes.max
      ? [{ path: [...path, 'dataBytes'], message: 'expected min up to max' }]
      : []),
    ...(typeof submitTo === 'string'
      ? []
      : 'node' in submitTo
        ? strangers([submitTo.node], nodes, [...path, 'submitTo', 'node'])
        : selectorProblems(submitTo, scenario, [...path, 'submitTo'])),
    ...(count > MAX_TRANSACTIONS
      ? [{ path, message: `${count} transactions are more than a run takes (${MAX_TRANSACTIONS})` }]
      : []),
  ]
}

/** A region may be there and its nodes come in late. */
function checkSubmission(scenario: Scenario, placement: Placement): Problem[] {
  return targetsOf(scenario, placement).length > 0
    ? []
    : [{ path: ['workload', 'submitTo'], message: 'means no node of this network' }]
}

const checkMoreLinks: Check = (scenario) =>
  scenario.moreLinks.flatMap(({ from, to }, index) => [
    ...selectorProblems(from, scenario, ['moreLinks', index, 'from']),
    ...selectorProblems(to, scenario, ['moreLinks', index, 'to']),
  ])

/** A censor is against somebody; nobody else is. */
const checkAgainst: Check = ({ classes, faults, nodes }) => [
  ...classes.flatMap(({ hostile, against }, index) =>
    againstProblems(hostile, against, nodes, ['classes', index]),
  ),
  ...faults.flatMap((fault, index) =>
    fault.kind === 'hostile'
      ? againstProblems(fault.behaviour, fault.against, nodes, ['faults', index])
      : [],
  ),
]

function againstProblems(
  behaviour: Misbehaviour | undefined,
  against: number | undefined,
  nodes: number,
  path: Path,
): Problem[] {
  const at = [...path, 'against']
  if (against !== undefined && behaviour !== 'censor')
    return [{ path: at, message: 'means something only for censor' }]
  if (against !== undefined) return strangers([against], nodes, at)
  return behaviour === 'censor'
    ? [{ path, message: 'censor needs the node that it is against: add against' }]
    : []
}

const checkQuestions: Check = ({ questions, nodes, durationS }) =>
  questions.flatMap((question, index) => {
    const { ask, find, node } = question
    const path: Path = ['questions', index]
    return [
      ...((ask === undefined) === (find === undefined)
        ? [{ path, message: 'expected ask or find, one of both' }]
        : []),
      ...strangers([node], nodes, [...path, 'node']),
      ...timeProblems(question, durationS, path),
    ]
  })

const checkProcesses: Check = ({ processes, nodes, faults }) => {
  if (processes === undefined) return []
  const path = ['processes']
  if (processes > nodes)
    return [{ path, message: `expected at most one for each of the ${nodes} nodes` }]
  return faults.some(({ kind }) => kind === 'pause')
    ? [{ path, message: 'a pause needs a process for each node: leave out processes' }]
    : []
}

const CHECKS: readonly Check[] = [
  checkProcesses,
  checkTopology,
  checkClasses,
  checkMoreLinks,
  checkFaults,
  checkAgainst,
  checkWorkload,
  checkQuestions,
]
