#!/usr/bin/env node
/** `grapevine`: the command line. Every command is a file beside this one. */
import '../lib/polyfill.ts'
import { Command, CommanderError } from 'commander'
import { messageOf } from '../lib/assert.ts'
import { ConfigError } from '../node/config.ts'
import { VERSION } from '../node/version.ts'
import { configCommand } from './config.ts'
import { devnetCommand, measureCommand } from './devnet.ts'
import { experimentCommand } from './experiment.ts'
import { exportCommand } from './export.ts'
import { hostCommand } from './host.ts'
import { importCommand } from './import.ts'
import { inspectCommand } from './inspect/inspect.ts'
import { nodeCommand } from './node.ts'
import { clearProgress } from './terminal/output.ts'
import { reportCommand } from './report.ts'
import { roundsCommand } from './rounds.ts'
import { submitCommand } from './submit.ts'
import { UserError } from '../lib/userError.ts'

/** A wrong flag, setting, file or port; anything else that goes wrong ends with 1. */
const USAGE_EXIT_CODE = 2

function program(): Command {
  const grapevine = new Command('grapevine')
    .description(
      'A peer-to-peer transaction and block propagation node, and the instrument on which propagation is measured.',
    )
    .version(VERSION)
    .showHelpAfterError('(add --help for the options)')
    .exitOverride()
  const commands = [
    nodeCommand,
    devnetCommand,
    measureCommand,
    experimentCommand,
    reportCommand,
    roundsCommand,
    submitCommand,
    inspectCommand,
    importCommand,
    exportCommand,
    configCommand,
  ]
  for (const make of commands)
    grapevine.addCommand(make().exitOverride().copyInheritedSettings(grapevine))
  const host = hostCommand().exitOverride().copyInheritedSettings(grapevine)
  grapevine.addCommand(host, { hidden: true })
  return grapevine
}

/** One clear line for what the user can mend; the stack only for a bug of ours. */
function fail(error: unknown): number {
  clearProgress()
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_EXIT_CODE
  const expected = error instanceof UserError || error instanceof ConfigError
  process.stderr.write(`grapevine: ${messageOf(error)}\n`)
  return expected ? USAGE_EXIT_CODE : 1
}

try {
  await program().parseAsync(process.argv)
  process.exit()
} catch (error) {
  process.exit(fail(error))
}
