/** A scenario under virtual time: made ready, run, reported. */
import type { RunCut } from '../instrument/runMeasurement.ts'
import type { Report } from '../measure/report.ts'
import type { ScenarioPlan } from '../scenario/plan.ts'
import type { Scenario } from '../scenario/scenarioSchema.ts'
import { Checks } from './checkers/checks.ts'
import type { Engine, SimWorld } from './engines/engine.ts'
import type { EngineName } from './engines/engineNames.ts'
import { routerEngine } from './engines/routerEngine.ts'
import { ALL_SHORTCUTS, type Shortcuts } from './shortcuts/shortcuts.ts'
import { streamsOf, type SimMachine } from './links/machine.ts'
import { hostileNodes, nodeEngine } from './engines/nodeEngine.ts'
import { nodeSetups, type NodeSetup } from './nodeSettings.ts'
import { simReport } from './record/simReport.ts'
import { SimRun, type SimProgress } from './simulation.ts'
import type { VirtualWorld } from './time/virtualGlobals.ts'
import { CALENDAR_START_MS } from './time/virtualTime.ts'
import { makeWorld, Population } from './world.ts'

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
  /** Whether what must hold in every network is checked; not unless given. */
  readonly isChecked?: boolean
  /**
   * Asked now and then why the run should end now; what has been simulated until it says so is
   * reported.
   */
  readonly cutBecause?: (world: SimWorld) => RunCut | undefined
}

/**
 * Runs a whole scenario. The process must be under virtual time, and no simulation must have run in
 * it before.
 */
export async function simulate(options: SimulateOptions): Promise<Report> {
  const { scenario, plan, virtual, onProgress = () => {}, cutBecause = () => undefined } = options
  const startedMs = virtual.real.nowMs()
  const streams = virtual.seed(plan.seed, streamsOf(plan.network.nodes.length))
  const world = makeWorld(plan.network, { time: virtual.time, streams, seed: plan.seed })
  const engine = makeEngine(options, world)
  const asked = {
    startedAt: options.asked?.startedAt ?? new Date(CALENDAR_START_MS).toISOString(),
    command: options.asked?.command ?? null,
  }
  try {
    const population = new Population(world, engine)
    options.onPopulation?.(population, world)
    const hostile = hostileNodes(plan)
    const checks = options.isChecked
      ? new Checks({ world, population, hostile, repairs: engine.name === 'node' })
      : undefined
    const run = { scenario, plan, world, engine, population, streams, asked, checks }
    const outcome = await new SimRun({ ...run, onProgress, cutBecause }).run()
    return simReport({
      engine,
      outcome,
      wallMs: virtual.real.nowMs() - startedMs,
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
    })
  } finally {
    await engine.close()
  }
}

function makeEngine(options: SimulateOptions, world: SimWorld): Engine {
  const { plan, engine, shortcuts = ALL_SHORTCUTS } = options
  const setups = nodeSetups()
  const setupOf = ({ index }: SimMachine): NodeSetup => {
    const node = plan.network.nodes[index]
    if (node === undefined) throw new Error(`the plan has no node ${index}`)
    return setups(node)
  }
  return engine === 'node'
    ? nodeEngine({ world, plan, setupOf, shortcuts })
    : routerEngine({ world, hostile: hostileNodes(plan), setupOf, shortcuts })
}
