import type { HeadChange } from '../chain/importOutcome.ts'
import type { Clock } from '../lib/clock.ts'
import type { Emitter, Unsubscribe } from '../lib/emitter.ts'
import type { PoolEvent } from '../mempool/events.ts'
import type { Fate, Trace } from '../trace/trace.ts'

/** What tells how the life of an item goes on, and the trace that records it. */
export interface LifeSources {
  readonly pool: Emitter<PoolEvent>
  readonly heads: Emitter<HeadChange>
  readonly trace: Trace
  readonly clock: Clock
}

/** Records what becomes of items after their verdict: in the pool, and in the chain. */
export function traceLives({ pool, heads, trace, clock }: LifeSources): Unsubscribe {
  const unsubscribes = [
    pool.on((event) => {
      const fate = fateOf(event)
      if (fate !== undefined) trace.fate('tx', event.pooled.tx.hash, fate, clock.monotonicMs())
    }),
    heads.on((change) => traceHead(change, trace, clock.monotonicMs())),
  ]
  return () => {
    for (const unsubscribe of unsubscribes) unsubscribe()
  }
}

/** Inclusion is told by the chain, which knows of transactions that never were in the pool. */
function fateOf(event: PoolEvent): Fate | undefined {
  switch (event.kind) {
    case 'included':
      return undefined
    case 'released':
      return { kind: 'queued' }
    case 'replaced':
      return { kind: event.kind, by: event.by }
    case 'evicted':
    case 'dropped':
      return { kind: event.kind, reason: event.reason }
    case 'pending':
    case 'queued':
    case 'parked':
    case 'promoted':
    case 'demoted':
    case 'expired':
    case 'returned':
      return { kind: event.kind }
    default:
      return event satisfies never
  }
}

function traceHead({ head, added, dropped }: HeadChange, trace: Trace, nowMs: number): void {
  for (const block of dropped) trace.fate('block', block.hash, { kind: 'left-chain' }, nowMs)
  for (const { hash, header, transactions } of added) {
    const included: Fate = { kind: 'included', block: hash, number: header.number }
    for (const tx of transactions) trace.fate('tx', tx.hash, included, nowMs)
  }
  trace.fate('block', head.hash, { kind: 'became-head' }, nowMs)
}
