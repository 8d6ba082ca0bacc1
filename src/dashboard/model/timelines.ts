/** The timelines of one item at all peers, merged into one: who sent it to whom, when, and what became of it where. */
import { isItemKind, type ItemKind } from '../../item/itemKinds.ts'
import type { Devnet } from '../../devnet/devnet.ts'
import type { Peer } from '../../devnet/devnetPeer.ts'
import { isRecord } from '../../rpc/client/rpcClient.ts'
import { DASHBOARD_LIMITS } from './limits.ts'
import { within } from './patience.ts'
import type { Copy } from './items.ts'
import type { MergedTimeline, TimelineEvent } from './terms.ts'

/** A peer's answer to `gossip_timeline`; `null` where it does not know the item. */
export interface PeerTimeline {
  readonly peer: number
  readonly timeline: unknown
}

/** How timelines are merged. */
export interface MergeOptions {
  /** How a peer id or the name of a local source is written. */
  readonly nameOf: (from: string) => string
  /** Calendar time at monotonic zero, ms. */
  readonly originMs: number
  readonly maxEvents: number
}

/** Asks every running peer for its timeline of the item. A peer that does not answer in time is left out. */
export async function askTimelines(devnet: Devnet, hash: string): Promise<PeerTimeline[]> {
  const running = devnet.peers.filter(({ process }) => process.isRunning())
  const answers = await Promise.all(running.map((peer) => timelineOf(devnet, peer, hash)))
  return answers.filter((one) => one !== undefined)
}

function timelineOf(devnet: Devnet, peer: Peer, hash: string): Promise<PeerTimeline | undefined> {
  const asked = peer.rpc
    .call('gossip_timeline', [hash])
    .then((timeline): PeerTimeline | undefined => ({ peer: peer.process.info.index, timeline }))
  return within(devnet.options.clock, DASHBOARD_LIMITS.patienceMs, asked, undefined)
}

/** The first copies that were accepted, one for each peer that has one. */
export function acceptedCopies(
  hash: string,
  timelines: readonly PeerTimeline[],
  indexOf: (peerId: string) => number | undefined,
): Copy[] {
  return knownIn(timelines)
    .filter(({ timeline }) => timeline['verdict'] === 'accept')
    .map(({ peer, kind, timeline, first, receivedMs }) => ({
      kind,
      hash,
      peer,
      from: indexOf(String(first['from'])),
      receivedMs,
      judgedMs: receivedMs + Number(timeline['validationMs']),
      action: 'accept',
    }))
}

/** Merges by time, counted from the first sighting. `undefined` if no peer knows the item. */
export function mergeTimelines(
  hash: string,
  timelines: readonly PeerTimeline[],
  { nameOf, originMs, maxEvents }: MergeOptions,
): MergedTimeline | undefined {
  const known = knownIn(timelines)
  const [some] = known
  if (some === undefined) return undefined
  const enteredMs = Math.min(...known.map(({ receivedMs }) => receivedMs))
  const events = known
    .flatMap(({ peer, timeline, first, receivedMs }) =>
      eventsOf(timeline, first, receivedMs, nameOf).map((one) => ({ ...one, peer })),
    )
    .map((one) => ({ ...one, atMs: Math.round((one.atMs - enteredMs) * 1000) / 1000 }))
    .toSorted((a, b) => a.atMs - b.atMs)
  return {
    hash,
    kind: some.kind,
    atMs: Math.round(originMs + enteredMs),
    knownTo: known.map(({ peer }) => peer),
    answered: timelines.length,
    events: events.slice(0, maxEvents),
    omitted: Math.max(0, events.length - maxEvents),
  }
}

interface KnownTimeline {
  readonly peer: number
  readonly kind: ItemKind
  readonly timeline: Record<string, unknown>
  readonly first: Record<string, unknown>
  readonly receivedMs: number
}

/** Those of the peers that remember a first copy. */
function knownIn(timelines: readonly PeerTimeline[]): KnownTimeline[] {
  return timelines.flatMap(({ peer, timeline }) => {
    const first = isRecord(timeline) ? timeline['firstSeen'] : undefined
    const kind = isRecord(timeline) ? timeline['kind'] : undefined
    if (!isRecord(timeline) || !isRecord(first) || !isItemKind(kind)) return []
    return [{ peer, kind, timeline, first, receivedMs: Number(first['receivedMs']) }]
  })
}

/** An event, before it is said at which peer. */
type OneEvent = Omit<TimelineEvent, 'peer'>

function eventsOf(
  timeline: Record<string, unknown>,
  first: Record<string, unknown>,
  receivedMs: number,
  nameOf: (from: string) => string,
): OneEvent[] {
  return [
    { atMs: receivedMs, kind: 'first', text: `first copy from ${nameOf(String(first['from']))}` },
    ...verdictOf(timeline, receivedMs),
    ...recordsOf(timeline['duplicates']).map((copy) => ({
      atMs: receivedMs + Number(copy['delayMs']),
      kind: 'duplicate' as const,
      text: `duplicate from ${nameOf(String(copy['from']))}`,
    })),
    ...recordsOf(timeline['forwardedTo']).map((forward) => ({
      atMs: Number(forward['atMs']),
      kind: 'forwarded' as const,
      text: `forwarded to ${nameOf(String(forward['to']))}`,
    })),
    ...recordsOf(timeline['fates']).map((fate) => ({
      atMs: Number(fate['atMs']),
      kind: 'fate' as const,
      text: fateText(fate),
    })),
  ]
}

function verdictOf(timeline: Record<string, unknown>, receivedMs: number): OneEvent[] {
  const { verdict, reason, queueMs, validationMs } = timeline
  if (typeof verdict !== 'string') return []
  const why = typeof reason === 'string' && reason !== '' ? ` (${reason})` : ''
  const tookMs = Number(validationMs)
  const text = `${verdict}${why} after ${tookMs.toFixed(2)} ms, ${Number(queueMs).toFixed(2)} ms of it in the queue`
  return [{ atMs: receivedMs + tookMs, kind: 'verdict', text }]
}

function fateText(fate: Record<string, unknown>): string {
  const { kind, reason, by, number } = fate
  if (typeof by === 'string') return `${String(kind)} by ${by}`
  if (typeof number === 'number') return `${String(kind)} in block ${number}`
  return typeof reason === 'string' ? `${String(kind)} (${reason})` : String(kind)
}

function recordsOf(list: unknown): Record<string, unknown>[] {
  return Array.isArray(list) ? list.filter(isRecord) : []
}
