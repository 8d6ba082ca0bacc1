/**
 * The instrument's port of a simulated network: the same run that measures processes measures it.
 */
import type { Clock } from '../../lib/clock.ts'
import type { Unsubscribe } from '../../lib/emitter.ts'
import type { CopySource, FaultPort, NetworkPort } from '../../instrument/port.ts'
import type { Life } from '../../measure/life.ts'
import type { Fault } from '../../scenario/fault.ts'
import type { Engine, SimWorld } from '../engines/engine.ts'
import type { Population } from '../world.ts'
import type { SimMachine } from '../links/machine.ts'
import type { Crew } from '../threads/crew.ts'
import { SimulatedPeer, VIRTUAL_CLOCK_ID, type DistantNode } from './simulatedPeer.ts'

/** What is under the instrument. */
export interface SimulatedNetworkParts {
  readonly world: SimWorld
  readonly engine: Engine
  readonly population: Population
  /** The threads that have a part of the nodes; absent where one has all. */
  readonly crew?: Crew | undefined
  /** See {@link NetworkPort.released}. */
  readonly released: () => Promise<void>
}

/** The network under the instrument. */
export class SimulatedNetwork implements NetworkPort {
  readonly clock: Clock
  readonly clockId = VIRTUAL_CLOCK_ID
  readonly chainId: number
  readonly periodS: number
  readonly nodes: number
  readonly life: Life
  readonly faults: FaultPort
  readonly copies: CopySource
  readonly released: () => Promise<void>
  readonly #population: Population
  readonly #all: readonly SimulatedPeer[]
  #started: readonly SimulatedPeer[] = []

  constructor({ world, engine, population, crew, released }: SimulatedNetworkParts) {
    this.released = released
    this.clock = world.time.clock(world.time.instrument)
    this.chainId = engine.chainId
    this.periodS = engine.periodS
    this.nodes = world.machines.length
    this.life = population.life
    this.faults = faultPortOf(population, crew)
    const { copies } = world.observations
    this.copies = { take: (visit) => copies.take(visit, crew?.copies()) }
    this.#population = population
    this.#all = world.machines.map(
      (machine) =>
        new SimulatedPeer({
          world,
          machine,
          nodeOf: () => population.node(machine.index),
          isRunning: () => population.isRunning(machine.index),
          chainId: engine.chainId,
          distant: crew && distantNode(machine, engine, crew),
        }),
    )
    population.life.onChange(({ node, state }) => {
      if (state === 'gone') this.#all[node]?.died()
    })
  }

  get peers(): readonly SimulatedPeer[] {
    const { started } = this.#population
    if (started.size !== this.#started.length)
      this.#started = this.#all.filter(({ index }) => started.has(index))
    return this.#started
  }
}

/** A node of another thread; `undefined` for those of this one. */
function distantNode(machine: SimMachine, engine: Engine, crew: Crew): DistantNode | undefined {
  const { index } = machine
  if (!crew.mail.isAway(index)) return undefined
  const answers = engine.standIn?.(machine, crew)
  if (answers === undefined) throw new Error(`engine ${engine.name} runs in one thread`)
  return {
    answers,
    work: (work, settle) => crew.work(index, work, settle),
    timeline: (hash) => crew.timeline(index, hash),
  }
}

function faultPortOf(population: Population, crew: Crew | undefined): FaultPort {
  return {
    apply: async (fault: Fault) => {
      crew?.apply(fault)
      population.apply(fault)
    },
    onFault: (listener: (fault: Fault) => void): Unsubscribe => population.happened.on(listener),
  }
}
