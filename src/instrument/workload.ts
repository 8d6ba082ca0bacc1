/** A load of signed transactions, sent open loop when they are due, every answer kept. */
import { messageOf } from '../lib/assert.ts'
import type { Hex } from '../lib/bytes.ts'
import { sleep, type Clock } from '../lib/clock.ts'
import { endsWithin } from '../lib/deadline.ts'
import { roundMs } from '../measure/percentile.ts'
import { ANSWER_PATIENCE_MS } from './patience.ts'
import type { PeerPort, SubmitAnswer } from './port.ts'

/** Where transactions are handed in. */
export type TxTarget = Pick<PeerPort, 'name' | 'submit'>

/** A signed transaction, where it goes and when. */
export interface PlannedTx {
  readonly hash: Hex
  readonly raw: Hex
  readonly target: TxTarget
  /**
   * Transactions of one sender stand in the order of their nonces; without a sender, one is on its
   * own.
   */
  readonly sender?: number
  /** When it should be sent, ms after the start. */
  readonly dueMs: number
}

/** What happened to one transaction at submission. */
export interface SubmittedTx {
  readonly hash: Hex
  /** The name of the target. */
  readonly url: string
  readonly status: 'accepted' | 'refused' | 'unanswered'
  /** The stable word of a refusal, or the message where there is no word. */
  readonly reason: string
  /**
   * How late it was sent against the plan, ms, 0 if early; where it was sent again, the last time.
   */
  readonly lateMs: number
}

/** Called when the fate of a transaction at submission is final. */
export type OnSubmission = (submission: SubmittedTx, planned: PlannedTx) => void

/**
 * Transactions of one sender that are sent at most, from its oldest unanswered one on: a node
 * forwards what is at most 16 nonces ahead (`forwardedGap` of the pool), and requests overtake one
 * another.
 */
export const MAX_AHEAD = 16
/** Words of refusals that say that an earlier transaction of the sender is not there (yet). */
const GAP_REASONS: ReadonlySet<string> = new Set(['nonce-gap', 'nonce-gap-too-far'])
/**
 * A transaction that came before its predecessor was known is sent again, twice as long after each
 * time.
 */
const GAP_TRIES = 8
const FIRST_GAP_WAIT_MS = 100
/** Once the load has been ended, answers are waited for so long. */
const LAST_ANSWERS_MS = 2_000

/**
 * Sends each transaction when it is due, whatever became of those of other senders. `onSubmission`
 * hears of every answer. Aborting leaves out those that have not been sent, and soon gives up the
 * answers to the others.
 */
export async function runWorkload(
  plan: readonly PlannedTx[],
  clock: Clock,
  onSubmission: OnSubmission = () => {},
  signal?: AbortSignal,
): Promise<SubmittedTx[]> {
  const startMs = clock.monotonicMs()
  const lines = new Map<number, SenderLine>()
  const givenUp = afterEnd(clock, signal)
  const answers: Promise<SubmittedTx | undefined>[] = []
  for (const planned of plan) {
    const waitMs = startMs + planned.dueMs - clock.monotonicMs()
    if (waitMs > 0) await sleep(clock, waitMs, signal)
    if (signal?.aborted) break
    const line = lineOf(lines, planned.sender, { clock, startMs, signal, givenUp })
    const answer = line.send(planned).then((submission) => {
      if (submission !== undefined) onSubmission(submission, planned)
      return submission
    })
    answers.push(answer)
  }
  return (await Promise.all(answers)).filter((one) => one !== undefined)
}

interface LineOptions {
  readonly clock: Clock
  readonly startMs: number
  readonly signal: AbortSignal | undefined
  /** Resolves when no answer is waited for any more. */
  readonly givenUp: Promise<undefined>
}

/** Resolves some time after the load has been ended; never without that. */
function afterEnd(clock: Clock, signal: AbortSignal | undefined): Promise<undefined> {
  return new Promise((resolve) => {
    const end = (): void => void clock.after(LAST_ANSWERS_MS, () => resolve(undefined))
    signal?.addEventListener('abort', end, { once: true })
  })
}

/** The transactions of one sender. */
class SenderLine {
  readonly #options: LineOptions
  /**
   * Of the last ones: whether it and all before it were accepted, which is known when all of them
   * are answered.
   */
  #settled: readonly Promise<boolean>[] = []

  constructor(options: LineOptions) {
    this.#options = options
  }

  /** Sends one when its turn has come; `undefined` if the load was ended before. */
  send(planned: PlannedTx): Promise<SubmittedTx | undefined> {
    const before = this.#settled.at(-1) ?? Promise.resolve(true)
    const turn = this.#settled.at(-MAX_AHEAD) ?? Promise.resolve(true)
    const answer = turn.then(() => this.#untilAnswered(planned, before))
    this.#settled = [...this.#settled, settledAfter(before, answer)].slice(-MAX_AHEAD)
    return answer
  }

  /**
   * One that came too early waits until all before it are answered, and is sent again while those
   * were accepted.
   */
  async #untilAnswered(
    planned: PlannedTx,
    before: Promise<boolean>,
  ): Promise<SubmittedTx | undefined> {
    const { clock, signal } = this.#options
    let submission: SubmittedTx | undefined
    for (let tries = 1, waitMs = FIRST_GAP_WAIT_MS; ; tries++, waitMs *= 2) {
      if (signal?.aborted) return submission
      submission = await this.#submit(planned)
      if (!GAP_REASONS.has(submission.reason) || tries === GAP_TRIES) return submission
      if (!(await before)) return submission
      if (tries > 1) await sleep(clock, waitMs, signal)
    }
  }

  async #submit(planned: PlannedTx): Promise<SubmittedTx> {
    const { clock, startMs } = this.#options
    const { hash, target } = planned
    const lateMs = roundMs(Math.max(0, clock.monotonicMs() - startMs - planned.dueMs))
    const base = { hash, url: target.name, lateMs }
    try {
      return { ...base, ...statusOf(await this.#answer(planned)) }
    } catch (error) {
      return { ...base, status: 'unanswered', reason: messageOf(error) }
    }
  }

  /** Throws where none comes in time. */
  async #answer({ target, raw }: PlannedTx): Promise<SubmitAnswer> {
    const { clock, givenUp } = this.#options
    const answering = Promise.race([target.submit(raw), givenUp])
    if (!(await endsWithin(clock, ANSWER_PATIENCE_MS, answering)))
      throw new Error(`no answer within ${ANSWER_PATIENCE_MS / 1000} s`)
    const answer = await answering
    if (answer === undefined) throw new Error('no answer before the run was ended')
    return answer
  }
}

function statusOf(answer: SubmitAnswer): Pick<SubmittedTx, 'status' | 'reason'> {
  return answer.isAccepted
    ? { status: 'accepted', reason: '' }
    : { status: 'refused', reason: answer.reason }
}

async function settledAfter(
  before: Promise<boolean>,
  answer: Promise<SubmittedTx | undefined>,
): Promise<boolean> {
  const [wereAccepted, submission] = await Promise.all([before, answer])
  return wereAccepted && submission?.status === 'accepted'
}

function lineOf(
  lines: Map<number, SenderLine>,
  sender: number | undefined,
  options: LineOptions,
): SenderLine {
  const known = sender === undefined ? undefined : lines.get(sender)
  if (known !== undefined) return known
  const line = new SenderLine(options)
  if (sender !== undefined) lines.set(sender, line)
  return line
}
