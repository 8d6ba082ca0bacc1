import { asHash, type Hash } from '../crypto/keccak.ts'
import type { Unsubscribe } from '../lib/emitter.ts'
import type { Fate, ItemKind, Sighting, Trace } from '../trace/trace.ts'
import type { Network, RouterEvent } from './network.ts'
import type { RelayStats } from './relayStats.ts'

export interface RouterTraceSources {
  readonly network: Pick<Network, 'onRouter'>
  readonly kinds: ReadonlyMap<string, ItemKind>
  /** The block in the message of this digest. */
  readonly blockOf: (digest: Hash) => Hash | undefined
  readonly trace: Trace
  readonly stats: RelayStats
}

/** Records the copies that the router recognised by itself, and what it sent on. */
export function traceRouter(sources: RouterTraceSources): Unsubscribe {
  const { network, kinds, blockOf, trace, stats } = sources
  const hashOf = (kind: ItemKind, bytes: Uint8Array): Hash => {
    const digest = asHash(bytes)
    return kind === 'tx' ? digest : (blockOf(digest) ?? digest)
  }
  return network.onRouter((event) => {
    const kind = kinds.get(event.topic)
    if (kind === undefined) return
    if (event.kind === 'forwarded')
      trace.fate(kind, hashOf(kind, event.digest), forwarded(event.to), event.atMs)
    if (event.kind !== 'duplicate') return
    stats.count(kind, 'duplicate', '')
    trace.sighting(duplicateOf(kind, hashOf(kind, event.digest), event))
  })
}

function forwarded(to: string): Fate {
  return { kind: 'forwarded', to }
}

function duplicateOf(
  kind: ItemKind,
  hash: Hash,
  event: Extract<RouterEvent, { kind: 'duplicate' }>,
): Sighting {
  return {
    kind,
    hash,
    from: event.from,
    receivedMs: event.atMs,
    judgedMs: event.atMs,
    queuedMs: 0,
    action: 'duplicate',
    reason: '',
    bytes: event.bytes,
  }
}
