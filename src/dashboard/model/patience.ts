import type { Clock } from '../../lib/clock.ts'

/**
 * What `promise` comes to, or `fallback` where that takes longer than `timeMs` or fails. Leaves no
 * timer behind.
 */
export async function withinTime<T>(
  clock: Clock,
  timeMs: number,
  promise: Promise<T>,
  fallback: T,
): Promise<T> {
  let cancel = (): void => {}
  const late = new Promise<T>((resolve) => {
    cancel = clock.after(timeMs, () => resolve(fallback))
  })
  try {
    return await Promise.race([promise, late])
  } catch {
    return fallback
  } finally {
    cancel()
  }
}
