/** Networks and peers as the instrument sees them, made by hand. */
import { keccak256Hash, type Hash } from '../../src/crypto/keccak.ts'
import type { FaultPort, NetworkPort, PeerPort } from '../../src/instrument/port.ts'
import { Emitter } from '../../src/lib/emitter.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { Life } from '../../src/measure/life.ts'
import type { Fault } from '../../src/scenario/fault.ts'

/** A peer that runs and answers nothing but what it is given. */
export function peerPort(given: Partial<PeerPort> = {}): PeerPort {
  const nothing = (): Promise<never> => Promise.reject(new Error('no answer'))
  const index = given.index ?? 0
  return {
    index,
    peerId: `id-${index}`,
    name: `http://${index}`,
    instance: undefined,
    isRunning: () => true,
    sightings: nothing,
    mesh: nothing,
    counters: nothing,
    settings: nothing,
    clock: nothing,
    clockSamples: nothing,
    chainId: nothing,
    head: nothing,
    block: nothing,
    nextNonce: nothing,
    submit: nothing,
    neighbours: nothing,
    pool: nothing,
    finality: nothing,
    ask: nothing,
    find: nothing,
    gauge: nothing,
    timeline: nothing,
    ...given,
  }
}

/** A hash that this name always has. */
export function hashOf(name: string): Hash {
  return keccak256Hash(new TextEncoder().encode(name))
}

/** A network whose faults are noted; those of which `fails` says why do not happen. */
export class FakeNetwork implements NetworkPort {
  readonly clock = new ManualClock()
  readonly clockId = 'clock'
  readonly chainId = 1337
  readonly periodS = 1
  readonly nodes: number
  readonly life: Life
  readonly peers: readonly PeerPort[] = []
  /** When faults were asked for, ms after the start, and which. */
  readonly asked: (readonly [atMs: number, fault: Fault])[] = []
  readonly faults: FaultPort
  answer: (fault: Fault) => Promise<void> = async () => {}
  readonly #happened = new Emitter<Fault>()
  readonly #startMs: number

  constructor(nodes: number) {
    this.nodes = nodes
    this.life = new Life(this.clock)
    this.#startMs = this.clock.monotonicMs()
    for (let node = 0; node < nodes; node++) this.life.note(node, 'up')
    this.faults = {
      apply: async (fault) => {
        this.asked.push([this.clock.monotonicMs() - this.#startMs, fault])
        await this.answer(fault)
        this.#happened.emit(fault)
      },
      onFault: (listener) => this.#happened.on(listener),
    }
  }

  /** Lets everything happen that is due within `ms`. */
  async pass(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 10) {
      this.clock.advance(10)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
