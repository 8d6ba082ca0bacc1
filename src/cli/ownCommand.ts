import { commandLine } from '../instrument/surroundings.ts'

/**
 * The command line of this process as reports keep it: quoted for a shell, without keys and logins.
 */
export function ownCommand(): string {
  return commandLine(process.argv.slice(2))
}
