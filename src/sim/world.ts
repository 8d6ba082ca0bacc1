/**
 * The machines of a simulation and what happens to them: they start, die, pause, come back, are cut
 * off.
 */
import { maxOf } from '../lib/extremes.ts'
import type { PeerId } from '../gossip/network.ts'
import { MemberWatch } from '../instrument/members/memberWatch.ts'
import { messageOf } from '../lib/assert.ts'
import { Emitter } from '../lib/emitter.ts'
import { Life } from '../measure/life.ts'
import type { Fault, PeerBandwidth } from '../scenario/fault.ts'
import type { NetworkPlan } from '../scenario/networkPlan.ts'
import type { Engine, SimNode, SimWorld } from './engines/engine.ts'
import { Connections } from './links/connections.ts'
import { Core } from './links/core.ts'
import { linkStreamOf, randomStreamOf, SimMachine } from './links/machine.ts'
import { simPeerId } from './links/simPeerId.ts'
import { Traffic, trafficMemory } from './links/traffic.ts'
import { Observations } from './record/observations.ts'
import { hashMemory } from './record/traceHash.ts'
import type { Away } from './threads/crossing.ts'
import { isOwn, WHOLE, type Partition } from './threads/partition.ts'
import type { SharedMemory } from './threads/shared.ts'
import type { RandomStreams } from './time/randomStreams.ts'
import type { VirtualTime } from './time/virtualTime.ts'

/** What a world is made of beside its plan. */
export interface WorldParts {
  readonly time: VirtualTime
  readonly streams: RandomStreams
  readonly seed: number
  /** That of all threads; its own unless given. */
  readonly memory?: SharedMemory | undefined
  /** The way to nodes of other threads; absent where there are none. */
  readonly away?: Away | undefined
  /** The least time from node to node, ticks. */
  readonly leastTicks: number
}

/** All machines of a plan, none of them running. */
export function makeWorld(
  network: NetworkPlan,
  { time, streams, seed, memory, away, leastTicks }: WorldParts,
): SimWorld {
  const count = network.nodes.length
  const cores = Array.from({ length: network.processes ?? 0 }, () => new Core())
  const machines = network.nodes.map((node) => machineOf(node, seed, cores))
  const traffic = new Traffic(memory?.traffic ?? trafficMemory(count))
  const passing = streams.passing()
  const indexOf = new Map(machines.map(({ id, index }) => [id, index]))
  return {
    time,
    machines,
    traffic,
    indexOf,
    observations: new Observations(indexOf, memory?.hash ?? hashMemory(count)),
    members: new MemberWatch(),
    connections: new Connections({
      time,
      away,
      traffic,
      randomOf: ({ index }) => passing(linkStreamOf(index, count)),
      machines,
      links: network.links,
      leastTicks,
    }),
    randomOf: (machine) => streams.of(randomStreamOf(machine.index)),
  }
}

function machineOf(
  { index, upBytesPerS, downBytesPerS }: NetworkPlan['nodes'][number],
  seed: number,
  cores: readonly Core[],
) {
  const machine = new SimMachine(index, simPeerId(seed, index), cores[index % cores.length])
  machine.up.setRate(upBytesPerS)
  machine.down.setRate(downBytesPerS)
  return machine
}

/**
 * Starts and ends the nodes of a world, by plan and by fault. Where several threads have the nodes,
 * each does this for all of them, in the same order, and makes those alone that are its own.
 */
export class Population {
  readonly life: Life
  /** Nodes that have been started, those that are gone since included. */
  readonly started = new Set<number>()
  /** Every fault that has happened. */
  readonly happened = new Emitter<Fault>()
  readonly #world: SimWorld
  readonly #engine: Engine
  readonly #part: Partition
  readonly #nodes: (SimNode | undefined)[]
  /** Those that run, in whatever thread. */
  readonly #running = new Set<number>()

  constructor(world: SimWorld, engine: Engine, partition: Partition = WHOLE) {
    this.#world = world
    this.#engine = engine
    this.#part = partition
    this.#nodes = world.machines.map(() => undefined)
    this.life = new Life(world.time.clock(world.time.world))
    this.life.onChange((change) => world.members.life(change))
  }

  /** Whether its node runs, in whatever thread. */
  isRunning(index: number): boolean {
    return this.#running.has(index)
  }

  /** The node of a machine; `undefined` while it is down, and where it is in another thread. */
  node(index: number): SimNode | undefined {
    return this.#nodes[index]
  }

  machine(index: number): SimMachine {
    const machine = this.#world.machines[index]
    if (machine === undefined) throw new Error(`there is no node ${index}`)
    return machine
  }

  /**
   * Starts a node with a life of its own. Its links are dialled by who starts it. Throws if it
   * runs.
   */
  boot(index: number): void {
    this.#begin(this.machine(index))
    this.life.note(index, 'up')
  }

  #begin(machine: SimMachine): void {
    const { index } = machine
    if (machine.isUp) throw new Error(`node ${index} runs already`)
    machine.beginLife()
    this.started.add(index)
    this.#world.time.worldAfter(0, {
      owner: machine.owner,
      run: () => {
        this.#running.add(index)
        if (!isOwn(index, this.#part)) return
        const node = this.#engine.makeNode(machine)
        machine.logic = node
        this.#nodes[index] = node
        void node.start()
      },
    })
  }

  /** Makes a fault happen, now. Throws where a node is not in the state that the fault needs. */
  apply(fault: Fault): void {
    this.#apply(fault)
    this.happened.emit(fault)
  }

  #apply(fault: Fault): void {
    const { connections } = this.#world
    if ('peers' in fault) {
      this.#applyToAll(fault)
      return
    }
    switch (fault.kind) {
      case 'partition':
        this.#partition(fault.groups)
        break
      case 'one-way':
        connections.cut(this.#machines(fault.from), this.#machines(fault.to), 'outgoing')
        break
      case 'heal':
        connections.heal()
        break
      case 'shape-links':
        connections.shape(fault.links)
        break
      case 'bandwidth':
        for (const one of fault.of) this.#setBandwidth(one)
    }
  }

  /** A node in the wrong state does not keep the fault from the others. So it is with processes. */
  #applyToAll(fault: Extract<Fault, { readonly peers: readonly number[] }>): void {
    const failures: string[] = []
    for (const index of fault.peers) {
      try {
        this.#applyTo(index, fault)
      } catch (error) {
        failures.push(messageOf(error))
      }
    }
    if (failures.length > 0) throw new Error(failures.join('; '))
  }

  #applyTo(index: number, fault: Extract<Fault, { readonly peers: readonly number[] }>): void {
    const machine = this.machine(index)
    switch (fault.kind) {
      case 'restart':
      case 'join':
        this.#begin(machine)
        this.#world.connections.reshape(machine)
        this.#joinSoon(machine)
        return
      case 'resume':
        this.#world.time.resume(machine.owner)
        this.#world.time.meetAfter(0)
        if (this.life.stateOf(index) === 'paused') this.life.note(index, 'up')
        return
      case 'kill':
      case 'leave':
      case 'pause':
      case 'clock-jump':
      case 'hostile':
      case 'honest':
        break
    }
    if (machine.isUp) this.#applyToRunning(machine, fault)
    // One that does not run is honest when it comes back.
    else if (fault.kind !== 'honest') throw new Error(`node ${index} does not run`)
  }

  #applyToRunning(
    machine: SimMachine,
    fault: Extract<Fault, { readonly peers: readonly number[] }>,
  ): void {
    switch (fault.kind) {
      case 'kill':
        this.#kill(machine)
        break
      case 'leave':
        this.#asOwner(machine, () => this.#leave(machine))
        this.#world.time.meetAfter(0)
        break
      case 'pause':
        machine.owner.state = 'paused'
        this.life.note(machine.index, 'paused')
        break
      case 'clock-jump':
        this.#asOwner(machine, () => this.node(machine.index)?.jumpClock(fault.byMs))
        break
      case 'hostile':
        this.#asOwner(machine, () =>
          this.node(machine.index)?.misbehave(fault.behaviour, this.#idOf(fault.against)),
        )
        break
      case 'honest':
        this.#asOwner(machine, () => this.node(machine.index)?.misbehave(undefined))
        break
      case 'restart':
      case 'join':
      case 'resume':
        break
    }
  }

  /** Everything ends and is let go; nothing can be asked of a node any more. */
  close(): void {
    this.#world.time.clear()
    this.#nodes.fill(undefined)
    this.#running.clear()
    for (const machine of this.#world.machines) {
      machine.endLife()
      machine.wires.clear()
    }
  }

  #kill(machine: SimMachine): void {
    const node = this.#nodes[machine.index]
    machine.endLife()
    this.#nodes[machine.index] = undefined
    this.#running.delete(machine.index)
    this.life.note(machine.index, 'gone')
    this.#world.connections.died(machine)
    node?.end()
  }

  /** As a process that is asked to stop: it says so, and goes when that is on its way. */
  #leave(machine: SimMachine): void {
    const { members, time } = this.#world
    const { owner } = machine
    members.leaves(machine.index, time.nowMs)
    void this.node(machine.index)?.leave()
    const end = (): void => {
      if (machine.owner === owner) this.#kill(machine)
    }
    const latenciesMs = [...machine.wires.values()].map(({ shape }) => shape.latencyMs)
    const stopMs = Math.max(STOP_AFTER_MS, 2 * Math.max(0, maxOf(latenciesMs)))
    time.worldAfter(stopMs, { owner, run: end })
    time.meetAfter(stopMs)
  }

  /** Its links are dialled when it runs; it is live when they are there. */
  #joinSoon(machine: SimMachine): void {
    const { time, connections } = this.#world
    const dial = (): void => {
      const linkedMs = connections.dialLinksOf(machine)
      time.worldAt(linkedMs, {
        owner: machine.owner,
        run: () => this.life.note(machine.index, 'up'),
      })
    }
    time.worldAfter(DIAL_AFTER_MS, { owner: machine.owner, run: dial })
  }

  #idOf(index: number | undefined): PeerId | undefined {
    return index === undefined ? undefined : this.machine(index).id
  }

  #asOwner(machine: SimMachine, run: () => void): void {
    this.#world.time.worldAfter(0, { owner: machine.owner, run })
  }

  #partition(groups: readonly (readonly number[])[]): void {
    for (const group of groups) {
      const others = groups.filter((other) => other !== group).flat()
      this.#world.connections.cut(this.#machines(group), this.#machines(others), 'both')
    }
  }

  #setBandwidth({ peer, upBytesPerS, downBytesPerS }: PeerBandwidth): void {
    const machine = this.machine(peer)
    machine.up.setRate(upBytesPerS ?? undefined)
    machine.down.setRate(downBytesPerS ?? undefined)
  }

  #machines(indexes: readonly number[]): SimMachine[] {
    return indexes.map((index) => this.machine(index))
  }
}

/**
 * From the last word of a node to the end of its connections at least, ms: what is under way
 * arrives.
 */
const STOP_AFTER_MS = 5
/** From the start of a node that came back to its first dial, ms. */
const DIAL_AFTER_MS = 50
