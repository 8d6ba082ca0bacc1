/** Whole scenarios: on processes, under virtual time, and their reports side by side. */
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startDevnet } from '../devnet/devnet.ts'
import { meshesFormed } from '../devnet/meshesFormed.ts'
import { makeTemporaryFolder } from '../devnet/temporaryFolder.ts'
import { loadScenario, type PlannedScenario } from '../instrument/scenarioFile.ts'
import { runMeasurement, type Progress } from '../instrument/runMeasurement.ts'
import { scenarioRunOptions } from '../instrument/scenarioRun.ts'
import { systemClock } from '../lib/clock.ts'
import { UserError } from '../lib/userError.ts'
import { compareReports, type Comparison } from '../measure/compare/compare.ts'
import type { Report } from '../measure/report.ts'
import { parseScenario, type ScenarioChanges } from '../scenario/parseScenario.ts'
import { planOf } from '../scenario/plan.ts'
import { MAX_REAL_NODES } from '../scenario/scenarioSchema.ts'
import type { EngineName } from '../sim/engines/engineNames.ts'
import { launchSimulation } from '../sim/launch.ts'

/**
 * A scenario: the name of a built-in one, the path of a YAML file, or the scenario itself with the
 * fields of docs/scenario.md.
 */
export type ScenarioInput = string | Readonly<Record<string, unknown>>

/** How a scenario is run. */
export interface ScenarioRunOptions extends ScenarioChanges {
  /** All peers share so many processes; as the scenario says if left out, else a process each. */
  readonly processes?: number
  /** Aborting ends the run before its time: the report is of what has been. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Progress) => void
}

/** How a scenario is simulated. */
export interface VirtualRunOptions extends ScenarioChanges {
  /**
   * `node`, whole nodes, unless given; `router` for the routers alone, which are faster and
   * smaller.
   */
  readonly engine?: EngineName
  /**
   * Whether what must hold in every network is checked; what does not is in
   * `report.simulation.problems`.
   */
  readonly check?: boolean
  /** Aborting ends the run before its time: the report is of what has been. */
  readonly signal?: AbortSignal
}

/** How chance is estimated when reports are compared. */
export interface ComparisonOptions {
  /** 1 unless given. */
  readonly seed?: number
  /** Resamples; 1,000 unless given. */
  readonly replicates?: number
}

/**
 * Runs a scenario on a network of real nodes on this machine and answers its report. Throws a
 * UserError that says what is wrong with the scenario, before anything starts.
 */
export async function runScenarioOnPeers(
  input: ScenarioInput,
  options: ScenarioRunOptions = {},
): Promise<Report> {
  const { signal = new AbortController().signal, onProgress = () => {} } = options
  const { scenario, plan } = plannedFrom(input, options)
  const { network, chain, lateNodes, senders } = plan
  const { processes = network.processes } = options
  if (network.nodes.length > MAX_REAL_NODES)
    throw new UserError(`nodes: one machine runs ${MAX_REAL_NODES} for real; simulate() takes more`)
  const dir = makeTemporaryFolder()
  try {
    const devnet = await startDevnet({
      program: fileURLToPath(new URL('../cli/main.js', import.meta.url)),
      nodes: network.nodes.length,
      late: lateNodes,
      senders,
      plan: network,
      ...chain,
      chainId: 1337,
      keySeed: scenario.seed,
      dir,
      settings: {},
      ...(processes !== undefined && { processes }),
      clock: systemClock,
      signal,
    })
    try {
      await meshesFormed(devnet)
      return await runMeasurement(devnet.port, {
        ...scenarioRunOptions(scenario, plan),
        privateKeys: devnet.accounts.map(({ privateKey }) => privateKey),
        command: null,
        signal,
        onProgress,
      })
    } finally {
      await devnet.stop()
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/**
 * Simulates a scenario under virtual time, in a process of its own, and answers the same report.
 * The same scenario and seed give the same `report.simulation.traceHash`. Throws a UserError for
 * what cannot be simulated or does not fit into memory.
 */
export async function simulateScenario(
  input: ScenarioInput,
  options: VirtualRunOptions = {},
): Promise<Report> {
  const { engine = 'node', check = false, signal } = options
  const { scenario } = plannedFrom(input, options)
  return launchSimulation({
    scenario,
    engine,
    command: '',
    isChecked: check,
    onProgress: () => {},
    ...(signal && { ended: aborted(signal) }),
  })
}

/**
 * Reports side by side: every figure of each, how far it is from that of the first, and whether
 * more than chance explains it.
 */
export function compareRuns(
  reports: Readonly<Record<string, Report>>,
  { seed = 1, replicates = 1_000 }: ComparisonOptions = {},
): Comparison {
  const named = Object.entries(reports).map(([file, report]) => ({ file, report }))
  if (named.length < 2) throw new UserError('compareReports: expected at least two reports')
  return compareReports(named, { seed, replicates })
}

function plannedFrom(input: ScenarioInput, all: ScenarioChanges): PlannedScenario {
  const { seed, nodes, durationS, transactionsPerS } = all
  const changes: ScenarioChanges = {
    ...(seed !== undefined && { seed }),
    ...(nodes !== undefined && { nodes }),
    ...(durationS !== undefined && { durationS }),
    ...(transactionsPerS !== undefined && { transactionsPerS }),
  }
  if (typeof input === 'string') return loadScenario(input, changes)
  const { scenario, problems } = parseScenario(JSON.stringify(input), changes)
  if (scenario === undefined) throw new UserError(problems.join('\n'))
  return { scenario, plan: planOf(scenario) }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
