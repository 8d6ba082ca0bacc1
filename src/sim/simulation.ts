/**
 * One run of the simulator: the nodes of a plan start, and the instrument drives and measures them
 * in virtual time.
 */
import { runMeasurement, type Progress, type RunCut } from '../instrument/runMeasurement.ts'
import { scenarioRunOptions } from '../instrument/scenarioRun.ts'
import { devnetAccounts } from '../devnet/accounts.ts'
import { figuresOfMembers } from '../instrument/members/memberWatch.ts'
import type { MemberFigures, Report } from '../measure/report.ts'
import type { Scenario } from '../scenario/scenarioSchema.ts'
import { PATIENCE_MS, type Checks } from './checkers/checks.ts'
import type { SimWorld } from './engines/engine.ts'
import { finalityFigures } from './record/finalBlocks.ts'
import { SimulatedNetwork } from './port/simulatedNetwork.ts'
import { MAX_LATER_COPIES, MAX_SPREAD_ROWS } from './record/keptRows.ts'
import type { ThreadNetwork } from './threadNetwork.ts'
import { planStart } from './planStart.ts'
import type { Crew } from './threads/crew.ts'

/**
 * Between two looks at progress, virtual ms; when the run is over, no more than this is simulated
 * in vain.
 */
const STEP_MS = 50
/** After the load, until copies that travel have come; the instrument waits no less. */
const SETTLES_FOR_MS = 1_500

/** Where a run stands. */
export interface SimProgress {
  readonly phase: 'starting' | Progress['phase'] | 'checking'
  readonly virtualMs: number
  /** When it ends at the earliest. */
  readonly endMs: number
  readonly events: number
}

/** What a run is made of. */
export interface RunParts extends ThreadNetwork {
  readonly scenario: Scenario
  /** The threads that have a part of the nodes; absent where one has all. */
  readonly crew?: Crew | undefined
  /** When and by which command it was asked for. */
  readonly asked: { readonly startedAt: string; readonly command: string | null }
  readonly onProgress: (progress: SimProgress) => void
  /**
   * Asked now and then why the run should end now; what has been simulated until it says so is
   * reported.
   */
  readonly cutBecause: (world: SimWorld) => RunCut | undefined
  /** Look on while it goes and say in the end what is wrong. */
  readonly checks?: Checks | undefined
}

/** The report of a run, and what only a simulation knows of it. */
export interface SimOutcome {
  readonly report: Report
  /** What nodes knew of each other. */
  readonly members: MemberFigures
  /** What became final, where nodes are whole. */
  readonly finality: Report['finality']
  /** It ended before its end. */
  readonly isCut: boolean
  /** When its measurement was over: checks go on after that, and leave no trace in the report. */
  readonly end: { readonly traceHash: string; readonly events: number; readonly virtualMs: number }
  /** What the checks found; absent where there were none. */
  readonly problems?: readonly string[]
}

/** One run, from the start of its nodes to the end of the last copy. */
export class SimRun {
  readonly #parts: RunParts
  readonly #ended = new AbortController()
  #phase: SimProgress['phase'] = 'starting'
  /** `Infinity` while links are still dialled. */
  #startsMs: () => number = () => Infinity

  constructor(parts: RunParts) {
    this.#parts = parts
  }

  async run(): Promise<SimOutcome> {
    this.#startsMs = planStart(this.#parts)
    await this.#runWhile(() => this.#parts.world.time.nowMs < this.#startsMs() && !this.#isCut)
    const state = { isOver: false }
    const [released, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const driving = this.#drive(() => {
      state.isOver = true
      released.resolve()
      return closed.promise
    })
    await Promise.all([
      Promise.race([driving, released.promise]),
      this.#runWhile(() => !state.isOver),
    ])
    const { time, observations } = this.#parts.world
    const end = { traceHash: observations.hash.text(), events: time.events, virtualMs: time.nowMs }
    const problems = await this.#check()
    const isCut = this.#isCut
    const known = this.#close()
    closed.resolve()
    return {
      ...known,
      report: await driving,
      isCut,
      end,
      ...(problems !== undefined && { problems }),
    }
  }

  /** The nodes have done what they can: the memory of a large network is needed for its report. */
  #close(): Pick<SimOutcome, 'members' | 'finality'> {
    const { world, engine, population, crew } = this.#parts
    const own = { members: world.members.sums(), finality: engine.finality?.() }
    const sums = [own, ...(crew?.sums() ?? [])]
    population.close()
    crew?.close()
    const finality = sums.flatMap((one) => one.finality ?? [])
    return {
      members: figuresOfMembers(sums.map(({ members }) => members)),
      finality: finality.length === 0 ? null : finalityFigures(finality),
    }
  }

  /** What must hold in the end is waited for; a run that was cut has no end. */
  async #check(): Promise<readonly string[] | undefined> {
    const { checks, world } = this.#parts
    if (checks === undefined || this.#isCut) return undefined
    this.#phase = 'checking'
    const deadlineMs = world.time.nowMs + PATIENCE_MS
    const isOpen = (): boolean => world.time.nowMs < deadlineMs && checks.open().length > 0
    await this.#runWhile(() => !this.#isCut && isOpen())
    return checks.problems()
  }

  /**
   * @param released called when nobody asks the nodes anything more; the report is made after it.
   */
  #drive(released: () => Promise<void>): Promise<Report> {
    const { scenario, plan, world, engine, population, crew, asked } = this.#parts
    return runMeasurement(new SimulatedNetwork({ world, engine, population, crew, released }), {
      ...scenarioRunOptions(scenario, plan),
      ...asked,
      privateKeys: devnetAccounts(plan.senders).map(({ privateKey }) => privateKey),
      keeps: { laterCopies: MAX_LATER_COPIES, spreadRows: MAX_SPREAD_ROWS },
      endsAtOnce: true,
      signal: this.#ended.signal,
      onProgress: ({ phase }) => {
        this.#phase = phase
      },
    })
  }

  get #isCut(): boolean {
    return this.#ended.signal.aborted
  }

  /**
   * Steps end at the same virtual times in every run, so that what is simulated does not depend on
   * the machine.
   */
  async #runWhile(goesOn: () => boolean): Promise<void> {
    const { world, cutBecause, onProgress, checks } = this.#parts
    const { time } = world
    const isCut = (): boolean => {
      const cut = this.#isCut ? undefined : cutBecause(world)
      if (cut !== undefined) this.#ended.abort(cut)
      return cut !== undefined
    }
    while (goesOn()) {
      await time.run(time.nowMs + STEP_MS, isCut)
      isCut()
      checks?.step()
      onProgress({
        phase: this.#phase,
        virtualMs: time.nowMs,
        endMs: this.#endMs(),
        events: time.events,
      })
    }
  }

  /** At the earliest. */
  #endMs(): number {
    const { world, plan } = this.#parts
    const startsMs = this.#startsMs()
    const fromMs = startsMs === Infinity ? world.time.nowMs : startsMs
    return fromMs + plan.warmupMs + plan.durationMs + SETTLES_FOR_MS
  }
}
