/** `grapevine submit`: hands transactions to running peers and says what happened to each. */
import { Command } from 'commander'
import { Inclusion } from '../../instrument/inclusion.ts'
import type { PeerPort } from '../../instrument/port.ts'
import { rpcPeer } from '../../instrument/rpc/rpcPeer.ts'
import { rpcClient } from '../../rpc/client/rpcClient.ts'
import { runWorkload, type PlannedTx, type SubmittedTx } from '../../instrument/workload.ts'
import { systemClock } from '../../lib/clock.ts'
import { endsWithin } from '../../lib/deadline.ts'
import { summarise } from '../../measure/percentile.ts'
import { MAX_DATA_BYTES } from '../../scenario/workloadSchema.ts'
import { messageOf } from '../../lib/assert.ts'
import type { Hex } from '../../lib/bytes.ts'
import { rpcUrls } from '../options/rpcUrls.ts'
import { refuseFlags } from '../options/applies.ts'
import { pathName, positiveNumber, wholeNumber } from '../options/options.ts'
import { leaveUnfinished, unfinishedCode, untilStopRequested } from '../terminal/lifetime.ts'
import { bar, clearProgress, showProgress, writeJson, writeText } from '../terminal/output.ts'
import { whyStuck } from './stuck.ts'
import { planRaw, planSigned, rawTransactions, type LoadFlags } from './submitInput.ts'
import { UserError } from '../../lib/userError.ts'
import { EXIT_CODES } from '../exitCodes.ts'

interface SubmitFlags extends LoadFlags {
  readonly rpc: readonly string[]
  readonly file?: string
  /** Seconds, or `true` for the usual time. */
  readonly wait?: number | true
  readonly json?: boolean
}

/**
 * What became of a transaction in the end: `block` is there if it was waited for, and null if it
 * came into none.
 */
type Outcome = SubmittedTx & {
  readonly block?: number | null
  /** What keeps it out of a block. */
  readonly blockedBy?: string
}

const MAX_SENDERS = 1_000
const DEFAULT_WAIT_S = 60
const POLL_MS = 250
/** For so many it is asked why they are in no block: the reasons of the rest are the same few. */
const MAX_EXPLAINED = 20

/** The command `submit`. */
export function submitCommand(): Command {
  return new Command('submit')
    .description(
      'submit raw transactions, or transactions signed by the devnet accounts, to one or more peers, and report what happened to each',
    )
    .argument('[raw...]', 'signed transactions as 0x-prefixed hex')
    .requiredOption(
      '--rpc <urls>',
      'JSON-RPC URLs of peers, separated by commas or given several times; senders take them in turn',
      rpcUrls,
    )
    .option(
      '--file <file>',
      'file with one raw transaction in hex per line; - is standard input',
      pathName,
    )
    .option('--count <count>', 'sign and submit this many transfers', wholeNumber(1, 1_000_000))
    .option('--rate <per-second>', 'transactions per second', positiveNumber(100_000), 100)
    .option(
      '--senders <count>',
      'devnet accounts that sign (ten are funded by the built-in genesis)',
      wholeNumber(1, MAX_SENDERS),
      10,
    )
    .option(
      '--size <bytes>',
      'calldata of each signed transaction',
      wholeNumber(0, MAX_DATA_BYTES),
      0,
    )
    .option(
      '--wait [seconds]',
      `wait until all accepted transactions are in blocks, at most this long (${DEFAULT_WAIT_S} s if no number is given)`,
      positiveNumber(86_400),
    )
    .option('--json', 'write one JSON line per transaction')
    .action(runSubmit)
}

async function runSubmit(
  given: readonly string[],
  flags: SubmitFlags,
  command: Command,
): Promise<void> {
  if (flags.count === undefined)
    refuseFlags(command, ['senders', 'size'], 'needs --count; raw transactions are signed already')
  const raw = rawTransactions(given, flags.file)
  if (raw.length === 0 && flags.count === undefined)
    throw new UserError('nothing to submit: give raw transactions, --file or --count')
  if (raw.length > 0 && flags.count !== undefined)
    throw new UserError('--count: signs transactions of its own; leave it out, or the raw ones')
  const targets = flags.rpc.map((url, index) => rpcPeer(rpcClient(url), { index, peerId: url }))
  const plan = await planOf(raw, targets, flags)
  const outcomes = await submitAll(plan, targets, flags)
  clearProgress()
  if (!flags.json)
    writeText(`${[...outcomes.map(lineOf), ...summaryOf(outcomes, flags)].join('\n')}\n`)
  const undone = unfinishedCode() === undefined ? undefined : undoneOf(outcomes, plan.length)
  if (undone !== undefined) leaveUnfinished(undone)
  else if (outcomes.some(({ status, block }) => status !== 'accepted' || block === null))
    process.exitCode = EXIT_CODES.failure.code
}

/** Rejects where a peer does not answer, before anything is sent. */
async function planOf(
  raw: readonly Hex[],
  targets: readonly PeerPort[],
  flags: SubmitFlags,
): Promise<readonly PlannedTx[]> {
  if (flags.count !== undefined) return planSigned(flags, targets)
  await Promise.all(targets.map((target) => target.chainId()))
  return planRaw(raw, targets, flags.rate)
}

/** What a wish to end kept from being done, as a line for people; `undefined` if nothing. */
function undoneOf(outcomes: readonly Outcome[], planned: number): string | undefined {
  const answered = outcomes.filter(({ status }) => status !== 'unanswered').length
  if (answered < planned)
    return `interrupted: ${answered} of ${planned} transactions were sent and answered`
  const waiting = outcomes.filter(({ block }) => block === null).length
  return waiting === 0 ? undefined : `interrupted: ${waiting} transactions were in no block yet`
}

/** Submits, waits if asked to, and writes JSON lines as soon as an outcome is final. */
async function submitAll(
  plan: readonly PlannedTx[],
  targets: readonly PeerPort[],
  { wait, json }: SubmitFlags,
): Promise<readonly Outcome[]> {
  const inclusion = wait === undefined ? undefined : await watched(targets)
  const firstHead = inclusion?.head ?? 0
  let done = 0
  const note = (submission: SubmittedTx): void => {
    done += 1
    if (json && inclusion === undefined) writeJson(submission)
    if (!json) showProgress(`submitting ${bar(done, plan.length)} ${done}/${plan.length}`)
  }
  const ended = new AbortController()
  void untilStopRequested().then(() => ended.abort())
  const submissions = await runWorkload(plan, systemClock, note, ended.signal)
  if (inclusion === undefined || wait === undefined) return submissions
  await untilIncluded(inclusion, submissions, wait === true ? DEFAULT_WAIT_S : wait, json)
  const found = submissions.map((submission) => outcomeOf(submission, inclusion))
  // Of one that was not waited for to the end, nothing has to be wrong.
  const isCut = unfinishedCode() !== undefined
  const outcomes = isCut ? found : await explained(found, inclusion.head > firstHead)
  if (json) for (const outcome of outcomes) writeJson(outcome)
  return outcomes
}

async function watched(targets: readonly PeerPort[]): Promise<Inclusion> {
  const inclusion = new Inclusion({ peers: targets })
  await inclusion.start()
  return inclusion
}

async function untilIncluded(
  inclusion: Inclusion,
  submissions: readonly SubmittedTx[],
  waitS: number,
  json: boolean | undefined,
): Promise<void> {
  const accepted = submissions.filter(({ status }) => status === 'accepted')
  const deadlineMs = systemClock.monotonicMs() + waitS * 1000
  const ended = untilStopRequested()
  /** A peer that does not answer for a moment must not take the outcomes with it. */
  const update = (): Promise<void> => inclusion.update().catch(() => {})
  await update()
  const isOver = (): boolean =>
    unfinishedCode() !== undefined || systemClock.monotonicMs() >= deadlineMs
  while (!inclusion.holdsAll(accepted) && !isOver()) {
    const count = accepted.filter(({ hash }) => inclusion.has(hash)).length
    if (!json)
      showProgress(
        `waiting ${bar(count, accepted.length)} ${count}/${accepted.length} in blocks, head ${inclusion.head}`,
      )
    await endsWithin(systemClock, POLL_MS, ended)
    await Promise.race([update(), ended])
  }
}

function outcomeOf(submission: SubmittedTx, inclusion: Inclusion): Outcome {
  if (submission.status !== 'accepted') return submission
  return { ...submission, block: inclusion.blockOf(submission.hash) ?? null }
}

/**
 * The first of those in no block, with what keeps them out as the peer that accepted them tells it.
 */
async function explained(
  outcomes: readonly Outcome[],
  sawBlock: boolean,
): Promise<readonly Outcome[]> {
  const stuck = outcomes.filter(({ block }) => block === null).slice(0, MAX_EXPLAINED)
  const reasons = new Map<Outcome, string>()
  for (const outcome of stuck) {
    const peer = rpcClient(outcome.url)
    reasons.set(outcome, await whyStuck(peer, outcome.hash, sawBlock).catch(messageOf))
  }
  return outcomes.map((outcome) => {
    const blockedBy = reasons.get(outcome)
    return blockedBy === undefined ? outcome : { ...outcome, blockedBy }
  })
}

function lineOf({ hash, status, reason, block, blockedBy }: Outcome): string {
  const why = blockedBy === undefined ? '' : `: ${blockedBy}`
  const where =
    block === undefined ? '' : block === null ? `, in no block${why}` : `, in block ${block}`
  return `${hash} ${status}${reason === '' ? '' : `: ${reason}`}${where}`
}

function summaryOf(outcomes: readonly Outcome[], { rate, wait }: SubmitFlags): string[] {
  const accepted = outcomes.filter(({ status }) => status === 'accepted').length
  const included = outcomes.filter(({ block }) => typeof block === 'number').length
  const late = summarise(outcomes.map(({ lateMs }) => lateMs))
  return [
    `${accepted} of ${outcomes.length} accepted${wait === undefined ? '' : `, ${included} in blocks`}`,
    ...(outcomes.length > 1
      ? [
          `asked for ${rate}/s: half went out ${shown(late.p50)} ms late at most, 99 % ${shown(late.p99)}`,
        ]
      : []),
  ]
}

function shown(ms: number | null): string {
  return ms === null ? '-' : ms.toFixed(1)
}
