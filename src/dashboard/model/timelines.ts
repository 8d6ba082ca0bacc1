/** The story of one item as all peers tell it, in one order: who told whom, when, and what became of it where. */
import type { Devnet, Peer } from '../../devnet/devnet.ts'
import { isRecord } from '../../rpc/client/rpcClient.ts'
import { DASHBOARD_LIMITS } from './limits.ts'
import { within } from './patience.ts'
import type { Happening, MergedTimeline } from './terms.ts'

/** A peer's answer to `gossip_timeline`; `null` where it does not know the item. */
export interface PeerStory {
  readonly peer: number
  readonly timeline: unknown
}

export interface MergeOptions {
  /** How a peer id or the name of a road is written. */
  readonly nameOf: (from: string) => string
  /** Calendar time at monotonic zero, ms. */
  readonly originMs: number
  readonly maxHappenings: number
}

/** Asks every running peer; one that does not answer in time is left out. `undefined` if none knows the item. */
export async function askTimelines(
  devnet: Devnet,
  hash: string,
  options: MergeOptions,
): Promise<MergedTimeline | undefined> {
  const running = devnet.peers.filter(({ process }) => process.isRunning())
  const answers = await Promise.all(running.map((peer) => storyOf(devnet, peer, hash)))
  return mergeTimelines(
    hash,
    answers.filter((story) => story !== undefined),
    options,
  )
}

function storyOf(devnet: Devnet, peer: Peer, hash: string): Promise<PeerStory | undefined> {
  const asked = peer.rpc
    .call('gossip_timeline', [hash])
    .then((timeline): PeerStory | undefined => ({ peer: peer.process.info.index, timeline }))
  return within(devnet.options.clock, DASHBOARD_LIMITS.patienceMs, asked, undefined)
}

/** Merges by time, counted from the first sighting. `undefined` if no story has one. */
export function mergeTimelines(
  hash: string,
  stories: readonly PeerStory[],
  { nameOf, originMs, maxHappenings }: MergeOptions,
): MergedTimeline | undefined {
  const known = stories.flatMap(({ peer, timeline }) => {
    const first = isRecord(timeline) ? timeline['firstSeen'] : undefined
    if (!isRecord(timeline) || !isRecord(first)) return []
    return [{ peer, timeline, first, receivedMs: Number(first['receivedMs']) }]
  })
  const [some] = known
  if (some === undefined) return undefined
  const enteredMs = Math.min(...known.map(({ receivedMs }) => receivedMs))
  const happenings = known
    .flatMap(({ peer, timeline, first, receivedMs }) =>
      happeningsOf(timeline, first, receivedMs, nameOf).map((one) => ({ ...one, peer })),
    )
    .map((one) => ({ ...one, atMs: Math.round((one.atMs - enteredMs) * 1000) / 1000 }))
    .toSorted((a, b) => a.atMs - b.atMs)
  return {
    hash,
    kind: some.timeline['kind'] === 'block' ? 'block' : 'tx',
    atMs: Math.round(originMs + enteredMs),
    knownTo: known.map(({ peer }) => peer),
    answered: stories.length,
    happenings: happenings.slice(0, maxHappenings),
    left: Math.max(0, happenings.length - maxHappenings),
  }
}

type Untold = Omit<Happening, 'peer'>

function happeningsOf(
  timeline: Record<string, unknown>,
  first: Record<string, unknown>,
  receivedMs: number,
  nameOf: (from: string) => string,
): Untold[] {
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

function verdictOf(timeline: Record<string, unknown>, receivedMs: number): Untold[] {
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
