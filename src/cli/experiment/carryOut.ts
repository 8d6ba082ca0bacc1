/**
 * The runs of an experiment are made: real ones one after the other, simulated ones a process each
 * and several at a time.
 */
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { runMeasurement } from '../../instrument/runMeasurement.ts'
import { scenarioRunOptions } from '../../instrument/scenarioRun.ts'
import { inParallel } from '../../lib/inParallel.ts'
import { UserError } from '../../lib/userError.ts'
import type { ExperimentFacts } from '../../measure/experiment/experimentRecord.ts'
import type { NamedReport } from '../../measure/compare/compareFacts.ts'
import { shortfallsOf } from '../../measure/outcome.ts'
import type { Report } from '../../measure/report.ts'
import type { ExperimentCase } from '../../scenario/experiment.ts'
import type { ExperimentRun } from '../../scenario/experimentRuns.ts'
import { planOf } from '../../scenario/plan.ts'
import { MAX_REAL_NODES } from '../../scenario/scenarioSchema.ts'
import type { EngineName } from '../../sim/engines/engineNames.ts'
import { launchSimulation } from '../../sim/launch.ts'
import type { DevnetFlags } from '../network/devnetFlags.ts'
import { withDevnet } from '../network/devnetNetwork.ts'
import { writeReportFiles } from '../network/reportFiles.ts'
import { interruptionOf, savedRun, wantedScenario } from '../network/savedRun.ts'
import { ownCommand } from '../ownCommand.ts'
import { untilStopRequested } from '../terminal/lifetime.ts'
import { clearProgress, say, showProgress } from '../terminal/output.ts'

/** How runs are made and kept. */
export interface CarryOutOptions {
  readonly facts: ExperimentFacts
  /** Simulations at a time. */
  readonly processes: number
  readonly reportDir?: string
}

const NETWORK_FLAGS: DevnetFlags = {
  chainId: 1337,
  logLevel: 'warn',
  inProcess: true,
  json: true,
  dashboard: false,
}

/** What all simulations together may take of the memory of the machine. */
const MEMORY_SHARE = 0.75

/**
 * The reports of the runs, in their order. What `reportDir` holds already is read. Throws where a
 * run cannot be made, and where the user asked to end in the middle: what was finished before is
 * kept.
 */
export async function carryOut(
  runs: readonly ExperimentRun[],
  options: CarryOutOptions,
): Promise<NamedReport[]> {
  const made = new Map<ExperimentRun, NamedReport>()
  const make = async (run: ExperimentRun): Promise<void> => {
    made.set(run, await runOrRead(run, options))
  }
  const isReal = ({ one }: ExperimentRun): boolean => one.carrier === 'real'
  // Nothing runs beside a real network: it is measured on a machine that has nothing else to do.
  await inParallel(runs.filter(isReal), 1, make)
  const simulated = runs.filter((run) => !isReal(run))
  await inParallel(simulated, options.processes, make)
  return runs.flatMap((run) => made.get(run) ?? [])
}

/** Reads the report of a run that was made before, or makes the run and keeps the report. */
async function runOrRead(run: ExperimentRun, options: CarryOutOptions): Promise<NamedReport> {
  const { scenario, carrier } = run.one
  const name = `${nameOf(run.one)}, seed ${scenario.seed}`
  const dir = options.reportDir && join(options.reportDir, folderOf(run))
  const planned = { scenario, plan: planOf(scenario) }
  const saved = await savedRun(dir, { ...wantedScenario(planned), carrier })
  if (saved !== undefined) {
    say(`${name}: read from ${dir}`)
    return named(saved, run, options)
  }
  const report =
    carrier === 'real' ? await runReal(run.one) : await simulate(run.one, carrier, options)
  const interruption = interruptionOf(report)
  if (interruption !== undefined) throw incomplete(`${name}: ${interruption}`)
  const one = named(report, run, options)
  if (dir !== undefined) await writeReportFiles(one.report, { reportDir: dir })
  say(`${name}: done`)
  for (const { text } of shortfallsOf(report)) say(`${name}: ${text}`)
  return one
}

function named(report: Report, run: ExperimentRun, { facts }: CarryOutOptions): NamedReport {
  const { caseIndex, round } = run
  return { file: folderOf(run), report: { ...report, experiment: { ...facts, caseIndex, round } } }
}

function nameOf({ group, label }: ExperimentCase): string {
  return group === undefined ? label : `${group}, ${label}`
}

/** Where the report of a run is kept. */
function folderOf({ one }: ExperimentRun): string {
  return `${nameOf(one).replace(/[^a-zA-Z0-9.]+/g, '-')}-seed-${one.scenario.seed}`
}

async function runReal(one: ExperimentCase): Promise<Report> {
  const { scenario } = one
  const name = nameOf(one)
  if (scenario.nodes > MAX_REAL_NODES)
    throw new UserError(
      `${name}: ${scenario.nodes} nodes, and one machine runs ${MAX_REAL_NODES} for real; with --simulate they are simulated`,
    )
  const plan = planOf(scenario)
  let report: Report | undefined
  showProgress(`${name}: starting ${scenario.nodes} nodes`)
  await withDevnet(NETWORK_FLAGS, { scenario, plan }, async (devnet, { signal }) => {
    report = await runMeasurement(devnet.port, {
      privateKeys: devnet.accounts.map(({ privateKey }) => privateKey),
      ...scenarioRunOptions(scenario, plan),
      signal,
      command: ownCommand(),
      onProgress: ({ phase, submitted }) =>
        showProgress(`${name}: ${phase}, ${submitted} submitted`),
    })
  })
  clearProgress()
  if (report === undefined) throw incomplete(`${name}: interrupted`)
  return report
}

async function simulate(
  one: ExperimentCase,
  engine: EngineName,
  { processes }: CarryOutOptions,
): Promise<Report> {
  const name = nameOf(one)
  const report = await launchSimulation({
    scenario: one.scenario,
    engine,
    command: ownCommand(),
    availableBytes: (MEMORY_SHARE * totalmem()) / processes,
    onProgress: ({ phase, virtualMs, endMs }) =>
      showProgress(`${name}: ${phase}, ${((virtualMs / endMs) * 100).toFixed(0)} %`),
    ended: untilStopRequested(),
  })
  clearProgress()
  return report
}

/** Runs that are complete are kept where a folder for them was named. */
function incomplete(why: string): UserError {
  return new UserError(
    `${why}; the experiment is not complete: with --report-dir the same command makes only what is missing`,
  )
}
