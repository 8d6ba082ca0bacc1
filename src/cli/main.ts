#!/usr/bin/env node
/** `grapevine`: the command line, run once. */
import '../lib/polyfill.ts'
import { CommanderError, type Command } from 'commander'
import { messageOf } from '../lib/assert.ts'
import { EXIT_CODES, exitCodeOf } from './exitCodes.ts'
import { emptyProgram, withCommand } from './emptyProgram.ts'
import { outputEnd, watchOutput } from './terminal/outputEnd.ts'
import { say } from './terminal/output.ts'

/**
 * The program with the command that is asked for, or with all. What devnets start many of is loaded alone: the rest
 * would cost each peer half of its start and 20 MB.
 */
async function programFor(name: string | undefined): Promise<Command> {
  if (name === 'node') {
    const { nodeCommand } = await import('./node.ts')
    return withCommand(emptyProgram(), nodeCommand())
  }
  if (name === 'host') {
    const { hostCommand } = await import('./host.ts')
    return withCommand(emptyProgram(), hostCommand())
  }
  const { program } = await import('./program.ts')
  return program()
}

/** The exit code of a run; what it wrote may still be under way. */
async function run(): Promise<number> {
  try {
    const program = await programFor(process.argv[2])
    await program.parseAsync(process.argv)
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
