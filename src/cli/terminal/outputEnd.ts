/** Whether all that was written to standard output has got there. */
import { nextTurn } from '../../lib/turns.ts'

let lost: Error | undefined

/**
 * From now on a write error of standard output is remembered, and is no crash. To be called once,
 * at the start.
 */
export function watchOutput(): void {
  process.stdout.on('error', (error) => {
    lost ??= error
  })
  // Nobody is left to tell.
  process.stderr.on('error', () => {})
}

/** Resolves when everything has been written, with the error that kept a part of it back. */
export function outputEnd(): Promise<Error | undefined> {
  return new Promise((resolve) => {
    if (lost !== undefined || process.stdout.destroyed) resolve(lost)
    else process.stdout.write('', () => void nextTurn().then(() => resolve(lost)))
  })
}
