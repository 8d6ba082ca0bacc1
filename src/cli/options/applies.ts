/**
 * Flags that have no effect where they are given are refused: a flag that is ignored is a wrong
 * answer.
 */
import type { Command } from 'commander'
import { UserError } from '../../lib/userError.ts'

/**
 * Throws a UserError for the first of these options that was given on the command line; `why`
 * follows its name.
 */
export function refuseFlags(command: Command, names: readonly string[], why: string): void {
  const given = names.find((name) => command.getOptionValueSource(name) === 'cli')
  if (given !== undefined) throw new UserError(`${optionText(command, given)}: ${why}`)
}

/** As the user writes it: `--report-dir` for `reportDir`. */
function optionText(command: Command, name: string): string {
  return command.options.find((option) => option.attributeName() === name)?.long ?? name
}
