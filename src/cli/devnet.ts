/**
 * `grapevine devnet` and `grapevine measure`: a network, a load or a whole scenario, the report.
 */
import { Command } from 'commander'
import type { Devnet } from '../devnet/devnet.ts'
import { scenarioRecord } from '../instrument/scenarioRun.ts'
import { messageOf } from '../lib/assert.ts'
import type { Report } from '../measure/report.ts'
import { writeReport } from '../measure/reportFile.ts'
import { renderReport } from '../measure/terminal/terminal.ts'
import { accountOptions } from './options/accounts.ts'
import { refuseFlags } from './options/applies.ts'
import { dashboardOptions } from './network/dashboard.ts'
import { announce, watchEvents, whereToReach } from './network/devnetEvents.ts'
import {
  collectorUrl,
  commonOptions,
  DEVNET_DEFAULTS,
  reportOptions,
  scenarioArgument,
  scenarioOf,
  simulateOptions,
  type DevnetFlags,
} from './network/devnetFlags.ts'
import { withDevnet } from './network/devnetNetwork.ts'
import { measureByRpc } from './network/measureAttached.ts'
import { DEFAULT_TXS, measureDevnet, type PlannedRun } from './network/measureDevnet.ts'
import { OTLP_OF_REPORT_HELP, sendSpans } from './network/reportSpansFlag.ts'
import { rpcUrls } from './options/rpcUrls.ts'
import { measureSimulated, steadyScenario } from './network/measureSimulated.ts'
import { pageName, positiveNumber, wholeNumber } from './options/options.ts'
import { leaveUnfinished } from './terminal/lifetime.ts'
import { say, writeJson, writeText } from './terminal/output.ts'
import { EXIT_CODES } from './exitCodes.ts'
import { reportNothing, reportOutcome } from './outcome.ts'
import { isInterrupted, savedRun, wantedScenario, type WantedRun } from './network/savedRun.ts'
import { intervalsOf, renderIntervals } from '../measure/repeats.ts'
import { numberText, percentText } from '../measure/numberText.ts'
import {
  checkReportTargets,
  targetsOfRun,
  withoutReport,
  writeReportFiles,
  type ReportTargets,
} from './network/reportFiles.ts'
import type { PlannedScenario } from '../instrument/scenarioFile.ts'
import { UserError } from '../lib/userError.ts'
import { MAX_REAL_NODES, MAX_SCENARIO_NODES } from '../scenario/scenarioSchema.ts'

/** Seconds that a network which runs already is watched unless told. */
const DEFAULT_WATCH_S = 30
const MAX_DURATION_S = 86_400

/** The command `devnet`. */
export function devnetCommand(): Command {
  const command = scenarioArgument(
    dashboardOptions(accountOptions(commonOptions(new Command('devnet')))),
  )
    .description(
      'start a network of peers on this machine; with a scenario or --txs, load it and print the propagation report',
    )
    .option(
      '--duration <seconds>',
      'with a scenario: run for this long instead',
      positiveNumber(MAX_DURATION_S),
    )
    .option(
      '--txs <count>',
      'without a scenario: transactions to submit before the report (default: none)',
      wholeNumber(0, 1_000_000),
    )
  return reportOptions(command)
    .option(
      '--otlp <url>',
      'collector to which the peers send the way of each transaction and block as OpenTelemetry spans, such as http://127.0.0.1:4318',
      collectorUrl,
    )
    .option('--once', 'end after the report even on a terminal')
    .option('--json', 'write events as JSON lines: first "ready", then what happens')
    .action(runDevnet)
}

/** The command `measure`. */
export function measureCommand(): Command {
  const command = scenarioArgument(commonOptions(new Command('measure'), MAX_SCENARIO_NODES))
    .description(
      'start a network of peers, simulate one, or use a running one with --rpc; load it, print the propagation report and exit',
    )
    .option(
      '--rpc <urls>',
      'measure the running peers at these JSON-RPC URLs, on any machines, instead of starting a network',
      rpcUrls,
    )
    .option(
      '--duration <seconds>',
      `with a scenario: run for this long instead; with --rpc: how long to watch (default: ${DEFAULT_WATCH_S})`,
      positiveNumber(MAX_DURATION_S),
    )
    .option(
      '--txs <count>',
      `without a scenario: transactions to submit (default: ${DEFAULT_TXS}; with --rpc none)`,
      wholeNumber(0, 1_000_000),
    )
  return simulateOptions(reportOptions(command))
    .option(
      '--repeat <count>',
      'number of runs, each on a new network and with the next seed of the scenario; prints intervals across them. With --report-dir each report is kept, and runs whose reports exist are not repeated; --export writes a folder run-1, run-2, ... for each',
      wholeNumber(2, 100),
    )
    .option('--html <file>', 'write the report as one page that opens offline', pageName)
    .option('--otlp <url>', OTLP_OF_REPORT_HELP, collectorUrl)
    .option('--json', 'print the report as JSON')
    .action(runMeasure)
}

async function runDevnet(
  name: string | undefined,
  given: DevnetFlags,
  command: Command,
): Promise<void> {
  const { otlp } = given
  const flags = otlp === undefined ? given : { ...given, set: { otlp, ...given.set } }
  const planned = plannedScenario(name, flags)
  if (flags.dryRun) return showPlan(planned)
  const isMeasured = planned !== undefined || (flags.txs ?? 0) > 0
  if (!isMeasured) refuseFlags(command, NEEDS_LOAD, 'needs a load: a scenario, or --txs')
  checkReportTargets(flags)
  let isUndone = true
  await withDevnet(flags, planned, async (devnet, { ended, signal, dashboardUrl }) => {
    if (flags.json) announce(devnet, dashboardUrl)
    const stopWatching = flags.json ? watchEvents(devnet) : () => {}
    if (isMeasured) await reportOn(devnet, flags, { planned, signal })
    isUndone = false
    if (staysUp(flags, isMeasured)) {
      if (!flags.json) writeText(whereToReach(devnet, flags, dashboardUrl))
      await ended
    }
    stopWatching()
  })
  if (isUndone && isMeasured) reportNothing()
  else if (isUndone) leaveUnfinished('ended before the network was ready')
  if (flags.json) writeJson({ event: 'stopped' })
}

/** Options of a load that is made from flags. */
const OF_LOAD = ['rate', 'size', 'dataBytes']
/** Options that need something to measure. */
const NEEDS_LOAD = [...OF_LOAD, 'reportDir', 'html', 'export', 'expect', 'once']
/** Options that say how a network is started. */
const OF_OWN_NETWORK = [
  'nodes',
  'period',
  'seed',
  'inProcess',
  'dryRun',
  'chainId',
  'dir',
  'admin',
  'logLevel',
  'repeat',
  'set',
  'simulate',
  'engine',
  'threads',
]

/** Options of processes, files and addresses, which a simulation has none of. */
const OF_REAL_NETWORK = ['inProcess', 'chainId', 'dir', 'admin', 'logLevel']

type MeasureFlags = DevnetFlags & { readonly rpc?: readonly string[] }

async function runMeasure(
  name: string | undefined,
  { rpc, ...flags }: MeasureFlags,
  command: Command,
): Promise<void> {
  if (rpc !== undefined) {
    refuseFlags(
      command,
      OF_OWN_NETWORK,
      'is for a network that this command starts; leave out --rpc',
    )
    if (!flags.txs) refuseFlags(command, OF_LOAD, 'needs --txs; without a load --rpc only watches')
    return measureRunning(name, rpc, flags)
  }
  if (flags.simulate) refuseFlags(command, OF_REAL_NETWORK, 'has no meaning with --simulate')
  else refuseFlags(command, ['engine', 'threads'], 'needs --simulate')
  if (flags.engine === 'router') refuseFlags(command, ['period'], 'a router alone seals no blocks')
  if (name === undefined && flags.txs === 0)
    throw new UserError('--txs: expected at least 1, or --rpc to only watch')
  const planned = plannedScenario(name, flags)
  if (flags.dryRun) return showPlan(planned)
  const { txs = DEFAULT_TXS } = flags
  checkReportTargets(flags.repeat === undefined ? flags : targetsOfRun(flags, 0))
  // A scenario says itself what is sent, and would refuse to be told.
  const loaded = name === undefined ? { ...flags, txs } : flags
  if (flags.repeat !== undefined) return measureAgain(name, loaded, flags.repeat)
  const report = await runOnce(loaded, planned)
  if (report === undefined) reportNothing()
  else await show(report, flags)
}

/**
 * A network of its own, measured once; `undefined` where it was asked to end before there was
 * anything to report.
 */
async function runOnce(
  flags: DevnetFlags,
  planned: PlannedScenario | undefined,
): Promise<Report | undefined> {
  if (flags.simulate && planned !== undefined) return measureSimulated(planned.scenario, flags)
  let report: Report | undefined
  await withDevnet(flags, planned, async (devnet, { signal }) => {
    report = await measureDevnet(devnet, flags, { planned, signal })
  })
  return report
}

/**
 * Several runs, each on a network of its own and with a scenario each with the next seed; what they
 * have in common.
 */
async function measureAgain(
  name: string | undefined,
  flags: DevnetFlags,
  count: number,
): Promise<void> {
  if (flags.html !== undefined)
    throw new UserError(
      '--html: writes the page of one run; with --repeat, --report-dir keeps the page of each',
    )
  const runs: Report[] = []
  for (let round = 0; round < count; round++) {
    const planned = plannedScenario(name, withSeed(flags, runs[0]?.seed ?? null, round))
    const targets = targetsOfRun(flags, round)
    const run = `run ${round + 1} of ${count}`
    const saved = await savedRun(targets.reportDir, wantedRun(flags, planned))
    const report = saved ?? (await runOnce(flags, planned))
    if (report === undefined) {
      reportNothing(run)
      break
    }
    const was = saved && `, read from ${targets.reportDir}`
    if (!flags.json) say(`${run}${was ?? ''}: ${runLine(report)}`)
    await writeFiles(report, saved ? withoutReport(targets) : targets, flags.json)
    if (flags.otlp !== undefined) await sendSpans(report, flags.otlp)
    reportOutcome(report, { ...flags, run })
    runs.push(report)
    if (isInterrupted(report)) break
  }
  if (runs.length === 0) return
  if (flags.json) writeJson({ runs, intervals: intervalsOf(runs) })
  else writeText(renderIntervals(runs))
}

/** Every run of a scenario after the first has the next seed. */
function withSeed(flags: DevnetFlags, first: number | null, round: number): DevnetFlags {
  return first === null ? flags : { ...flags, seed: first + round }
}

function wantedRun(flags: DevnetFlags, planned: PlannedScenario | undefined): WantedRun {
  return planned === undefined
    ? {
        scenario: null,
        nodes: flags.nodes ?? DEVNET_DEFAULTS.nodes,
        ratePerS: flags.rate ?? DEVNET_DEFAULTS.rate,
      }
    : { ...wantedScenario(planned), ...(flags.simulate && { carrier: flags.engine }) }
}

function runLine({ transactions, blocks }: Report): string {
  const { coverage, latencyMs } = transactions
  return `coverage ${percentText(coverage)}, p50 ${numberText(latencyMs.p50)} ms, p99 ${numberText(latencyMs.p99)} ms, ${blocks.sealed} blocks`
}

async function measureRunning(
  name: string | undefined,
  rpc: readonly string[],
  flags: DevnetFlags,
): Promise<void> {
  if (name !== undefined)
    throw new UserError('--rpc: a scenario starts its own network; leave out the scenario or --rpc')
  checkReportTargets(flags)
  const { duration = DEFAULT_WATCH_S, txs = 0, rate = DEVNET_DEFAULTS.rate } = flags
  const dataBytes = flags.size ?? flags.dataBytes ?? DEVNET_DEFAULTS.size
  await show(await measureByRpc({ ...flags, rpc, duration, txs, rate, dataBytes }), flags)
}

/**
 * The scenario that was asked for; without one, `--duration` means nothing to a network of our own.
 */
function plannedScenario(
  name: string | undefined,
  flags: DevnetFlags,
): PlannedScenario | undefined {
  const planned = scenarioOf(name, flags)
  if (planned !== undefined) return planned
  if (flags.duration !== undefined)
    throw new UserError('--duration: needs a scenario; without one, --txs and --rate say how long')
  if (flags.simulate) return steadyScenario({ ...flags, txs: flags.txs ?? DEFAULT_TXS })
  if ((flags.nodes ?? 0) > MAX_REAL_NODES)
    throw new UserError(
      `--nodes: one machine runs ${MAX_REAL_NODES} for real; with --simulate they are simulated`,
    )
  return undefined
}

function showPlan(planned: PlannedScenario | undefined): void {
  if (planned === undefined) return
  const { scenario, plan } = planned
  writeJson({ scenario: scenarioRecord(scenario, plan), plan })
}

async function show(report: Report, flags: DevnetFlags): Promise<void> {
  if (flags.json) writeJson(report)
  else writeText(renderReport(report))
  await writeFiles(report, flags, flags.json)
  if (flags.otlp !== undefined) await sendSpans(report, flags.otlp)
  reportOutcome(report, flags)
}

/**
 * A person at a terminal wants the network to play with; a script wants the report, unless it asked
 * for no load.
 */
function staysUp(flags: DevnetFlags, isMeasured: boolean): boolean {
  if (flags.once) return false
  return !isMeasured || flags.json === true || process.stdout.isTTY
}

async function reportOn(devnet: Devnet, flags: DevnetFlags, run: PlannedRun): Promise<void> {
  const report = await measureDevnet(devnet, flags, run)
  if (flags.json) writeJson({ event: 'report', report })
  else writeText(renderReport(report))
  await writeFiles(report, flags, flags.json)
  reportOutcome(report, flags)
}

/**
 * A report that cannot be written is not lost: it goes to standard output, unless it is there
 * already.
 */
async function writeFiles(report: Report, targets: ReportTargets, json?: boolean): Promise<void> {
  try {
    for (const path of await writeReportFiles(report, targets)) say(`written: ${path}`)
  } catch (error) {
    say(`grapevine: ${messageOf(error)}; the report is on standard output`)
    process.exitCode = EXIT_CODES.failure.code
    if (!json) writeText(writeReport(report))
  }
}
