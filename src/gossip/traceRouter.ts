import type { Hash } from '../crypto/keccak.ts'
import type { Unsubscribe } from '../lib/emitter.ts'
import type { Fate, Sighting, Trace } from '../trace/trace.ts'
import type { Network, RouterEvent } from './network.ts'
import type { RelayStats } from './relayStats.ts'

/** What tells of copies and transmissions, and the trace that records them. */
export interface RouterTraceSources<Kind extends string> {
  readonly network: Pick<Network, 'onRouter'>
  /** By the name of the topic. */
  readonly kinds: ReadonlyMap<string, Kind>
  /** The item in the message of this digest. */
  readonly hashOf: (kind: Kind, digest: Hash) => Hash
  readonly trace: Trace<Kind>
  readonly stats: RelayStats<Kind>
}

/** Records the copies that the router recognised by itself, and what it sent on. */
export function traceRouter<Kind extends string>({
  network,
  kinds,
  hashOf,
  trace,
  stats,
}: RouterTraceSources<Kind>): Unsubscribe {
  return network.onRouter((event) => {
    const kind = kinds.get(event.topic)
    if (kind === undefined) return
    if (event.kind === 'forwarded')
      trace.fate(kind, hashOf(kind, event.digest), forwarded(event.to), event.atMs)
    if (event.kind !== 'duplicate') return
    const sighting = duplicateOf(kind, hashOf(kind, event.digest), event)
    stats.duplicate(kind, event.bytes)
    trace.sighting(sighting)
  })
}

function forwarded(to: string): Fate {
  return { kind: 'forwarded', to }
}

function duplicateOf<Kind extends string>(
  kind: Kind,
  hash: Hash,
  event: Extract<RouterEvent, { kind: 'duplicate' }>,
): Sighting<Kind> {
  return {
    kind,
    hash,
    from: event.from,
    route: event.isAsked === true ? 'iwant' : 'push',
    receivedMs: event.atMs,
    judgedMs: event.atMs,
    queuedMs: 0,
    action: 'duplicate',
    reason: '',
    bytes: event.bytes,
  }
}
