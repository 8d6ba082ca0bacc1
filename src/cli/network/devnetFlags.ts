/** The options of `grapevine devnet` and `grapevine measure`, and how they go with a scenario. */
import { availableParallelism } from 'node:os'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { LOG_LEVELS, type LogLevel } from '../../lib/log.ts'
import { messageOf } from '../../lib/assert.ts'
import { readExpectation, type Expectation } from '../../measure/expectations.ts'
import type { AccountFlags } from '../options/accounts.ts'
import { settingsForAll, type GivenSettings } from '../../node/settings/givenSettings.ts'
import { SETTINGS } from '../../node/settings/settings.ts'
import { EXPORT_NAMES, type ExportName } from '../../measure/export/exports.ts'
import type { ChangeNames } from '../../scenario/parseScenario.ts'
import { MAX_PROCESSES, MAX_REAL_NODES } from '../../scenario/scenarioSchema.ts'
import { ENGINES, type EngineName } from '../../sim/engines/engineNames.ts'
import { MAX_THREADS } from '../../sim/threads/threadCount.ts'
import { MAX_DATA_BYTES } from '../../scenario/workloadSchema.ts'
import type { DashboardFlags } from './dashboard.ts'
import { pathName, positiveNumber, wholeNumber } from '../options/options.ts'
import { loadScenario, scenarioNames, type PlannedScenario } from '../../instrument/scenarioFile.ts'
import { UserError } from '../../lib/userError.ts'

/**
 * Flags as commander read them; what has no default here has one that depends on the command or the
 * scenario.
 */
export interface DevnetFlags extends DashboardFlags, AccountFlags {
  readonly nodes?: number
  readonly txs?: number
  readonly rate?: number
  readonly size?: number
  /** The former name of `size`. */
  readonly dataBytes?: number
  readonly period?: number
  readonly seed?: number
  /** Seconds. */
  readonly duration?: number
  /** A number of processes, or `true` for as many as there are cores. */
  readonly inProcess?: number | true
  readonly dryRun?: boolean
  readonly chainId: number
  readonly dir?: string
  readonly admin?: boolean
  /** Of the peers; as the environment or the default says if left out. */
  readonly logLevel?: LogLevel
  /** Settings of all peers. */
  readonly set?: GivenSettings
  readonly json?: boolean
  readonly once?: boolean
  /** Under virtual time instead of for real, and what a node is then. */
  readonly simulate?: boolean
  readonly engine?: EngineName
  /** That share the nodes of a simulation. */
  readonly threads?: number
  /** Runs of a measurement, each on a network of its own. */
  readonly repeat?: number
  readonly reportDir?: string
  readonly html?: string
  readonly export?: ExportName
  readonly expect?: readonly Expectation[]
  /** Collector of spans. */
  readonly otlp?: string
}

/** Of the option `--threads` of simulations. */
export const THREADS_HELP =
  'threads that share the nodes; the report is the same with any number (default: 1)'

/** Options of a command that can simulate what it would run. */
export function simulateOptions(command: Command): Command {
  return command
    .option(
      '--simulate',
      'simulate the network under virtual time instead of starting it, up to 200,000 nodes; the same report',
    )
    .addOption(
      new Option('--engine <name>', 'with --simulate: what a node is, whole or its router alone')
        .choices(ENGINES)
        .default('node'),
    )
    .option('--threads <count>', `with --simulate: ${THREADS_HELP}`, wholeNumber(1, MAX_THREADS))
}

/** The options that change a scenario. */
export const CHANGE_OPTIONS: ChangeNames = {
  seed: '--seed',
  nodes: '--nodes',
  durationS: '--duration',
  transactionsPerS: '--rate',
}

/** Of a network without a scenario. */
export const DEVNET_DEFAULTS = { nodes: 8, rate: 30, size: 0, period: 2 } as const

const MAX_SEED = 2 ** 32 - 1

/** Adds the scenario and what changes it to a command. */
export function scenarioArgument(command: Command): Command {
  const names = scenarioNames()
  return command
    .argument('[scenario]', 'scenario to run: a YAML file, or the name of a built-in scenario')
    .addHelpText(
      'after',
      `\nScenarios by name: ${names.join(', ')}.\nWith a scenario, --nodes, --rate, --duration and --seed change what it says; its other fields are changed in a copy of the file.`,
    )
}

/** Adds the options of every command that runs a network. */
export function commonOptions(command: Command, mostNodes = MAX_REAL_NODES): Command {
  const { nodes, rate, size, period } = DEVNET_DEFAULTS
  return command
    .option(
      '--nodes <count>',
      `peers of the network (default: ${nodes}, or as the scenario says)`,
      wholeNumber(1, mostNodes),
    )
    .option(
      '--rate <per-second>',
      `transactions per second (default: ${rate}, or as the scenario says)`,
      positiveNumber(10_000),
    )
    .option(
      '--size <bytes>',
      `calldata of each transaction (default: ${size})`,
      wholeNumber(0, MAX_DATA_BYTES),
    )
    .addOption(
      new Option('--data-bytes <bytes>', 'the former name of --size')
        .argParser(wholeNumber(0, MAX_DATA_BYTES))
        .hideHelp(),
    )
    .option(
      '--period <seconds>',
      `seconds between blocks (default: ${period})`,
      wholeNumber(1, 3600),
    )
    .option(
      '--seed <number>',
      'seed for everything random in a scenario and for the keys of the peers (default: that of the scenario; without a scenario, new keys)',
      wholeNumber(0, MAX_SEED),
    )
    .option(
      '--in-process [processes]',
      'run all peers in this many processes (one per core if no number is given) instead of one process each',
      processCount,
    )
    .option('--dry-run', 'with a scenario: print the plan as JSON and do nothing')
    .option(
      '--chain-id <id>',
      'chain id of the network',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
      1337,
    )
    .option(
      '--dir <dir>',
      'keep genesis, peer directories and logs here (default: a temporary directory, removed at the end)',
      pathName,
    )
    .option('--admin', 'let the peers serve the admin_ methods')
    .addOption(
      new Option(
        '--log-level <level>',
        `level of the peers' logs (default: ${SETTINGS.logLevel.fallbackText})`,
      ).choices(LOG_LEVELS),
    )
    .option(
      '--set <name=value>',
      'a setting of all peers by its name in "grapevine config", such as minTip=2; may be given several times; it overrides the environment and the scenario',
      assignedSetting,
    )
}

/** Adds the options that say where a report goes. */
export function reportOptions(command: Command): Command {
  return command
    .option('--report-dir <dir>', 'write report.json and report.html here', pathName)
    .addOption(
      new Option(
        '--export <format>',
        'write the data for other tools, to a folder of that name in --report-dir or the current directory',
      ).choices(EXPORT_NAMES),
    )
    .option('--expect <expectation>', EXPECT_HELP, readExpectations)
}

/** Reads `--otlp`. */
export function collectorUrl(text: string): string {
  try {
    const url = SETTINGS.otlp.read(text)
    if (url !== '') return url
    throw new Error('expected the URL of a collector')
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error))
  }
}

/** The help of `--expect`. */
export const EXPECT_HELP =
  'what a figure of the report must be, such as coverage=1 or tx.p99<250; several are separated by commas, or the option is repeated. Exit code 3 if one does not hold'

/** Reads `--expect`, which may be given several times. */
export function readExpectations(
  text: string,
  others: readonly Expectation[] = [],
): readonly Expectation[] {
  try {
    return [...others, ...text.split(',').map(readExpectation)]
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error))
  }
}

/**
 * The scenario that was asked for, if any. Throws a UserError where flags do not go with what was
 * asked for.
 */
export function scenarioOf(
  nameOrPath: string | undefined,
  flags: DevnetFlags,
): PlannedScenario | undefined {
  if (nameOrPath === undefined) {
    const lonely = (['dryRun'] as const).find((name) => flags[name] !== undefined)
    if (lonely !== undefined) throw new UserError(`${optionText(lonely)}: needs a scenario`)
    return undefined
  }
  const stranger = (['txs', 'size', 'dataBytes', 'period'] as const).find(
    (name) => flags[name] !== undefined,
  )
  if (stranger !== undefined)
    throw new UserError(
      `${optionText(stranger)}: the scenario sets this; change it in a copy of the file`,
    )
  const { seed, nodes, duration: durationS, rate: transactionsPerS } = flags
  const changes = {
    ...(seed !== undefined && { seed }),
    ...(nodes !== undefined && { nodes }),
    ...(durationS !== undefined && { durationS }),
    ...(transactionsPerS !== undefined && { transactionsPerS }),
  }
  const planned = loadScenario(nameOrPath, changes, CHANGE_OPTIONS)
  if (flags.simulate) return planned
  if (planned.scenario.nodes > MAX_REAL_NODES)
    throw new UserError(
      `the scenario has ${planned.scenario.nodes} nodes, and one machine runs ${MAX_REAL_NODES} for real: use grapevine simulate, or --nodes`,
    )
  const pauses = planned.plan.faults.some(({ fault }) => fault.kind === 'pause')
  if (pauses && flags.inProcess !== undefined)
    throw new UserError('--in-process: the scenario pauses nodes, which needs a process for each')
  return planned
}

/** Processes that peers share, by the options or by the scenario; `undefined` for one each. */
export function sharedProcesses(
  { inProcess }: Pick<DevnetFlags, 'inProcess'>,
  nodes: number,
  ofScenario: number | undefined,
): number | undefined {
  if (inProcess === undefined) return ofScenario
  if (inProcess === true) return ofScenario ?? Math.min(nodes, availableParallelism())
  return Math.min(nodes, inProcess)
}

/** Reads one more `name=value`. */
function assignedSetting(text: string, others: GivenSettings = {}): GivenSettings {
  const [name = '', ...value] = text.split('=')
  if (value.length === 0) throw new InvalidArgumentError('Expected name=value, such as minTip=2.')
  return { ...others, ...settingsForAll({ [name]: value.join('=') }, '--set') }
}

function processCount(text: string): number {
  try {
    return wholeNumber(1, MAX_PROCESSES)(text)
  } catch {
    throw new InvalidArgumentError(
      `Expected a number of processes from 1 to ${MAX_PROCESSES}; name the scenario before this option.`,
    )
  }
}

function optionText(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
