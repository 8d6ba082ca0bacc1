/**
 * From a scenario to the network that is built: its nodes with their settings, its links with their
 * shapes.
 */
import type { LinkPlan, NetworkPlan, NodePlan, PlannedSettings } from './networkPlan.ts'
import type { LinkShape } from '../rehearsal/linkShape.ts'
import { sample } from '../lib/random.ts'
import { regionName, type Placement } from './placement.ts'
import { select } from './select.ts'
import type { NodeTraits, Scenario } from './scenarioSchema.ts'
import { purposeRandom } from './streams.ts'
import { circulant } from './topology/circulant.ts'
import { geographic } from './topology/geographic.ts'
import { Graph, type Edge } from './topology/graph.ts'
import { complete, line, ring, star } from './topology/plain.ts'
import { randomRegular } from './topology/randomRegular.ts'
import { smallWorld } from './topology/smallWorld.ts'

/** Plans the nodes with their settings and the links with their shapes. */
export function planNetwork(scenario: Scenario, placement: Placement): NetworkPlan {
  const nodes = Array.from({ length: scenario.nodes }, (_, index) =>
    planNode(scenario, placement, index),
  )
  const links = edgesOf(scenario, placement).map(([a, b]): LinkPlan => ({
    a,
    b,
    shape: shapeOf(scenario, placement, a, b),
  }))
  const { processes } = scenario
  return { nodes, links, ...(processes !== undefined && { processes }) }
}

function planNode(scenario: Scenario, placement: Placement, index: number): NodePlan {
  const { everyNode } = scenario
  const own = placement.classOf[index]
  const traits: NodeTraits = {
    ...everyNode,
    ...own,
    router: { ...everyNode.router, ...own?.router },
    settings: { ...everyNode.settings, ...own?.settings },
  }
  return {
    index,
    region: regionName(placement, index),
    settings: settingsOf(traits),
    ...(traits.upMbit !== undefined && { upBytesPerS: bytesPerS(traits.upMbit) }),
    ...(traits.downMbit !== undefined && { downBytesPerS: bytesPerS(traits.downMbit) }),
  }
}

/** Converts a bandwidth from Mbit/s to bytes per second. */
export function bytesPerS(mbit: number): number {
  return (mbit * 1e6) / 8
}

/** What has a field of its own in a scenario wins over the same setting by its name. */
function settingsOf({
  router = {},
  floodPublish,
  validationMs,
  settings = {},
}: NodeTraits): PlannedSettings {
  const given = Object.entries(router).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return {
    ...settings,
    ...(given.length > 0 && { router: Object.fromEntries(given) }),
    ...(floodPublish !== undefined && { floodPublish }),
    ...(validationMs !== undefined && { validationDelayMs: validationMs }),
  }
}

/** Those of the topology, and more: the node that dials stands first. */
function edgesOf(scenario: Scenario, placement: Placement): Edge[] {
  const edges = topologyEdges(scenario, placement)
  if (scenario.moreLinks.length === 0) return edges
  const graph = new Graph(scenario.nodes, edges)
  const random = purposeRandom(scenario.seed, 'more-links')
  const all = Array.from({ length: scenario.nodes }, (_, node) => node)
  for (const { from, to, each } of scenario.moreLinks) {
    const targets = select(to, all, placement, random)
    for (const node of select(from, all, placement, random)) {
      const others = targets.filter((target) => target !== node)
      const dialled = each === undefined ? others : sample(random, others, each)
      edges.push(...dialled.filter((other) => graph.add(node, other)).map(edgeFrom(node)))
    }
  }
  return edges
}

function edgeFrom(node: number): (other: number) => Edge {
  return (other) => [node, other]
}

function topologyEdges(scenario: Scenario, placement: Placement): Edge[] {
  const { topology, nodes, seed } = scenario
  const random = purposeRandom(seed, 'links')
  switch (topology.kind) {
    case 'line':
      return line(nodes)
    case 'ring':
      return ring(nodes)
    case 'star':
      return star(nodes)
    case 'complete':
      return complete(nodes)
    case 'random-regular':
      return topology.degree < 2
        ? circulant(nodes, topology.degree)
        : randomRegular(nodes, topology.degree, random)
    case 'small-world':
      return smallWorld(nodes, topology.degree, topology.rewired, random)
    case 'geographic':
      return geographic(nodes, { ...topology, ...placesOf(scenario, placement) }, random)
    case 'edges':
      break
  }
  return [...topology.edges]
}

/** Without regions all nodes stand in one place. */
function placesOf({ nodes }: Scenario, { table, regionOf }: Placement) {
  return {
    placeOf: Array.from({ length: nodes }, (_, node) => regionOf[node] ?? 0),
    latencyMs: (from: number, to: number): number =>
      table === undefined ? 0 : microseconds(table.latencyMs(from, to)),
  }
}

function shapeOf({ links }: Scenario, placement: Placement, a: number, b: number): LinkShape {
  const { table, regionOf } = placement
  const [from, to] = [regionOf[a], regionOf[b]]
  if (table === undefined || from === undefined || to === undefined)
    return {
      latencyMs: links.latencyMs ?? 0,
      jitterMs: links.jitterMs ?? 0,
      lossRate: links.loss,
    }
  return {
    latencyMs: microseconds(table.latencyMs(from, to)),
    jitterMs: links.jitterMs ?? microseconds(table.jitterMs(from, to)),
    lossRate: links.loss,
  }
}

/** Rounds to a microsecond, so that a plan is the same text everywhere. */
function microseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
