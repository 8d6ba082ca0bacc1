/** One run of the simulator: the nodes of a plan start, its load and faults happen, its figures are read. */
import type { FaultRecord } from '../measure/report.ts'
import { roundMs } from '../measure/percentile.ts'
import { describeFault } from '../scenario/fault.ts'
import type { ScenarioPlan } from '../scenario/plan.ts'
import type { Engine, SimSubmission, SimWorld } from './engines/engine.ts'
import type { Traffic } from './links/traffic.ts'
import type { CopyBytes } from './record/copyBytes.ts'
import type { RandomStreams } from './time/randomStreams.ts'
import { Population } from './world.ts'

/** Nodes start within this time, so that their heartbeats do not all fall together. */
const STARTS_WITHIN_MS = 700
/** From then on links are dialled, each at some time of these. */
const DIALS_FROM_MS = 800
const DIALS_WITHIN_MS = 500
/** When meshes have formed and the plan begins. */
export const PLAN_STARTS_MS = 5_000
/** Between two looks at meshes and progress, virtual ms. */
const STEP_MS = 250
const MESH_EVERY_STEPS = 8
/** As the instrument waits for real networks: until no copy has come for so long, and no longer than this in all. */
const QUIET_MS = 1_500
const MAX_SETTLE_MS = 15_000
/** Blocks that may pass before a transaction that is not included counts as left out. */
const INCLUSION_PERIODS = 6

/** Where a run stands. */
export interface SimProgress {
  readonly phase: 'starting' | 'warming up' | 'running' | 'settling'
  readonly virtualMs: number
  /** When it ends at the earliest. */
  readonly endMs: number
  readonly events: number
}

/** What a run is made of. */
export interface RunParts {
  readonly plan: ScenarioPlan
  readonly world: SimWorld
  readonly engine: Engine
  readonly streams: RandomStreams
  readonly onProgress: (progress: SimProgress) => void
  /** Asked to end early: what has been simulated is reported. */
  readonly isEnough: () => boolean
}

/** A transaction of the load and what its node said to it. */
export interface TimedSubmission {
  readonly hash: string
  readonly outcome: SimSubmission
}

/** What a run leaves behind for its report. */
export interface SimOutcome {
  readonly startMs: number
  readonly closeMs: number
  readonly endMs: number
  readonly population: Population
  readonly submissions: readonly TimedSubmission[]
  readonly faults: readonly FaultRecord[]
  /** What had been counted when the measurement began. */
  readonly before: { readonly traffic: Traffic; readonly copyBytes: CopyBytes }
  readonly meshDegrees: Readonly<Record<string, number>>
  /** It was asked to end before its end. */
  readonly isCut: boolean
}

/** One run, from the start of its nodes to the end of the last copy. */
export class SimRun {
  readonly #parts: RunParts
  readonly #population: Population
  readonly #startMs: number
  readonly #loadEndMs: number
  readonly #submissions: TimedSubmission[] = []
  readonly #faults: FaultRecord[] = []
  readonly #meshSums = new Map<string, { sum: number; count: number }>()
  #steps = 0

  constructor(parts: RunParts) {
    const { plan, world, engine } = parts
    this.#parts = parts
    this.#population = new Population(world, engine)
    this.#startMs = PLAN_STARTS_MS + plan.warmupMs
    this.#loadEndMs = this.#startMs + plan.durationMs
  }

  get population(): Population {
    return this.#population
  }

  async run(): Promise<SimOutcome> {
    const { world } = this.#parts
    this.#planStart()
    this.#planLoad()
    this.#planFaults()
    await this.#runTo(this.#startMs)
    const before = {
      traffic: world.traffic.snapshot(),
      copyBytes: world.observations.copyBytes.snapshot(),
    }
    await this.#runTo(this.#loadEndMs)
    const closeMs = world.time.nowMs
    await this.#settle()
    return {
      startMs: this.#startMs,
      closeMs,
      endMs: world.time.nowMs,
      population: this.#population,
      submissions: this.#submissions,
      faults: this.#faults,
      before,
      meshDegrees: this.#meanDegrees(),
      isCut: closeMs < this.#loadEndMs,
    }
  }

  #planStart(): void {
    const { plan, world, streams } = this.#parts
    const { time, hosts, connections } = world
    const present = hosts.slice(0, hosts.length - plan.lateNodes)
    for (const host of present) {
      const bootMs = streams.next(0) * STARTS_WITHIN_MS
      time.at(bootMs, { owner: time.world, run: () => this.#population.boot(host.index) })
    }
    for (const host of present) {
      const dialMs = DIALS_FROM_MS + streams.next(0) * DIALS_WITHIN_MS
      const dial = (): void => connections.dialLinksOf(host, (other) => other.index > host.index)
      time.at(dialMs, { owner: time.world, run: dial })
    }
  }

  #planLoad(): void {
    const { plan, world, engine } = this.#parts
    const { time } = world
    for (const [index, { atMs, node }] of plan.load.entries()) {
      const isMeasured = atMs >= 0
      const submit = async (): Promise<void> => {
        const item = engine.itemOf(index)
        const outcome = await this.#population.node(node)?.submit(item)
        if (isMeasured) this.#submissions.push({ hash: item.hash, outcome: outcome ?? UNANSWERED })
      }
      time.at(this.#startMs + atMs, {
        owner: time.world,
        run: () => {
          const host = this.#population.host(node)
          if (host.isUp) time.after(0, { owner: host.owner, run: () => void submit() })
          else void submit()
        },
      })
    }
  }

  #planFaults(): void {
    const { plan, world } = this.#parts
    const { time } = world
    for (const { atMs, untilMs, fault } of plan.faults) {
      const apply = (): void => {
        this.#faults.push({
          atMs: roundMs(time.nowMs - this.#startMs),
          ...(untilMs !== undefined && { untilMs }),
          kind: fault.kind,
          detail: describeFault(fault),
        })
        this.#population.apply(fault)
      }
      time.at(this.#startMs + atMs, { owner: time.world, run: apply })
    }
  }

  async #runTo(endMs: number): Promise<void> {
    const { time } = this.#parts.world
    while (time.nowMs < endMs && !this.#parts.isEnough())
      await this.#step(Math.min(endMs, time.nowMs + STEP_MS))
  }

  async #step(untilMs: number): Promise<void> {
    const { world, isEnough, onProgress } = this.#parts
    const { time } = world
    await time.run(untilMs, isEnough)
    if (this.#steps++ % MESH_EVERY_STEPS === 0 && time.nowMs >= this.#startMs) this.#readMeshes()
    onProgress({
      phase: this.#phase(),
      virtualMs: time.nowMs,
      endMs: this.#loadEndMs + QUIET_MS,
      events: time.events,
    })
  }

  #phase(): SimProgress['phase'] {
    const { nowMs } = this.#parts.world.time
    if (nowMs < PLAN_STARTS_MS) return 'starting'
    if (nowMs < this.#startMs) return 'warming up'
    return nowMs < this.#loadEndMs ? 'running' : 'settling'
  }

  /** Until blocks have what they should, or had their chance, and transactions have stopped spreading. */
  async #settle(): Promise<void> {
    const { plan, world, engine, isEnough } = this.#parts
    const { time, observations } = world
    const patienceMs = engine.name === 'node' ? INCLUSION_PERIODS * plan.chain.periodS * 1000 : 0
    const includedByMs = time.nowMs + patienceMs
    const isDue = (): boolean =>
      this.#submissions.some(({ hash, outcome }) => outcome.isAccepted && !engine.isIncluded(hash))
    while (time.nowMs < includedByMs && !isEnough() && isDue())
      await this.#step(time.nowMs + STEP_MS)
    const deadlineMs = time.nowMs + MAX_SETTLE_MS
    let quiet = { copies: observations.txCopies, sinceMs: time.nowMs }
    while (time.nowMs < Math.min(deadlineMs, quiet.sinceMs + QUIET_MS) && !isEnough()) {
      await this.#step(time.nowMs + STEP_MS)
      if (observations.txCopies > quiet.copies)
        quiet = { copies: observations.txCopies, sinceMs: time.nowMs }
    }
  }

  #readMeshes(): void {
    for (const { logic } of this.#parts.world.hosts) {
      if (logic === undefined) continue
      for (const [topic, peers] of logic.router.mesh) {
        const known = this.#meshSums.get(topic) ?? { sum: 0, count: 0 }
        known.sum += peers.size
        known.count++
        this.#meshSums.set(topic, known)
      }
    }
  }

  #meanDegrees(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      [...this.#meshSums].map(([topic, { sum, count }]) => [topic, sum / count]),
    )
  }
}

const UNANSWERED: SimSubmission = { isAccepted: false, reason: 'the node is down' }
