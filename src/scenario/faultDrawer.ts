import type { Random } from '../lib/random.ts'
import { isAbsence, type Fault, type PeerBandwidth, type TimedFault } from './fault.ts'
import type { ScenarioFault } from './faultSchema.ts'
import type { LinkPlan, NetworkPlan } from './networkPlan.ts'
import type { Placement } from './placement.ts'
import { lateNodes } from './faultTimes.ts'
import { bytesPerS } from './planNetwork.ts'
import { MAX_SCENARIO_NODES, type Scenario } from './scenarioSchema.ts'
import { select, selectGroups } from './select.ts'
import type { Selector } from './selectorSchema.ts'
import { purposeRandom } from './streams.ts'

type FaultOf<Kind extends ScenarioFault['kind']> = Extract<ScenarioFault, { kind: Kind }>

/**
 * Makes schedules of faults, asked in order of time. Who is away is not drawn again before it is
 * back.
 */
export class FaultDrawer {
  readonly #network: NetworkPlan
  readonly #placement: Placement
  readonly #random: Random
  readonly #awayUntilMs = new Map<number, number>()
  /** Nodes that have come in: these and all before. */
  #present: number

  constructor(scenario: Scenario, network: NetworkPlan, placement: Placement) {
    this.#network = network
    this.#placement = placement
    this.#random = purposeRandom(scenario.seed, 'faults')
    this.#present = scenario.nodes - lateNodes(scenario)
  }

  /** The fault itself and what undoes it; nothing where there is nobody it could happen to. */
  happenings(fault: ScenarioFault, atMs: number): TimedFault[] {
    const happens = this.#draw(fault, atMs)
    if (happens === undefined) return []
    const forS = 'forS' in fault ? fault.forS : undefined
    const untilMs = forS === undefined ? Infinity : Math.round(atMs + forS * 1000)
    if (isAbsence(happens)) this.#away(happens.peers, untilMs)
    if (happens.kind === 'restart' || happens.kind === 'resume') this.#away(happens.peers, atMs)
    const undo = forS === undefined ? undefined : this.#undo(happens)
    if (undo === undefined) return [{ atMs, fault: happens }]
    return [
      { atMs, untilMs, fault: happens },
      { atMs: untilMs, fault: undo },
    ]
  }

  #draw(fault: ScenarioFault, atMs: number): Fault | undefined {
    const up = this.#nodes((node) => !this.#isAway(node, atMs))
    const some = (selector: Selector): number[] => this.#select(selector, up)
    switch (fault.kind) {
      case 'kill':
      case 'leave':
      case 'pause':
        return peersOrNothing({ kind: fault.kind, peers: some(fault.nodes) })
      case 'restart':
      case 'resume': {
        const away = this.#nodes((node) => this.#isAway(node, atMs))
        return peersOrNothing({ kind: fault.kind, peers: this.#select(fault.nodes, away) })
      }
      case 'join':
        return { kind: 'join', peers: this.#next(fault.count) }
      case 'partition':
        return {
          kind: 'partition',
          groups: selectGroups(fault.groups, this.#nodes(), this.#placement, this.#random),
        }
      case 'one-way':
        return oneWayOrNothing(some(fault.from), some(fault.to))
      case 'heal':
        return { kind: 'heal' }
      case 'slow-link':
        return linksOrNothing(this.#reshaped(fault))
      case 'heal-links':
        return { kind: 'shape-links', links: this.#network.links }
      case 'bandwidth':
        return bandwidthOrNothing(some(fault.nodes).map((peer) => newBandwidth(fault, peer)))
      case 'clock-jump':
        return peersOrNothing({ kind: 'clock-jump', peers: some(fault.nodes), byMs: fault.byMs })
      case 'hostile':
        break
    }
    return peersOrNothing({
      kind: 'hostile',
      peers: some(fault.nodes),
      behaviour: fault.behaviour,
      ...(fault.against !== undefined && { against: fault.against }),
    })
  }

  #undo(fault: Fault): Fault | undefined {
    switch (fault.kind) {
      case 'kill':
      case 'leave':
        return { kind: 'restart', peers: fault.peers }
      case 'pause':
        return { kind: 'resume', peers: fault.peers }
      case 'partition':
      case 'one-way':
        return { kind: 'heal' }
      case 'shape-links':
        return { kind: 'shape-links', links: this.#asPlanned(fault.links) }
      case 'bandwidth':
        return { kind: 'bandwidth', of: fault.of.map(({ peer }) => this.#plannedBandwidth(peer)) }
      case 'hostile':
        return { kind: 'honest', peers: fault.peers }
      case 'restart':
      case 'join':
      case 'resume':
      case 'heal':
      case 'clock-jump':
      case 'honest':
        break
    }
    return undefined
  }

  #select(selector: Selector, among: readonly number[]): number[] {
    return select(selector, among, this.#placement, this.#random)
  }

  #nodes(wanted: (node: number) => boolean = () => true): number[] {
    return Array.from({ length: this.#present }, (_, node) => node).filter(wanted)
  }

  #isAway(node: number, atMs: number): boolean {
    return (this.#awayUntilMs.get(node) ?? -Infinity) > atMs
  }

  #away(nodes: readonly number[], untilMs: number): void {
    for (const node of nodes) this.#awayUntilMs.set(node, untilMs)
  }

  #next(count: number): number[] {
    const first = this.#present
    this.#present += count
    return Array.from({ length: count }, (_, index) => first + index)
  }

  #reshaped(fault: FaultOf<'slow-link'>): LinkPlan[] {
    const { latencyMs, jitterMs, loss } = fault
    const nodes = new Set(fault.nodes && this.#select(fault.nodes, this.#nodes()))
    const links = new Set((fault.links ?? []).map(([a, b]) => linkKey(a, b)))
    const isMeant = ({ a, b }: LinkPlan): boolean =>
      nodes.has(a) || nodes.has(b) || links.has(linkKey(a, b))
    return this.#network.links.filter(isMeant).map((link) => ({
      ...link,
      shape: {
        latencyMs: latencyMs ?? link.shape.latencyMs,
        jitterMs: jitterMs ?? link.shape.jitterMs,
        lossRate: loss ?? link.shape.lossRate,
      },
    }))
  }

  #asPlanned(links: readonly LinkPlan[]): LinkPlan[] {
    const meant = new Set(links.map(({ a, b }) => linkKey(a, b)))
    return this.#network.links.filter(({ a, b }) => meant.has(linkKey(a, b)))
  }

  #plannedBandwidth(peer: number): PeerBandwidth {
    const { upBytesPerS = null, downBytesPerS = null } = this.#network.nodes[peer] ?? {}
    return { peer, upBytesPerS, downBytesPerS }
  }
}

/** The same for both directions of a link. */
function linkKey(a: number, b: number): number {
  return Math.min(a, b) * MAX_SCENARIO_NODES + Math.max(a, b)
}

function peersOrNothing<F extends Fault & { readonly peers: readonly number[] }>(
  fault: F,
): F | undefined {
  return fault.peers.length === 0 ? undefined : fault
}

function oneWayOrNothing(from: readonly number[], to: readonly number[]): Fault | undefined {
  return from.length === 0 || to.length === 0 ? undefined : { kind: 'one-way', from, to }
}

function linksOrNothing(links: readonly LinkPlan[]): Fault | undefined {
  return links.length === 0 ? undefined : { kind: 'shape-links', links }
}

function bandwidthOrNothing(of: readonly PeerBandwidth[]): Fault | undefined {
  return of.length === 0 ? undefined : { kind: 'bandwidth', of }
}

function newBandwidth({ upMbit, downMbit }: FaultOf<'bandwidth'>, peer: number): PeerBandwidth {
  return {
    peer,
    upBytesPerS: upMbit === undefined ? null : bytesPerS(upMbit),
    downBytesPerS: downMbit === undefined ? null : bytesPerS(downMbit),
  }
}
