import type { Clock } from '../lib/clock.ts'
import { endsWithin } from '../lib/deadline.ts'

/** A peer that is stopped answers nobody: its answer is waited for so long, ms. */
export const ANSWER_PATIENCE_MS = 30_000

/**
 * Runs something again and again without waiting long for it: a peer that is stopped answers
 * nobody, and must not hold up what watches the others. While one run is still under way no other
 * is started.
 */
export function patiently(
  clock: Clock,
  patienceMs: number,
  task: () => Promise<unknown>,
): () => Promise<void> {
  let running: Promise<unknown> | undefined
  return async () => {
    running ??= task()
      .catch(() => {})
      .finally(() => {
        running = undefined
      })
    await endsWithin(clock, patienceMs, running)
  }
}
