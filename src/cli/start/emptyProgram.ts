/** The command line before it has commands, and how it gets them. */
import { Command } from 'commander'
import { VERSION } from '../../node/version.ts'

/** `grapevine` without commands. */
export function emptyProgram(): Command {
  return new Command('grapevine')
    .description(
      'A peer-to-peer transaction and block propagation node, and the instrument on which propagation is measured.',
    )
    .version(VERSION)
    .showHelpAfterError('(add --help for the options)')
    .exitOverride()
}

/** Adds a command, which ends and shows errors as the program does; answers the program. */
export function withCommand(
  program: Command,
  command: Command,
  options: { readonly hidden?: boolean } = {},
): Command {
  return program.addCommand(command.exitOverride().copyInheritedSettings(program), options)
}
