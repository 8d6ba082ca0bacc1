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
import { UnfinishedError } from '../exitCodes.ts'
import type { DevnetFlags } from '../network/devnetFlags.ts'
import { withDevnet } from '../network/devnetNetwork.ts'
import { writeReportFiles } from '../network/reportFiles.ts'
import { simulateUntilEnded } from '../network/simulateUntilEnded.ts'
import { checkSimulable } from '../../sim/simulable.ts'
import { interruptionOf, savedRun, wantedScenario } from '../network/savedRun.ts'
import { ownCommand } from '../ownCommand.ts'
import { unfinishedCode } from '../terminal/lifetime.ts'
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

/** Why a run is not complete that somebody wanted to end. */
const INTERRUPTED = 'it was interrupted'

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
  for (const { one } of runs)
    if (one.carrier !== 'real') checkSimulable(one.scenario, one.carrier, { name: caseText(one) })
  // Nothing runs beside a real network: it is measured on a machine that has nothing else to do.
  await inParallel(runs.filter(isReal), 1, make)
  const simulated = runs.filter((run) => !isReal(run))
  await inParallel(simulated, options.processes, make)
  return runs.flatMap((run) => made.get(run) ?? [])
}

/** Reads the report of a run that was made before, or makes the run and keeps the report. */
async function runOrRead(run: ExperimentRun, options: CarryOutOptions): Promise<NamedReport> {
  const { scenario, carrier } = run.one
  const name = `${caseText(run.one)}, seed ${scenario.seed}`
  const dir = options.reportDir && join(options.reportDir, folderOf(run))
  const planned = { scenario, plan: planOf(scenario) }
  const saved = await savedRun(dir, { ...wantedScenario(planned), carrier })
  if (saved !== undefined) {
    say(`${name}: read from ${dir}`)
    return named(saved, run, options)
  }
  const report = await makeRun(run, options)
  const one = named(report, run, options)
  if (dir !== undefined) await writeReportFiles(one.report, { reportDir: dir })
  say(`${name}: done`)
  for (const { text } of shortfallsOf(report)) say(`${name}: ${text}`)
  return one
}

/** Throws where the run was ended before its time. */
async function makeRun(run: ExperimentRun, options: CarryOutOptions): Promise<Report> {
  const { one } = run
  const { carrier } = one
  const report = carrier === 'real' ? await runReal(one) : await simulate(one, carrier, options)
  if (report === undefined) throw incomplete(run, INTERRUPTED, options)
  const interruption = interruptionOf(report)
  if (interruption !== undefined) throw incomplete(run, interruption, options)
  return report
}

function named(report: Report, run: ExperimentRun, { facts }: CarryOutOptions): NamedReport {
  const { caseIndex, round } = run
  return { file: folderOf(run), report: { ...report, experiment: { ...facts, caseIndex, round } } }
}

function nameOf({ group, label }: ExperimentCase): string {
  return group === undefined ? label : `${group}, ${label}`
}

/** Which case, where its label alone would be a bare number. */
function caseText(one: ExperimentCase): string {
  return `case ${nameOf(one)}`
}

/** Where the report of a run is kept. */
function folderOf({ one }: ExperimentRun): string {
  return `${nameOf(one).replace(/[^a-zA-Z0-9.]+/g, '-')}-seed-${one.scenario.seed}`
}

/** `undefined` where it was asked to end before there was anything to report. */
async function runReal(one: ExperimentCase): Promise<Report | undefined> {
  const { scenario } = one
  const name = caseText(one)
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
  return report
}

async function simulate(
  one: ExperimentCase,
  engine: EngineName,
  { processes }: CarryOutOptions,
): Promise<Report | undefined> {
  const name = caseText(one)
  return simulateUntilEnded({
    scenario: one.scenario,
    engine,
    availableBytes: (MEMORY_SHARE * totalmem()) / processes,
    onProgress: ({ phase, virtualMs, endMs }) =>
      showProgress(`${name}: ${phase}, ${((virtualMs / endMs) * 100).toFixed(0)} %`),
  })
}

/**
 * Runs that are complete are kept where a folder for them was named. A run whose memory was full is
 * the user's to mend; one that somebody ended is not.
 */
function incomplete({ one }: ExperimentRun, why: string, options: CarryOutOptions): Error {
  const { facts, reportDir } = options
  const which = `case ${nameOf(one)}, seed ${one.scenario.seed}, of the experiment "${facts.title}"`
  const next =
    reportDir === undefined
      ? 'with --report-dir, runs that are done would be kept'
      : 'the same command makes only what is missing'
  const exitCode = unfinishedCode()
  const cause = exitCode === undefined ? why : INTERRUPTED
  const text = `the experiment is not complete: ${which}: ${cause}; ${next}`
  return exitCode === undefined ? new UserError(text) : new UnfinishedError(text, exitCode)
}
