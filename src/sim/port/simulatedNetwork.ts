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
import { SimulatedPeer, VIRTUAL_CLOCK_ID } from './simulatedPeer.ts'

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

  /** @param released see {@link NetworkPort.released}. */
  constructor(
    world: SimWorld,
    engine: Engine,
    population: Population,
    released: () => Promise<void>,
  ) {
    this.released = released
    this.clock = world.time.clock(world.time.instrument)
    this.chainId = engine.chainId
    this.periodS = engine.periodS
    this.nodes = world.machines.length
    this.life = population.life
    this.faults = faultPortOf(population)
    this.copies = world.observations.copies
    this.#population = population
    this.#all = world.machines.map(
      (machine) =>
        new SimulatedPeer({
          world,
          machine,
          nodeOf: () => population.node(machine.index),
          chainId: engine.chainId,
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

function faultPortOf(population: Population): FaultPort {
  return {
    apply: async (fault: Fault) => population.apply(fault),
    onFault: (listener: (fault: Fault) => void): Unsubscribe => population.happened.on(listener),
  }
}
