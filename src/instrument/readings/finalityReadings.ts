/** What the peers of a run made final, put together. */
import { maxOf } from '../../lib/extremes.ts'
import { percentile } from '../../measure/percentile.ts'
import type { Report } from '../../measure/report.ts'
import type { FinalityAnswer, PeerPort } from '../port.ts'

/**
 * Asks all of them; one that does not answer is left out. Null where none has made a block final.
 */
export async function readFinality(peers: readonly PeerPort[]): Promise<Report['finality']> {
  const answers = await Promise.all(peers.map((peer) => peer.finality().catch(() => undefined)))
  return finalityOf(answers.filter((one) => one !== undefined))
}

function finalityOf(answers: readonly FinalityAnswer[]): Report['finality'] {
  const times = answers.flatMap((one) => one.times ?? [])
  if (times.length === 0) return null
  const medians = times.map(({ p50Ms }) => p50Ms).toSorted((a, b) => a - b)
  return {
    finalized: maxOf(answers.map(({ finalized }) => finalized)),
    conflicts: answers.filter(({ hasConflict }) => hasConflict).length,
    evidenceAtNodes: answers.filter(({ evidence }) => evidence > 0).length,
    times: times.reduce((sum, { count }) => sum + count, 0),
    p50Ms: percentile(medians, 50) ?? null,
    p99Ms: maxOf(times.map(({ p99Ms }) => p99Ms)),
  }
}
