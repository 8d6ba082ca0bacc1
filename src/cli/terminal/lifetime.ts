/**
 * How a command ends before its time: a long-running one once, in order, on SIGINT, SIGTERM,
 * SIGHUP, or when its parent goes away; any other at once.
 */
import { systemClock } from '../../lib/clock.ts'
import { EXIT_CODES } from '../exitCodes.ts'
import { say } from './output.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/**
 * `timeout` signals the process and then its group, and npm passes on what the terminal has sent
 * already: what comes so soon is no second wish.
 */
const SAME_WISH_MS = 300

let wish: Promise<void> | undefined
let wishCode: number | undefined

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

/**
 * The exit code of work that the first wish to end left undone; `undefined` as long as there was no
 * wish.
 */
export function unfinishedCode(): number | undefined {
  return wishCode
}

/** Says what a wish to end left undone; the command then ends with the exit code of that wish. */
export function leaveUnfinished(line: string): void {
  process.exitCode = unfinishedCode() ?? EXIT_CODES.failure.code
  say(line)
}

/**
 * Node.js dies of SIGHUP with an exit code of its own. From now on a command ends as by SIGTERM
 * when its terminal goes away, until it says with {@link untilStopRequested} that it ends in order.
 */
export function endOnHangup(): void {
  process.on('SIGHUP', exitTerminated)
}

function exitTerminated(): never {
  process.exit(EXIT_CODES.terminated.code)
}

function firstWish(): Promise<void> {
  return new Promise((resolve) => {
    const note = (exitCode: number): void => {
      wishCode ??= exitCode
      resolve()
    }
    let askedMs = Infinity
    const ask = (exitCode: number): void => {
      if (systemClock.monotonicMs() - askedMs > SAME_WISH_MS) process.exit(exitCode)
      askedMs = Math.min(askedMs, systemClock.monotonicMs())
      note(exitCode)
    }
    const { interrupted, terminated, failure } = EXIT_CODES
    for (const signal of SIGNALS)
      process.on(signal, () => ask((signal === 'SIGINT' ? interrupted : terminated).code))
    process.off('SIGHUP', exitTerminated)
    process.once('disconnect', () => ask(failure.code))
    process.stdout.once('error', () => note(failure.code))
  })
}
