/** How a long-running command ends: once, in order, on SIGINT, SIGTERM, or when its parent goes away. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Resolves on the first wish to end. A second one ends the process at once with the code a shell expects.
 * A parent that started this process with a channel and went away counts as a wish to end.
 */
export function untilAskedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const ask = (exitCode: number): void => {
      if (asked) process.exit(exitCode)
      asked = true
      resolve()
    }
    for (const signal of SIGNALS) process.on(signal, () => ask(signal === 'SIGINT' ? 130 : 143))
    process.once('disconnect', () => ask(1))
  })
}
