/**
 * What is true of the questions of a run, by what the instrument itself knows, and how far the
 * answers were off.
 */
import { maxOf, minOf } from '../lib/extremes.ts'
import { latencyMs, type Spread } from '../measure/delivery.ts'
import { percentile, roundMs } from '../measure/percentile.ts'
import type { QuestionRecord } from '../measure/report.ts'
import { spreadNeededBy } from '../node/gauges.ts'
import { ORIGIN_WINDOW_MS, SETTLING_MS } from '../search/limits.ts'
import type { FollowedKind } from '../item/itemKinds.ts'
import type { AskedQuestion } from './questions.ts'

/** What the truth is taken from. */
export interface KnownTruth {
  readonly startMs: number
  /** Every item that was seen to enter, those of the warm-up included. */
  readonly spreads: Readonly<Record<FollowedKind, readonly Spread[]>>
  readonly indexOf: (peerId: string) => number | undefined
}

/** The questions as a report has them. */
export function questionRecords(
  asked: readonly AskedQuestion[],
  known: KnownTruth,
): QuestionRecord[] {
  return asked.map((one) => recordOf(one, known))
}

function recordOf(one: AskedQuestion, known: KnownTruth): QuestionRecord {
  const { question, words, askedMs, answeredMs, answer, failure } = one
  const { values, peer: truePeer = null } = truthOf(one, known)
  const value = answer?.value ?? null
  return {
    atMs: roundMs(askedMs - known.startMs),
    node: question.node,
    kind: question.kind,
    words,
    value,
    unit: answer?.unit ?? '',
    peer: known.indexOf(answer?.peerId ?? '') ?? null,
    rounds: answer?.rounds ?? null,
    tookMs: roundMs(answeredMs - askedMs),
    trueValues: [...values],
    truePeer,
    error: value === null ? null : errorOf(value, values),
    within: question.within ?? null,
    failure: failure ?? null,
  }
}

interface Truth {
  readonly values: readonly number[]
  readonly peer?: number
}

function truthOf({ subject, readings, askedMs }: AskedQuestion, known: KnownTruth): Truth {
  if (subject === undefined) return { values: [] }
  if ('hash' in subject) return truthOfItem(subject.hash, known)
  const kind = spreadNeededBy(subject.gauge)
  const lists =
    kind === undefined ? readings : spreadLists(subject.gauge, known.spreads[kind], askedMs)
  return { values: lists.flatMap((list) => figureOf(subject.what, list) ?? []) }
}

function truthOfItem(hash: string, { spreads }: KnownTruth): Truth {
  const spread = [...spreads.tx, ...spreads.block].find((one) => one.hash === hash)
  return spread === undefined
    ? { values: [] }
    : { values: [1 + spread.first.size], peer: spread.origin }
}

/**
 * What nodes observe of the items of the minute before; nothing of the errors of clocks, which only
 * nodes know.
 */
function spreadLists(gauge: string, spreads: readonly Spread[], askedMs: number): number[][] {
  const recent = spreads.filter(
    ({ originMs }) => originMs >= askedMs - ORIGIN_WINDOW_MS && originMs <= askedMs - SETTLING_MS,
  )
  if (gauge.endsWith('.latency'))
    return [recent.flatMap((one) => [...one.first.values()].map((copy) => latencyMs(one, copy)))]
  if (gauge.endsWith('.coverage'))
    return [
      recent.flatMap(({ first, missed }) => [...[...first].map(() => 1), ...missed.map(() => 0)]),
    ]
  return []
}

/** The exact value, which no node of the network knows. */
function figureOf(what: string, values: readonly number[]): number | undefined {
  const ascending = values.toSorted((a, b) => a - b)
  const sum = ascending.reduce((all, value) => all + value, 0)
  if (what === 'count') return ascending.length
  if (what === 'sum') return sum
  if (ascending.length === 0) return undefined
  if (what === 'mean') return sum / ascending.length
  if (what === 'min') return ascending[0]
  if (what === 'max') return ascending.at(-1)
  return percentile(ascending, Number(what.slice(1)))
}

/**
 * How far outside of the true values it lies, as a share of the nearer one; of 1 where that is 0.
 */
function errorOf(value: number, truths: readonly number[]): number | null {
  if (truths.length === 0) return null
  const [low, high] = [minOf(truths), maxOf(truths)]
  if (value >= low && value <= high) return 0
  const nearer = value < low ? low : high
  return Math.abs(value - nearer) / (Math.abs(nearer) || 1)
}
