/**
 * What happens to a network during a run besides its load: faults by plan or by hand, and peers
 * that go of themselves.
 */
import { messageOf } from '../lib/assert.ts'
import { sleep } from '../lib/clock.ts'
import type { Unsubscribe } from '../lib/emitter.ts'
import { FAULT_FAILED } from '../measure/outcome.ts'
import { roundMs } from '../measure/percentile.ts'
import type { FaultRecord } from '../measure/report.ts'
import { describeFault, nodesOfFault, type Fault, type TimedFault } from '../scenario/fault.ts'
import type { NetworkPort } from './port.ts'

/** How the faults of a plan are played. */
export interface PlayOptions {
  /**
   * Waited for before each fault. Faults of the same nodes wait with it, so it must end in bounded
   * time.
   */
  readonly before: (fault: Fault) => Promise<void>
  /** Aborting leaves out the faults that are not due yet. */
  readonly signal: AbortSignal
}

/** Plays faults when they are due and records all that happened. */
export class Incidents {
  readonly #network: NetworkPort
  readonly #startMs: number
  readonly #records: FaultRecord[] = []
  /** Those of the plan, which are recorded when they begin. */
  readonly #planned = new Set<Fault>()
  /** By node: when its last fault has been asked for. */
  readonly #turns = new Map<number, Promise<unknown>>()
  readonly #unsubscribe: readonly Unsubscribe[]

  /** Begins to listen. `startMs` is the start of the measurement. */
  constructor(network: NetworkPort, startMs: number) {
    this.#network = network
    this.#startMs = startMs
    this.#unsubscribe = [
      network.life.onChange(({ node, how }) => {
        if (how !== undefined) this.record('peer-exit', `peer ${node} ended (${how})`)
      }),
      network.faults?.onFault((fault) => {
        if (!this.#planned.has(fault)) this.record(fault.kind, describeFault(fault))
      }) ?? (() => {}),
    ]
  }

  /** In order of time. */
  get records(): readonly FaultRecord[] {
    return this.#records.toSorted((a, b) => a.atMs - b.atMs)
  }

  /** Listens no more. */
  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
  }

  /**
   * Makes the faults of a plan happen in time; resolves when all have. Those of one node begin in
   * the order of the plan; one that takes its time holds up no other node's. One that fails is
   * recorded as such.
   */
  async play(faults: readonly TimedFault[], { before, signal }: PlayOptions): Promise<void> {
    const { clock } = this.#network
    const happening: Promise<void>[] = []
    for (const timed of faults) {
      const waitMs = this.#startMs + timed.atMs - clock.monotonicMs()
      if (waitMs > 0) await sleep(clock, waitMs, signal)
      if (signal.aborted) break
      happening.push(this.#inTurn(timed, before, signal))
    }
    await Promise.all(happening)
  }

  record(kind: string, detail: string, untilMs?: number): void {
    const atMs = roundMs(this.#network.clock.monotonicMs() - this.#startMs)
    this.#records.push({ atMs, ...(untilMs !== undefined && { untilMs }), kind, detail })
  }

  /** After the earlier faults of its nodes were asked for. */
  #inTurn(
    { fault, untilMs }: TimedFault,
    before: PlayOptions['before'],
    signal: AbortSignal,
  ): Promise<void> {
    const nodes = nodesOfFault(fault) ?? [...this.#turns.keys()]
    const turn = Promise.all(nodes.map((node) => this.#turns.get(node) ?? Promise.resolve()))
    const ready = turn.then(() => before(fault))
    for (const node of nodes) this.#turns.set(node, ready)
    return ready.then(() => this.#apply(fault, untilMs, signal))
  }

  async #apply(fault: Fault, untilMs: number | undefined, signal: AbortSignal): Promise<void> {
    this.#planned.add(fault)
    this.record(fault.kind, describeFault(fault), untilMs)
    try {
      const { faults } = this.#network
      if (faults === undefined) throw new Error('this network takes no faults')
      await faults.apply(fault)
    } catch (error) {
      if (!signal.aborted) this.record(FAULT_FAILED, `${describeFault(fault)}: ${messageOf(error)}`)
    }
  }
}
