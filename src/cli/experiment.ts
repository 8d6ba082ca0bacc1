/** `grapevine experiment`: a series of runs that differ in one thing, to a table, a plot and a page. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { runMeasurement } from '../instrument/runMeasurement.ts'
import { scenarioRunOptions } from '../instrument/scenarioRun.ts'
import { messageOf } from '../lib/assert.ts'
import { sweepPlot } from '../measure/html/sweepPlot.ts'
import type { Report } from '../measure/report.ts'
import { sweepTable, type SweepOptions, type SweepRun } from '../measure/sweep.ts'
import { planOf } from '../scenario/plan.ts'
import { suggestionFor } from '../scenario/problems.ts'
import { MAX_REAL_NODES } from '../scenario/scenarioSchema.ts'
import { parseExperiment, type Experiment, type ExperimentCase } from '../scenario/experiment.ts'
import type { DevnetFlags } from './network/devnetFlags.ts'
import { withDevnet } from './network/devnetNetwork.ts'
import { withFigures } from './docs/experimentPage.ts'
import { checkWritable } from './network/reportFiles.ts'
import { wholeNumber } from './options.ts'
import { isInterrupted, savedRun, wantedScenario } from './network/savedRun.ts'
import { writeReportFiles } from './network/reportFiles.ts'
import type { PlannedScenario } from './network/scenario.ts'
import { shortfallsOf } from '../measure/outcome.ts'
import { ownCommand } from './ownCommand.ts'
import { clearProgress, say, showProgress, writeText } from './terminal/output.ts'
import { UserError } from '../lib/userError.ts'

/** The experiments that the project publishes. */
const FOLDER = fileURLToPath(new URL('../../docs/experiments', import.meta.url))
const EXTENSION = '.yaml'
const MAX_SEED = 2 ** 32 - 1

interface ExperimentFlags {
  readonly repeat: number
  readonly seed?: number
  readonly write?: boolean
  readonly reportDir?: string
}

const NETWORK_FLAGS: DevnetFlags = {
  chainId: 1337,
  logLevel: 'warn',
  inProcess: true,
  json: true,
  dashboard: false,
}

/** The command `experiment`. */
export function experimentCommand(): Command {
  return new Command('experiment')
    .description(
      'run a series of scenarios that differ in one thing, many nodes in a few processes, and print what it changes',
    )
    .argument('<series>', `a YAML file, or one of the project: ${experimentNames().join(', ')}`)
    .option('--repeat <count>', 'runs of each case, each with another seed', wholeNumber(1, 100), 1)
    .option('--seed <number>', 'seed of the first run of each case', wholeNumber(0, MAX_SEED))
    .option(
      '--report-dir <dir>',
      'keep the report of every run here; runs that are there are not made again, so that an interrupted series goes on',
    )
    .option('--write', 'write the figures into the page of that name beside the file, and the plot')
    .action(runSeries)
}

/** Names of the experiments that come with the program. */
export function experimentNames(): readonly string[] {
  if (!existsSync(FOLDER)) return []
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => basename(file, EXTENSION))
    .toSorted()
}

async function runSeries(name: string, flags: ExperimentFlags): Promise<void> {
  const file = seriesFile(name)
  const text = readText(file)
  const series = readSeries(file, text, flags.seed)
  if (flags.write) checkWritable(file.replace(EXTENSION, '.md'))
  const runs: SweepRun[] = []
  for (let round = 0; round < flags.repeat; round++) {
    const { cases } = round === 0 ? series : readSeries(file, text, seedOf(series) + round)
    for (const one of cases)
      runs.push({ value: valueOf(one.label), report: await runOrRead(one, flags) })
  }
  const options: SweepOptions = { parameter: series.varies, kind: series.items }
  writeText(`\n${series.title}\n${series.asks}\n\n${sweepTable(runs, options)}`)
  if (flags.write) await writePage(file, series, runs, options)
}

/** Reads the report of a case that was run before, or runs it and keeps the report. */
async function runOrRead(one: ExperimentCase, { reportDir }: ExperimentFlags): Promise<Report> {
  const { label, scenario } = one
  const planned = { scenario, plan: planOf(scenario) }
  const dir = reportDir && join(reportDir, `${folderName(label)}-seed-${scenario.seed}`)
  const saved = await savedRun(dir, wantedScenario(planned))
  if (saved !== undefined) {
    say(`${label}: read from ${dir}`)
    return saved
  }
  const report = await run(label, planned)
  if (dir !== undefined) await writeReportFiles(report, { reportDir: dir })
  say(`${label}: done`)
  for (const { text } of shortfallsOf(report)) say(`${label}: ${text}`)
  return report
}

/** A label as the name of a folder. */
function folderName(label: string): string {
  return label.replace(/[^a-zA-Z0-9.]+/g, '-')
}

/** Throws where the network was asked to end in the middle. */
async function run(label: string, planned: PlannedScenario): Promise<Report> {
  const { scenario, plan } = planned
  if (scenario.nodes > MAX_REAL_NODES)
    throw new UserError(
      `${label}: ${scenario.nodes} nodes, and one machine runs ${MAX_REAL_NODES} for real`,
    )
  let report: Report | undefined
  showProgress(`${label}: starting ${scenario.nodes} nodes`)
  await withDevnet(NETWORK_FLAGS, planned, async (devnet, { signal }) => {
    report = await runMeasurement(devnet.port, {
      privateKeys: devnet.accounts.map(({ privateKey }) => privateKey),
      ...scenarioRunOptions(scenario, plan),
      signal,
      command: ownCommand(),
      onProgress: ({ phase, submitted }) =>
        showProgress(`${label}: ${phase}, ${submitted} submitted`),
    })
  })
  clearProgress()
  if (report === undefined || isInterrupted(report))
    throw new UserError(
      'asked to end: the series is not complete; with --report-dir the same command goes on from here',
    )
  return report
}

async function writePage(
  file: string,
  series: Experiment,
  runs: readonly SweepRun[],
  options: SweepOptions,
): Promise<void> {
  const name = basename(file, EXTENSION)
  const page = join(dirname(file), `${name}.md`)
  const plot = join(dirname(file), `${name}.svg`)
  const before = existsSync(page) ? readFileSync(page, 'utf8') : undefined
  writeFileSync(page, withFigures({ name, series, runs, options, before }))
  writeFileSync(plot, await sweepPlot(runs, options))
  say(`written: ${page}, ${plot}`)
}

function seriesFile(name: string): string {
  if (experimentNames().includes(name)) return join(FOLDER, name + EXTENSION)
  if (existsSync(name)) return name
  throw new UserError(
    `there is no experiment ${name}, neither a file nor one of the project; ${suggestionFor(name, experimentNames())}`,
  )
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${messageOf(error)}`)
  }
}

function readSeries(file: string, text: string, seed: number | undefined): Experiment {
  try {
    return parseExperiment(text, seed === undefined ? {} : { seed })
  } catch (error) {
    throw new UserError(`${file}: ${messageOf(error)}`)
  }
}

function seedOf({ cases }: Experiment): number {
  return cases[0]?.scenario.seed ?? 0
}

/** A label that is a number has its place on a scale. */
function valueOf(label: string): number | string {
  return /^\d+(\.\d+)?$/.test(label) ? Number(label) : label
}
