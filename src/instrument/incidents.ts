/** What happens to a network during a run besides its load: faults by plan or by hand, and peers that go of themselves. */
import { messageOf } from '../lib/assert.ts'
import { sleep } from '../lib/clock.ts'
import { roundMs } from '../measure/percentile.ts'
import type { FaultRecord } from '../measure/report.ts'
import { describeFault, type Fault, type TimedFault } from '../scenario/fault.ts'
import type { Devnet } from '../devnet/devnet.ts'
import { applyFault, faultsOf } from '../devnet/faults.ts'

/** When a node came or went, on the clock of the run. */
export interface LifeChange {
  readonly node: number
  readonly timeMs: number
  readonly isUp: boolean
}

/** Words for a fault that could not be made to happen. */
const FAILED = 'fault-failed'

export class Incidents {
  readonly #devnet: Devnet
  readonly #startMs: number
  readonly #records: FaultRecord[] = []
  readonly #changes: LifeChange[] = []
  /** Those of the plan, which are recorded when they begin. */
  readonly #planned = new Set<Fault>()
  /** Nodes that a fault is killing. */
  readonly #killed = new Set<number>()

  /** Begins to listen. `startMs` is the start of the measurement. */
  constructor(devnet: Devnet, startMs: number) {
    this.#devnet = devnet
    this.#startMs = startMs
    const there = new Set(devnet.peers.map(({ process }) => process.info.index))
    for (let node = 0; node < devnet.options.nodes; node++)
      if (!there.has(node)) this.#changes.push({ node, timeMs: -Infinity, isUp: false })
    devnet.onExit(({ index, code, signal }) => {
      this.#change(index, false)
      if (this.#killed.has(index)) return
      this.#record('peer-exit', `peer ${index} ended (${signal ?? `exit code ${code}`})`)
    })
    faultsOf(devnet).on((fault) => {
      if (fault.kind === 'restart' || fault.kind === 'join')
        for (const node of fault.peers) this.#change(node, true)
      if (!this.#planned.has(fault)) this.#record(fault.kind, describeFault(fault))
    })
  }

  /** In order of time. */
  get records(): readonly FaultRecord[] {
    return this.#records.toSorted((a, b) => a.atMs - b.atMs)
  }

  /** In order of time. */
  get changes(): readonly LifeChange[] {
    return this.#changes
  }

  /**
   * Makes the faults of a plan happen in time; resolves when all have. `before` is waited for before each. One that takes
   * its time, for a stopped peer answers late, holds up no other; one that fails is recorded as such. Aborting leaves out those that are not due yet.
   */
  async play(
    faults: readonly TimedFault[],
    before: (fault: Fault) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#devnet.options
    const happening: Promise<void>[] = []
    for (const timed of faults) {
      const waitMs = this.#startMs + timed.atMs - clock.monotonicMs()
      if (waitMs > 0) await sleep(clock, waitMs)
      if (signal.aborted) break
      const { fault, untilMs } = timed
      happening.push(before(fault).then(() => this.#apply(fault, untilMs)))
    }
    await Promise.all(happening)
  }

  async #apply(fault: Fault, untilMs: number | undefined): Promise<void> {
    this.#planned.add(fault)
    this.#record(fault.kind, describeFault(fault), untilMs)
    if (fault.kind === 'kill') for (const node of fault.peers) this.#killed.add(node)
    try {
      await applyFault(this.#devnet, fault)
    } catch (error) {
      this.#record(FAILED, `${describeFault(fault)}: ${messageOf(error)}`)
    } finally {
      if (fault.kind === 'kill') for (const node of fault.peers) this.#killed.delete(node)
    }
  }

  #record(kind: string, detail: string, untilMs?: number): void {
    const { clock } = this.#devnet.options
    const atMs = roundMs(clock.monotonicMs() - this.#startMs)
    this.#records.push({ atMs, ...(untilMs !== undefined && { untilMs }), kind, detail })
  }

  #change(node: number, isUp: boolean): void {
    this.#changes.push({ node, timeMs: this.#devnet.options.clock.monotonicMs(), isUp })
  }
}
