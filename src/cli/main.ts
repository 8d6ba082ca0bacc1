#!/usr/bin/env node
/** `grapevine`: the command line, run once. */
import '../lib/polyfill.ts'
import { CommanderError } from 'commander'
import { messageOf } from '../lib/assert.ts'
import { EXIT_CODES, exitCodeOf } from './exitCodes.ts'
import { program } from './program.ts'
import { outputEnd, watchOutput } from './terminal/outputEnd.ts'
import { say } from './terminal/output.ts'

/** The exit code of a run; what it wrote may still be under way. */
async function run(): Promise<number> {
  try {
    await program().parseAsync(process.argv)
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

watchOutput()
const code = await run()
const lost = await outputEnd()
if (lost !== undefined) say(`grapevine: cannot write to standard output: ${lost.message}`)
process.exit(lost === undefined ? code : code || EXIT_CODES.failure.code)
