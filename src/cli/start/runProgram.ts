/** Runs the command line once and ends this process with its exit code. */
import { CommanderError, type Command } from 'commander'
import { messageOf } from '../../lib/assert.ts'
import { EXIT_CODES, exitCodeOf } from '../exitCodes.ts'
import { parseArguments } from './parseArguments.ts'
import { endOnHangup } from '../terminal/lifetime.ts'
import { outputEnd, watchOutput } from '../terminal/outputEnd.ts'
import { say } from '../terminal/output.ts'

/**
 * Parses the arguments of this process with the program, runs what they ask for, and ends the
 * process.
 */
export async function runProgram(programFor: () => Promise<Command>): Promise<void> {
  watchOutput()
  endOnHangup()
  const code = await codeOf(programFor)
  const lost = await outputEnd()
  if (lost !== undefined) say(`grapevine: cannot write to standard output: ${lost.message}`)
  process.exit(lost === undefined ? code : code || EXIT_CODES.failure.code)
}

/** The exit code of a run; what it wrote may still be under way. */
async function codeOf(programFor: () => Promise<Command>): Promise<number> {
  try {
    const program = await programFor()
    await parseArguments(program, process.argv.slice(2))
    return Number(process.exitCode ?? EXIT_CODES.success.code)
  } catch (error) {
    return fail(error)
  }
}

/** One clear line; commander has written its own. */
function fail(error: unknown): number {
  if (!(error instanceof CommanderError)) say(`grapevine: ${messageOf(error)}`)
  return exitCodeOf(error)
}
