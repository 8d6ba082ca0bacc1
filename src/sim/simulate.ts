/** A scenario under virtual time: made ready, run, reported. */
import type { RunCut } from '../instrument/runMeasurement.ts'
import type { Report } from '../measure/report.ts'
import type { ScenarioPlan } from '../scenario/plan.ts'
import type { PlannedSettings } from '../scenario/networkPlan.ts'
import type { Scenario } from '../scenario/scenarioSchema.ts'
import { Checks } from './checkers/checks.ts'
import type { SimWorld } from './engines/engine.ts'
import type { EngineName } from './engines/engineNames.ts'
import { ALL_SHORTCUTS, type Shortcuts } from './shortcuts/shortcuts.ts'
import { hostileNodes } from './engines/nodeEngine.ts'
import { makeNetwork, type ThreadNetwork } from './threadNetwork.ts'
import { simReport } from './record/simReport.ts'
import { SimRun, type SimProgress } from './simulation.ts'
import { Crew } from './threads/crew.ts'
import { lookaheadTicks } from './threads/lookahead.ts'
import { sharedMemory } from './threads/shared.ts'
import type { VirtualWorld } from './time/virtualGlobals.ts'
import { CALENDAR_START_MS } from './time/virtualTime.ts'
import type { Population } from './world.ts'

/** A scenario with its plan, and the virtual world it runs in. */
export interface SimulateOptions {
  readonly scenario: Scenario
  readonly plan: ScenarioPlan
  readonly engine: EngineName
  readonly virtual: VirtualWorld
  /**
   * When and by which command it was asked for; the start of virtual time and nothing unless given.
   */
  readonly asked?: { readonly startedAt: string; readonly command: string }
  /** What the routers leave out; all that leaves the trace as it is unless given. */
  readonly shortcuts?: Shortcuts
  /** Called before the nodes start, to plan what no scenario says. */
  readonly onPopulation?: (population: Population, world: SimWorld) => void
  readonly onProgress?: (progress: SimProgress) => void
  /** Settings of all nodes that the plan has beside those of the scenario. */
  readonly settings?: PlannedSettings
  /** How many threads have the nodes; one unless given. */
  readonly threads?: number
  /** Whether what must hold in every network is checked; not unless given. */
  readonly isChecked?: boolean
  /**
   * Asked now and then why the run should end now; what has been simulated until it says so is
   * reported.
   */
  readonly cutBecause?: (world: SimWorld, crew: Crew | undefined) => RunCut | undefined
}

/**
 * Runs a whole scenario. The process must be under virtual time, and no simulation must have run in
 * it before.
 */
export async function simulate(options: SimulateOptions): Promise<Report> {
  const { scenario, plan, virtual, onProgress = () => {}, cutBecause = () => undefined } = options
  const startedMs = virtual.real.nowMs()
  const { network, crew } = await networkOf(options)
  const { world, population, engine } = network
  const asked = {
    startedAt: options.asked?.startedAt ?? new Date(CALENDAR_START_MS).toISOString(),
    command: options.asked?.command ?? null,
  }
  try {
    options.onPopulation?.(population, world)
    const hostile = hostileNodes(plan)
    const checks = options.isChecked
      ? new Checks({ world, population, hostile, repairs: engine.name === 'node' })
      : undefined
    const cut = (): RunCut | undefined => cutBecause(world, crew)
    const run = { ...network, scenario, crew, asked, checks, onProgress, cutBecause: cut }
    const outcome = await new SimRun(run).run()
    crew?.check()
    return simReport({
      engine,
      outcome,
      threads: network.partition.threads,
      wallMs: virtual.real.nowMs() - startedMs,
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
    })
  } finally {
    crew?.close()
    await engine.close()
  }
}

async function networkOf(
  options: SimulateOptions,
): Promise<{ readonly network: ThreadNetwork; readonly crew?: Crew }> {
  const { scenario, plan, engine, settings = {}, threads = 1, shortcuts = ALL_SHORTCUTS } = options
  const partition = { threads, thread: 0 }
  if (threads === 1) return { network: makeNetwork(options) }
  const memory = sharedMemory(plan.network.nodes.length)
  const crew = await Crew.start({
    scenario,
    settings,
    engine,
    shortcuts: [...shortcuts],
    threads,
    memory,
    lookaheadTicks: lookaheadTicks(plan.network.links, plan.faults),
  })
  const network = makeNetwork({ ...options, partition, memory, away: crew.mail })
  crew.join(network.world)
  return { network, crew }
}
