/**
 * How a long-running command ends: once, in order, on SIGINT, SIGTERM, or when its parent goes
 * away.
 */
import { EXIT_CODES } from '../exitCodes.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

let wish: Promise<void> | undefined

/**
 * Resolves on the first wish to end, for everybody who asks: it is for the process as a whole. A
 * second one ends the process at once with the code a shell expects. A parent that started this
 * process with a channel and went away counts as a wish to end, and so does a reader of standard
 * output that went away.
 */
export function untilStopRequested(): Promise<void> {
  wish ??= firstWish()
  return wish
}

function firstWish(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const ask = (exitCode: number): void => {
      if (asked) process.exit(exitCode)
      asked = true
      resolve()
    }
    const { interrupted, terminated, failure } = EXIT_CODES
    for (const signal of SIGNALS)
      process.on(signal, () => ask((signal === 'SIGINT' ? interrupted : terminated).code))
    process.once('disconnect', () => ask(failure.code))
    process.stdout.once('error', () => resolve())
  })
}
