/**
 * What the network says of its own propagation, as the metrics of a node show it: by the last
 * answers that it took part in.
 */
import type { Aggregation } from '../aggregate/aggregation.ts'
import type { AggregateFunction } from '../aggregate/gauges.ts'
import { FOLLOWED_KINDS } from '../item/itemKinds.ts'

/** An answer says nothing of now after this time, ms: it is about the minute before it. */
const MAX_AGE_MS = 120_000

const LATENCIES = ['p50', 'p90', 'p99'] as const satisfies readonly AggregateFunction[]

type Answers = Pick<Aggregation, 'ask' | 'last'>

/**
 * Latencies by kind of item and quantile; NaN where nobody has asked for them in the last minutes.
 */
export function latencyReading(aggregation: Answers): Readonly<Record<string, number>> {
  const readings = FOLLOWED_KINDS.flatMap((kind) =>
    LATENCIES.map((what) => [`${kind},${what}`, known(aggregation, what, `${kind}.latency`)]),
  )
  return Object.fromEntries(readings) as Record<string, number>
}

/** Coverage by kind of item; NaN where nobody has asked for it in the last minutes. */
export function coverageReading(aggregation: Answers): Readonly<Record<string, number>> {
  const readings = FOLLOWED_KINDS.map((kind) => [
    kind,
    known(aggregation, 'mean', `${kind}.coverage`),
  ])
  return Object.fromEntries(readings) as Record<string, number>
}

/**
 * Asks the network for all of it; every node that takes part then has the answers. Never rejects.
 */
export async function askForFigures(aggregation: Answers): Promise<void> {
  for (const kind of FOLLOWED_KINDS)
    for (const gauge of [`${kind}.latency`, `${kind}.coverage`])
      // A question that gets no answer is asked again at its next time.
      await aggregation.ask({ what: 'mean', gauge }).catch(() => {})
}

function known(aggregation: Answers, what: AggregateFunction, gauge: string): number {
  const answer = aggregation.last({ what, gauge })
  return answer === undefined || answer.ageMs > MAX_AGE_MS
    ? Number.NaN
    : (answer.value ?? Number.NaN)
}
