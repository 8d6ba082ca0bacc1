/**
 * `grapevine simulate`: a scenario under virtual time, many nodes in one process, the same report.
 */
import { Command, Option } from 'commander'
import type { Expectation } from '../measure/expectations.ts'
import { renderReport } from '../measure/terminal/terminal.ts'
import { EXPORT_NAMES, type ExportName } from '../measure/export/exports.ts'
import { MAX_SCENARIO_NODES, type Scenario } from '../scenario/scenarioSchema.ts'
import { drawnScenario, RANDOM_FAULTS } from '../sim/checkers/randomScenario.ts'
import { ENGINES, type EngineName } from '../sim/engines/engineNames.ts'
import { checkThreads, MAX_THREADS } from '../sim/threads/threadCount.ts'
import { checkSimulable, leftOutBy } from '../sim/simulable.ts'
import { simulateUntilEnded } from './network/simulateUntilEnded.ts'
import { reportNothing, reportOutcome } from './outcome.ts'
import { pageName, pathName, positiveNumber, wholeNumber } from './options/options.ts'
import { say, writeJson, writeText } from './terminal/output.ts'
import { SimulationProgress } from './terminal/simulationProgress.ts'
import {
  CHANGE_OPTIONS,
  EXPECT_HELP,
  readExpectations,
  THREADS_HELP,
} from './network/devnetFlags.ts'
import { checkReportTargets, writeReportFiles } from './network/reportFiles.ts'
import { loadScenario, scenarioNames } from '../instrument/scenarioFile.ts'

interface SimulateFlags {
  readonly engine: EngineName
  readonly nodes?: number
  readonly seed?: number
  readonly duration?: number
  readonly rate?: number
  readonly check?: boolean
  readonly threads?: number
  readonly expect?: readonly Expectation[]
  readonly json?: boolean
  readonly reportDir?: string
  readonly html?: string
  readonly export?: ExportName
}

const MAX_SEED = 2 ** 32 - 1
const MAX_DURATION_S = 86_400
const MAX_RATE = 10_000

/** The command `simulate`. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description(
      'run a scenario under virtual time, all nodes in one process, and print the same report as measure does',
    )
    .argument('<scenario>', 'a YAML file, or the name of a built-in scenario')
    .addOption(
      new Option(
        '--engine <name>',
        'what is simulated of each node: node is the whole node; router is the gossip router with a validator that accepts everything, for the largest networks',
      )
        .choices(ENGINES)
        .default('node'),
    )
    .option(
      '--nodes <count>',
      'use this number of nodes instead',
      wholeNumber(1, MAX_SCENARIO_NODES),
    )
    .option('--seed <number>', 'use this seed instead', wholeNumber(0, MAX_SEED))
    .option('--duration <seconds>', 'run for this long instead', positiveNumber(MAX_DURATION_S))
    .option(
      '--rate <per-second>',
      'use this rate of transactions per second instead',
      positiveNumber(MAX_RATE),
    )
    .option('--threads <count>', THREADS_HELP, wholeNumber(1, MAX_THREADS))
    .option(
      '--check',
      'check while it goes and at the end what must hold in every network; exit code 3 and the command that repeats it if something does not',
    )
    .option('--expect <expectation>', EXPECT_HELP, readExpectations)
    .option('--report-dir <dir>', 'write report.json and report.html here', pathName)
    .option('--html <file>', 'write the report as one page that opens offline', pageName)
    .addOption(
      new Option(
        '--export <format>',
        'write the data for other tools, to a folder of that name in --report-dir or the current directory',
      ).choices(EXPORT_NAMES),
    )
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `\nScenarios by name: ${scenarioNames().join(', ')}; ${RANDOM_FAULTS} is a small network whose links, load and faults are drawn from --seed.\nThe same scenario and seed give the same simulation.traceHash. Ctrl-C ends the run and reports what has been simulated.`,
    )
    .action(runSimulate)
}

async function runSimulate(nameOrPath: string, flags: SimulateFlags): Promise<void> {
  const { engine, check: isChecked = false, threads = 1 } = flags
  const scenario = simulatedScenario(nameOrPath, flags)
  checkThreads(threads, { scenario, isChecked })
  checkSimulable(scenario, engine, { name: nameOrPath })
  checkReportTargets(flags)
  const leftOut = leftOutBy(engine)
  if (leftOut !== undefined) say(leftOut)
  const progress = new SimulationProgress()
  progress.starting(scenario.nodes)
  const report = await simulateUntilEnded({
    scenario,
    engine,
    isChecked,
    threads,
    onProgress: (at, wallMs) => progress.at(at, wallMs),
  })
  if (report === undefined) return reportNothing()
  if (flags.json) writeJson(report)
  else writeText(renderReport(report))
  for (const path of await writeReportFiles(report, flags)) say(`written: ${path}`)
  reportOutcome(report, flags)
  const found = report.simulation?.problems ?? []
  if (found.length > 0) say(`to see it again: ${replayCommand(nameOrPath, scenario.seed, flags)}`)
  else if (isChecked && report.simulation?.isCut === false) say('checked: all that must hold held')
}

/** As the file says, or drawn from the seed, changed by flags. */
function simulatedScenario(nameOrPath: string, flags: SimulateFlags): Scenario {
  const { seed, nodes, duration: durationS, rate: transactionsPerS } = flags
  const changes = {
    ...(seed !== undefined && { seed }),
    ...(nodes !== undefined && { nodes }),
    ...(durationS !== undefined && { durationS }),
    ...(transactionsPerS !== undefined && { transactionsPerS }),
  }
  if (nameOrPath !== RANDOM_FAULTS)
    return loadScenario(nameOrPath, changes, CHANGE_OPTIONS).scenario
  return drawnScenario(seed ?? 1, changes, CHANGE_OPTIONS)
}

/** The command that runs the same again. */
function replayCommand(nameOrPath: string, seed: number, flags: SimulateFlags): string {
  const { engine, nodes, duration, rate } = flags
  const changes = Object.entries({ nodes, duration, rate }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${value}`],
  )
  return [
    'grapevine simulate',
    nameOrPath,
    `--engine ${engine} --seed ${seed}`,
    ...changes,
    '--check',
  ].join(' ')
}
