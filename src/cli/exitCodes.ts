/**
 * What the exit code of a command says: one table for the program, for `docs/cli.md` and for the
 * tests.
 */

import { CommanderError } from 'commander'
import { UserError } from '../lib/userError.ts'
import { RpcAnswerError } from '../rpc/client/rpcClient.ts'
import { RPC_CODES } from '../rpc/errors.ts'

/** An exit code and when a command ends with it. */
export interface ExitCode {
  readonly code: number
  readonly meaning: string
}

/** All exit codes and their meaning. */
export const EXIT_CODES = {
  success: { code: 0, meaning: 'The command did what it was asked to do.' },
  failure: {
    code: 1,
    meaning:
      'Something failed while the command ran. submit: a transaction was refused, or is in no block. inspect: a line was refused. Any command: its output could not be written, on standard output or in a file, such as where the disk is full.',
  },
  usage: {
    code: 2,
    meaning:
      'Something that the user can fix: a wrong flag, setting or file, a file that cannot be opened, a port that is in use, a peer that does not answer, or does not know what it is asked for. One line says what to do.',
  },
  fellShort: {
    code: 3,
    meaning:
      'The run ended and there is a report, but the run fell short: it was interrupted in the middle, an --expect does not hold, transactions were lost, or a fault could not be made to happen. One line for each.',
  },
  interrupted: { code: 130, meaning: 'Interrupted by Ctrl-C (SIGINT) before the work was done.' },
  terminated: { code: 143, meaning: 'Ended by SIGTERM or SIGHUP before the work was done.' },
} as const satisfies Readonly<Record<string, ExitCode>>

/** Work that was left undone because somebody wanted the process to end: one line says what. */
export class UnfinishedError extends Error {
  override readonly name: string = 'UnfinishedError'
  readonly exitCode: number

  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}

/**
 * The exit code of a command that threw this. Commander throws for help and version, too, which are
 * successes.
 */
export function exitCodeOf(error: unknown): number {
  const { success, usage, failure } = EXIT_CODES
  if (error instanceof CommanderError) return error.exitCode === 0 ? success.code : usage.code
  if (error instanceof UnfinishedError) return error.exitCode
  return error instanceof UserError || isAskedWrongly(error) ? usage.code : failure.code
}

/**
 * A peer that answers has said that it does not know the words, such as a label, or does not serve
 * the method.
 */
function isAskedWrongly(error: unknown): boolean {
  const codes: readonly number[] = [RPC_CODES.invalidParams, RPC_CODES.methodNotFound]
  return error instanceof RpcAnswerError && codes.includes(error.code)
}
