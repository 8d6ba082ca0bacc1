/** What a file that cannot be written means to who asked for it. */
import { messageOf } from '../assert.ts'
import { errorCodeOf } from './errorCode.ts'
import { UserError } from '../userError.ts'

/** The system's codes for a place that was right and took no more: a full disk, a broken one. */
const FAILURES = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EFBIG'])

/**
 * The error to throw for what the system said: a {@link UserError} where another name would do, a
 * plain one where writing failed. `what` is the file, as the user would call it.
 */
export function writeError(what: string, error: unknown): Error {
  const message = `cannot write ${what}: ${messageOf(error)}`
  return FAILURES.has(errorCodeOf(error) ?? '')
    ? new Error(message, { cause: error })
    : new UserError(message, { cause: error })
}
