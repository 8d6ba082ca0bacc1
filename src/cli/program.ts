/** All commands of `grapevine`. Every command is a file beside this one. */
import type { Command } from 'commander'
import { emptyProgram, withCommand } from './emptyProgram.ts'
import { askCommand } from './ask.ts'
import { completionCommand } from './completion.ts'
import { configCommand } from './config.ts'
import { devnetCommand, measureCommand } from './devnet.ts'
import { experimentCommand } from './experiment/experiment.ts'
import { exportCommand } from './export.ts'
import { findCommand } from './find.ts'
import { genesisCommand } from './provision/genesis.ts'
import { hostCommand } from './host.ts'
import { importCommand } from './import.ts'
import { inspectCommand } from './inspect/inspect.ts'
import { keyCommand } from './provision/key.ts'
import { finalityCommand } from './finality.ts'
import { membersCommand } from './members.ts'
import { nodeCommand } from './node.ts'
import { prepareCommand } from './provision/prepare.ts'
import { reportCommand } from './report.ts'
import { roundsCommand } from './rounds.ts'
import { scenariosCommand } from './scenarios.ts'
import { simulateCommand } from './simulate.ts'
import { submitCommand } from './submit/submit.ts'

/** The command line as data: main runs it; help, completion and `docs/cli.md` are made from it. */
export function program(): Command {
  const grapevine = emptyProgram()
  const commands = [
    nodeCommand(),
    devnetCommand(),
    measureCommand(),
    scenariosCommand(),
    simulateCommand(),
    experimentCommand(),
    reportCommand(),
    roundsCommand(),
    submitCommand(),
    membersCommand(),
    finalityCommand(),
    askCommand(),
    findCommand(),
    inspectCommand(),
    importCommand(),
    exportCommand(),
    genesisCommand(),
    keyCommand(),
    prepareCommand(),
    configCommand(),
    completionCommand(program),
  ]
  for (const command of commands) withCommand(grapevine, command)
  return withCommand(grapevine, hostCommand(), { hidden: true })
}
