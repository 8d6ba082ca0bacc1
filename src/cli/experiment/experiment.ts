/** `grapevine experiment`: runs that differ in one thing, to a table, a plot and a page. */
import { availableParallelism } from 'node:os'
import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { messageOf } from '../../lib/assert.ts'
import { UserError } from '../../lib/userError.ts'
import type { ExperimentFacts } from '../../measure/experiment/experimentRecord.ts'
import {
  experimentResult,
  caseOptions,
  type ExperimentResult,
} from '../../measure/experiment/experimentResult.ts'
import { experimentJson, experimentText } from '../../measure/experiment/experimentText.ts'
import type { Experiment, ExperimentCase } from '../../scenario/experiment.ts'
import {
  experimentRuns,
  readShard,
  runsOfShard,
  type Shard,
} from '../../scenario/experimentRuns.ts'
import { ENGINES, type EngineName } from '../../sim/engines/engineNames.ts'
import { refuseFlags } from '../options/applies.ts'
import { figuresOf, withFigures } from '../docs/experimentPage.ts'
import { checkWritable, writeFile } from '../network/reportFiles.ts'
import { pathName, wholeNumber } from '../options/options.ts'
import { say, writeJson, writeText } from '../terminal/output.ts'
import { isKnowledgeExperiment } from '../../sim/rounds/knowledgeExperiment.ts'
import { isRoundsExperiment } from '../../sim/rounds/roundsExperiment.ts'
import { carryOut } from './carryOut.ts'
import { runKnowledgeFile } from './knowledgeExperiment.ts'
import { runRoundsFile } from './roundsExperiment.ts'
import {
  experimentFile,
  experimentNames,
  pagesOf,
  readExperiment,
  readText,
} from './experimentFile.ts'

const MAX_SEED = 2 ** 32 - 1
const MAX_PROCESSES = 256
/** Options that rounds have no use for: their file says what is run. */
const NOT_OF_ROUNDS = ['repeat', 'seed', 'simulate', 'engine', 'processes', 'shard', 'reportDir']

interface ExperimentFlags {
  readonly repeat?: number
  readonly seed?: number
  readonly simulate?: boolean
  readonly engine: EngineName
  readonly processes?: number
  readonly shard?: Shard
  readonly write?: boolean
  readonly json?: boolean
  readonly reportDir?: string
}

/** The command `experiment`. */
export function experimentCommand(): Command {
  return new Command('experiment')
    .description(
      'run scenarios that differ in one thing, for real or simulated, and print what it changes',
    )
    .argument('<experiment>', `a YAML file, or one of the project: ${experimentNames().join(', ')}`)
    .option(
      '--repeat <count>',
      'runs of each case, each with another seed (default: as the file says, 1 if it does not)',
      wholeNumber(1, 100),
    )
    .option('--seed <number>', 'seed of the first run of each case', wholeNumber(0, MAX_SEED))
    .option('--simulate', 'simulate every case under virtual time instead of running it for real')
    .addOption(
      new Option('--engine <name>', 'with --simulate: what a node is, whole or its router alone')
        .choices(ENGINES)
        .default('node'),
    )
    .option(
      '--processes <count>',
      'simulations at a time, each in a process of its own (default: one a core)',
      wholeNumber(1, MAX_PROCESSES),
    )
    .option(
      '--shard <part/of>',
      'make only this part of the runs, such as 2/5, and keep their reports in --report-dir; grapevine report --merge joins the parts',
      shard,
    )
    .option(
      '--report-dir <dir>',
      'keep the report of every run here; runs that are there are not made again, so that an interrupted experiment goes on',
      pathName,
    )
    .option('--json', 'print the figures of every case as JSON')
    .option(
      '--write',
      'write the plot, and the figures into the page of the same name next to the file',
    )
    .action(runExperiment)
}

async function runExperiment(
  name: string,
  flags: ExperimentFlags,
  command: Command,
): Promise<void> {
  refuseUnused(flags, command)
  const file = experimentFile(name)
  const text = readText(file)
  if (isRoundsExperiment(text) || isKnowledgeExperiment(text)) {
    refuseFlags(command, NOT_OF_ROUNDS, 'is for experiments of scenarios; this one is of rounds')
    const run = isRoundsExperiment(text) ? runRoundsFile : runKnowledgeFile
    return run(file, text, flags)
  }
  const experiment = readExperiment(file, text, flags.seed)
  if (flags.write) checkWritable(pagesOf(file).page)
  const { repeat: rounds = experiment.repeat, reportDir } = flags
  const all = experimentRuns(rounds, (round) =>
    carriedBy(readExperiment(file, text, seedOf(experiment) + round).cases, flags),
  )
  const runs = flags.shard === undefined ? all : runsOfShard(all, flags.shard)
  const reports = await carryOut(runs, {
    facts: factsOf(experiment, rounds),
    processes: flags.processes ?? availableParallelism(),
    ...(reportDir !== undefined && { reportDir }),
  })
  if (flags.shard !== undefined) {
    say(`${reports.length} of ${all.length} runs are in ${reportDir}`)
    return
  }
  const result = experimentResult(reports)
  writeExperiment(result, flags)
  if (flags.write) await writePage(file, result)
}

/** Prints an experiment, as text or as JSON. */
export function writeExperiment(
  result: ExperimentResult,
  { json }: { readonly json?: boolean },
): void {
  if (json) writeJson(experimentJson(result))
  else writeText(experimentText(result))
}

function refuseUnused(flags: ExperimentFlags, command: Command): void {
  if (!flags.simulate) refuseFlags(command, ['engine', 'processes'], 'needs --simulate')
  if (flags.shard === undefined) return
  refuseFlags(command, ['write', 'json'], 'is for all runs: join the parts first')
  if (flags.reportDir === undefined)
    throw new UserError('--shard: needs --report-dir, where the reports of its runs are kept')
}

function factsOf(experiment: Experiment, rounds: number): ExperimentFacts {
  const { title, asks, items, varies, panels, agreeWithin, cases } = experiment
  return {
    title,
    asks,
    items,
    varies,
    panels,
    ...(agreeWithin !== undefined && { agreeWithin }),
    cases: cases.map(({ label, group }) => ({ label, ...(group !== undefined && { group }) })),
    rounds,
  }
}

/** An experiment that compares carriers says itself what carries each case. */
function carriedBy(
  cases: readonly ExperimentCase[],
  { simulate, engine }: ExperimentFlags,
): readonly ExperimentCase[] {
  if (!simulate) return cases
  if (new Set(cases.map(({ carrier }) => carrier)).size > 1)
    throw new UserError(
      '--simulate: some cases of this experiment are real and others simulated, as its question needs; leave it out',
    )
  return cases.map((one) => ({ ...one, carrier: engine }))
}

async function writePage(file: string, result: ExperimentResult): Promise<void> {
  const { casePlot } = await import('../../measure/html/casePlot.ts')
  const { page, picture } = pagesOf(file)
  const before = existsSync(page) ? readFileSync(page, 'utf8') : undefined
  const name = basename(page, '.md')
  writeFile(page, withFigures(figuresOf(name, result), before))
  writeFile(picture, await casePlot(result.runs, caseOptions(result.facts)))
  say(`written: ${page}, ${picture}`)
}

function shard(text: string): Shard {
  try {
    return readShard(text)
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error))
  }
}

function seedOf({ cases }: Experiment): number {
  return cases[0]?.scenario.seed ?? 0
}
