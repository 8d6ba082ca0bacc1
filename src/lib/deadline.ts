import type { Clock } from './clock.ts'

/**
 * Does `work` with a signal that is aborted after `timeoutMs` on `clock`; what the work makes of it
 * is its own matter.
 */
export async function withDeadline<T>(
  clock: Clock,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const cancel = clock.after(timeoutMs, () =>
    controller.abort(new DOMException(`timed out after ${timeoutMs} ms`, 'TimeoutError')),
  )
  try {
    return await work(controller.signal)
  } finally {
    cancel()
  }
}

/** Whether `work` has ended, well or not, before `timeoutMs` have passed on `clock`. */
export async function endsWithin(
  clock: Clock,
  timeoutMs: number,
  work: Promise<unknown>,
): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(timeoutMs, () => resolve(false))
    const ended = (): void => {
      cancel()
      resolve(true)
    }
    work.then(ended, ended)
  })
}
