/**
 * All commands of `grapevine`. The modules of all of them take some two seconds of processor time
 * to load, more than most commands need for their work, so a command is loaded when it is asked
 * for.
 */
import type { Command } from 'commander'
import { emptyProgram, withCommand } from './start/emptyProgram.ts'

interface CommandSource {
  readonly load: () => Promise<Command>
  /** Help does not show it. */
  readonly hidden?: boolean
}

/** By name, in the order of the help. */
const COMMANDS: Readonly<Record<string, CommandSource>> = {
  node: { load: async () => (await import('./node.ts')).nodeCommand() },
  devnet: { load: async () => (await import('./devnet.ts')).devnetCommand() },
  measure: { load: async () => (await import('./devnet.ts')).measureCommand() },
  scenarios: { load: async () => (await import('./scenarios.ts')).scenariosCommand() },
  simulate: { load: async () => (await import('./simulate.ts')).simulateCommand() },
  experiment: {
    load: async () => (await import('./experiment/experiment.ts')).experimentCommand(),
  },
  report: { load: async () => (await import('./report.ts')).reportCommand() },
  rounds: { load: async () => (await import('./rounds.ts')).roundsCommand() },
  submit: { load: async () => (await import('./submit/submit.ts')).submitCommand() },
  members: { load: async () => (await import('./members.ts')).membersCommand() },
  finality: { load: async () => (await import('./finality.ts')).finalityCommand() },
  ask: { load: async () => (await import('./ask.ts')).askCommand() },
  find: { load: async () => (await import('./find.ts')).findCommand() },
  inspect: { load: async () => (await import('./inspect/inspect.ts')).inspectCommand() },
  import: { load: async () => (await import('./import.ts')).importCommand() },
  export: { load: async () => (await import('./export.ts')).exportCommand() },
  genesis: { load: async () => (await import('./provision/genesis.ts')).genesisCommand() },
  key: { load: async () => (await import('./provision/key.ts')).keyCommand() },
  prepare: { load: async () => (await import('./provision/prepare.ts')).prepareCommand() },
  interop: { load: async () => (await import('./interop.ts')).interopCommand() },
  config: { load: async () => (await import('./config.ts')).configCommand() },
  completion: { load: async () => (await import('./completion.ts')).completionCommand(program) },
  peers: { load: async () => (await import('./peers.ts')).peersCommand(), hidden: true },
}

/** The command line as data: help, completion and `docs/cli.md` are made from it. */
export async function program(): Promise<Command> {
  const grapevine = emptyProgram()
  for (const { load, hidden = false } of Object.values(COMMANDS))
    withCommand(grapevine, await load(), { hidden })
  return grapevine
}

/** The command line for these arguments: with the one command that they name, else with all. */
export async function programFor([name = '']: readonly string[]): Promise<Command> {
  if (VERSION_FLAGS.has(name)) return emptyProgram()
  const source = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  return source === undefined ? program() : withCommand(emptyProgram(), await source.load())
}

const VERSION_FLAGS: ReadonlySet<string> = new Set(['-V', '--version'])
