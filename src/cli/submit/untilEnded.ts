/** Sends the load of `grapevine submit`, until all is answered or somebody wants it to end. */
import { runWorkload, type PlannedTx, type SubmittedTx } from '../../instrument/workload.ts'
import { systemClock } from '../../lib/clock.ts'
import { endsWithin } from '../../lib/deadline.ts'
import { untilStopRequested } from '../terminal/lifetime.ts'

/** After a wish to end, so long for the answers that are under way. */
const LAST_ANSWERS_MS = 5_000

/**
 * What became of each transaction at submission; after a wish to end, of those that were answered
 * by then or soon after. `onAnswer` hears of each.
 */
export async function submitUntilEnded(
  plan: readonly PlannedTx[],
  onAnswer: (submission: SubmittedTx) => void,
): Promise<readonly SubmittedTx[]> {
  const abort = new AbortController()
  const ended = untilStopRequested().then(() => abort.abort())
  const answered: SubmittedTx[] = []
  const note = (submission: SubmittedTx): void => {
    answered.push(submission)
    onAnswer(submission)
  }
  const load = runWorkload(plan, systemClock, note, abort.signal)
  const cut = ended.then(async () => {
    await endsWithin(systemClock, LAST_ANSWERS_MS, load)
    return answered
  })
  return Promise.race([load, cut])
}
