/**
 * The timelines of one item at all peers, merged into one: who sent it to whom, when, and what
 * became of it where.
 */
import { minOf } from '../../lib/extremes.ts'
import type { Hash } from '../../crypto/keccak.ts'
import type { NetworkPort, PeerPort } from '../../instrument/port.ts'
import type { ItemKind } from '../../item/itemKinds.ts'
import type { Timeline, TimelineFate } from '../../trace/timelines.ts'
import { DASHBOARD_LIMITS } from './limits.ts'
import { withinTime } from './patience.ts'
import type { PeerCopy } from './items.ts'
import type { MergedTimeline, TimelineEvent } from './terms.ts'

/** What a peer says of an item; `undefined` where it does not know it. */
export interface PeerTimeline {
  readonly peer: number
  readonly timeline: Timeline | undefined
}

/** How timelines are merged. */
export interface MergeOptions {
  /** How a peer id or the name of a local source is written. */
  readonly nameOf: (from: string) => string
  /** Calendar time at monotonic zero, ms. */
  readonly originMs: number
  readonly maxEvents: number
}

/**
 * Asks every running peer for its timeline of the item. A peer that does not answer in time is left
 * out.
 */
export async function askTimelines(network: NetworkPort, hash: Hash): Promise<PeerTimeline[]> {
  const running = network.peers.filter((peer) => peer.isRunning())
  const answers = await Promise.all(running.map((peer) => timelineOf(network, peer, hash)))
  return answers.filter((one) => one !== undefined)
}

function timelineOf(
  { clock }: NetworkPort,
  peer: PeerPort,
  hash: Hash,
): Promise<PeerTimeline | undefined> {
  const asked = peer
    .timeline(hash)
    .then((timeline): PeerTimeline | undefined => ({ peer: peer.index, timeline }))
  return withinTime(clock, DASHBOARD_LIMITS.patienceMs, asked, undefined)
}

/** The first copies that were accepted, one for each peer that has one. */
export function acceptedCopies(
  hash: string,
  timelines: readonly PeerTimeline[],
  indexOf: (peerId: string) => number | undefined,
): PeerCopy[] {
  return knownIn(timelines)
    .filter(({ timeline }) => timeline.verdict === 'accept')
    .map(({ peer, kind, timeline, first, receivedMs }) => ({
      kind,
      hash,
      peer,
      from: indexOf(first.from),
      receivedMs,
      judgedMs: receivedMs + (timeline.validationMs ?? 0),
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
  const enteredMs = minOf(known.map(({ receivedMs }) => receivedMs))
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
  readonly timeline: Timeline
  readonly first: NonNullable<Timeline['firstSeen']>
  readonly receivedMs: number
}

/** Those of the peers that remember a first copy. */
function knownIn(timelines: readonly PeerTimeline[]): KnownTimeline[] {
  return timelines.flatMap(({ peer, timeline }) => {
    if (timeline?.firstSeen === undefined) return []
    const { kind, firstSeen: first } = timeline
    return [{ peer, kind, timeline, first, receivedMs: first.receivedMs }]
  })
}

/** An event, before it is said at which peer. */
type OneEvent = Omit<TimelineEvent, 'peer'>

function eventsOf(
  timeline: Timeline,
  first: KnownTimeline['first'],
  receivedMs: number,
  nameOf: (from: string) => string,
): OneEvent[] {
  return [
    { atMs: receivedMs, kind: 'first', text: `first copy from ${nameOf(first.from)}` },
    ...verdictOf(timeline, receivedMs),
    ...timeline.duplicates.map(({ from, delayMs }) => ({
      atMs: receivedMs + delayMs,
      kind: 'duplicate' as const,
      text: `duplicate from ${nameOf(from)}`,
    })),
    ...timeline.forwardedTo.map(({ to, atMs }) => ({
      atMs,
      kind: 'forwarded' as const,
      text: `forwarded to ${nameOf(to)}`,
    })),
    ...timeline.fates.map((fate) => ({
      atMs: fate.atMs,
      kind: 'fate' as const,
      text: fateText(fate),
    })),
  ]
}

function verdictOf(timeline: Timeline, receivedMs: number): OneEvent[] {
  const { verdict, reason = '', queueMs = 0, validationMs = 0 } = timeline
  if (verdict === undefined) return []
  const why = reason === '' ? '' : ` (${reason})`
  const text = `${verdict}${why} after ${validationMs.toFixed(2)} ms, ${queueMs.toFixed(2)} ms of it in the queue`
  return [{ atMs: receivedMs + validationMs, kind: 'verdict', text }]
}

function fateText({ kind, reason, by, number }: TimelineFate): string {
  if (by !== undefined) return `${kind} by ${by}`
  if (number !== undefined) return `${kind} in block ${number}`
  return reason === undefined ? kind : `${kind} (${reason})`
}
