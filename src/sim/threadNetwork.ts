/** What a thread simulates with: the world around all nodes, and the nodes that are its own. */
import type { ScenarioPlan } from '../scenario/plan.ts'
import { hostileNodes, nodeEngine } from './engines/nodeEngine.ts'
import { routerEngine } from './engines/routerEngine.ts'
import type { Engine, SimWorld } from './engines/engine.ts'
import type { EngineName } from './engines/engineNames.ts'
import { streamsOf, type SimMachine } from './links/machine.ts'
import { nodeSetups, type NodeSetup } from './nodeSettings.ts'
import { ALL_SHORTCUTS, type Shortcuts } from './shortcuts/shortcuts.ts'
import type { Away } from './threads/crossing.ts'
import { lookaheadTicks } from './threads/lookahead.ts'
import { WHOLE, type Partition } from './threads/partition.ts'
import type { SharedMemory } from './threads/shared.ts'
import type { RandomStreams } from './time/randomStreams.ts'
import type { VirtualWorld } from './time/virtualGlobals.ts'
import { makeWorld, Population } from './world.ts'

/** What a network is made from. */
export interface ThreadNetworkOptions {
  readonly plan: ScenarioPlan
  readonly engine: EngineName
  readonly virtual: VirtualWorld
  /** What the routers leave out; all that leaves the trace as it is unless given. */
  readonly shortcuts?: Shortcuts | undefined
  /** The nodes that are made here; all unless given. */
  readonly partition?: Partition
  /** That of all threads; its own unless given. */
  readonly memory?: SharedMemory | undefined
  /** The way to nodes of other threads; absent where there are none. */
  readonly away?: Away | undefined
}

/** A network that has not started. */
export interface ThreadNetwork {
  readonly plan: ScenarioPlan
  readonly world: SimWorld
  readonly engine: Engine
  readonly population: Population
  readonly streams: RandomStreams
  readonly partition: Partition
}

/** Makes the network of a plan. No other may have been made in the process before. */
export function makeNetwork(options: ThreadNetworkOptions): ThreadNetwork {
  const { plan, virtual, partition = WHOLE, memory, away } = options
  const { seed, network } = plan
  const streams = virtual.seed(seed, streamsOf(network.nodes.length))
  const leastTicks = lookaheadTicks(network.links, plan.faults)
  const world = makeWorld(network, { time: virtual.time, streams, seed, memory, away, leastTicks })
  const engine = makeEngine(options, world)
  const population = new Population(world, engine, partition)
  return { plan, world, engine, population, streams, partition }
}

function makeEngine(options: ThreadNetworkOptions, world: SimWorld): Engine {
  const { plan, engine, shortcuts = ALL_SHORTCUTS, partition } = options
  const setups = nodeSetups()
  const setupOf = ({ index }: SimMachine): NodeSetup => {
    const node = plan.network.nodes[index]
    if (node === undefined) throw new Error(`the plan has no node ${index}`)
    return setups(node)
  }
  return engine === 'node'
    ? nodeEngine({ world, plan, setupOf, shortcuts, partition })
    : routerEngine({ world, hostile: hostileNodes(plan), setupOf, shortcuts, partition })
}
