/** How the command line is read: by commander, but for the help of what is no command. */
import type { Command } from 'commander'

const HELP = 'help'

/** Runs what the arguments ask for. */
export async function parseArguments(program: Command, args: readonly string[]): Promise<void> {
  await refuseUnknownCommand(program, args)
  await program.parseAsync(args, { from: 'user' })
}

/**
 * Asked for the help of an unknown command, commander shows the help of all and does not say that
 * it is unknown. Without the word help it is refused in one line.
 */
async function refuseUnknownCommand(above: Command, args: readonly string[]): Promise<void> {
  const [word = '', ...rest] = args[0] === HELP ? args.slice(1) : args
  const isCommand = word !== '' && word !== HELP && !word.startsWith('-')
  if (above.commands.length === 0 || !isCommand) return
  const command = above.commands.find((one) => one.name() === word)
  if (command === undefined) await above.parseAsync([word], { from: 'user' })
  else await refuseUnknownCommand(command, rest)
}
