import type { Clock } from '../lib/clock.ts'
import { BUSY_MS } from './limits.ts'

/**
 * Whether `answer` comes true within `limitMs`. A limit that ends late is given as much time again:
 * this process was busy, and answers that have come are still to be read. Rejects as the answer
 * does.
 */
export async function within(
  clock: Clock,
  limitMs: number,
  answer: Promise<boolean>,
): Promise<boolean> {
  const { promise: isOver, resolve } = Promise.withResolvers<false>()
  const dueMs = clock.monotonicMs() + limitMs
  let cancel = clock.after(limitMs, () => {
    const lateMs = clock.monotonicMs() - dueMs
    if (lateMs < BUSY_MS) resolve(false)
    else cancel = clock.after(lateMs, () => resolve(false))
  })
  const isTrue = await Promise.race([answer, isOver])
  cancel()
  return isTrue
}
