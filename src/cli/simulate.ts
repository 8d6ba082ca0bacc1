/** `grapevine simulate`: a scenario under virtual time, many nodes in one process, the same report. */
import { Command, Option } from 'commander'
import { renderReport } from '../measure/terminal/terminal.ts'
import { EXPORT_NAMES, type ExportName } from '../measure/export/exports.ts'
import { MAX_SCENARIO_NODES } from '../scenario/scenarioSchema.ts'
import { ENGINES, type EngineName } from '../sim/engines/engine.ts'
import { launchSimulation } from '../sim/launch.ts'
import type { SimProgress } from '../sim/simulation.ts'
import { untilStopRequested } from './terminal/lifetime.ts'
import { ownCommand } from './ownCommand.ts'
import { positiveNumber, wholeNumber } from './options.ts'
import { bar, clearProgress, say, showProgress, writeJson, writeText } from './terminal/output.ts'
import { writeReportFiles } from './network/reportFiles.ts'
import { loadScenario, scenarioNames } from './network/scenario.ts'

interface SimulateFlags {
  readonly engine: EngineName
  readonly nodes?: number
  readonly seed?: number
  readonly duration?: number
  readonly rate?: number
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
    .option('--report-dir <dir>', 'write report.json and report.html here')
    .option('--html <file>', 'write the report as one page that opens offline')
    .addOption(
      new Option(
        '--export <format>',
        'write the data for other tools, to a folder of that name in --report-dir or the current directory',
      ).choices(EXPORT_NAMES),
    )
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `\nScenarios by name: ${scenarioNames().join(', ')}.\nThe same scenario and seed give the same simulation.traceHash. Ctrl-C ends the run and reports what has been simulated.`,
    )
    .action(runSimulate)
}

async function runSimulate(nameOrPath: string, flags: SimulateFlags): Promise<void> {
  const { engine, seed, nodes, duration: durationS, rate: transactionsPerS } = flags
  const { scenario } = loadScenario(nameOrPath, {
    ...(seed !== undefined && { seed }),
    ...(nodes !== undefined && { nodes }),
    ...(durationS !== undefined && { durationS }),
    ...(transactionsPerS !== undefined && { transactionsPerS }),
  })
  showProgress(`starting ${scenario.nodes} nodes`)
  const report = await launchSimulation({
    scenario,
    engine,
    command: ownCommand(),
    heapBytes: 6 * 1024 ** 3,
    onProgress: (progress, wallMs) => showProgress(progressLine(progress, wallMs)),
    ended: untilStopRequested(),
  })
  clearProgress()
  if (flags.json) writeJson(report)
  else writeText(renderReport(report))
  for (const path of await writeReportFiles(report, flags)) say(`written: ${path}`)
}

/** `[####....]  40 %  running  12.3 of 31.5 s virtual, 8 s real, 310,000 events/s, 12 s left` */
function progressLine({ phase, virtualMs, endMs, events }: SimProgress, wallMs: number): string {
  const perS = Math.round(events / (wallMs / 1000)).toLocaleString('en')
  const leftS = Math.ceil((((endMs - virtualMs) / Math.max(1, virtualMs)) * wallMs) / 1000)
  const left = leftS > 0 ? `, about ${leftS} s left` : ''
  return `${bar(virtualMs, endMs)}  ${phase}  ${seconds(virtualMs)} of ${seconds(endMs)} s virtual, ${Math.round(wallMs / 1000)} s real, ${perS} events/s${left}`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
