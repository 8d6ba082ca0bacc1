/** How one item has spread over a network, put together from what each of its peers remembers. */
import { minOf } from '../lib/extremes.ts'
import type { Hash } from '../crypto/keccak.ts'
import type { PeerPort } from '../instrument/port.ts'
import { sleep, type Clock } from '../lib/clock.ts'
import { UserError } from '../lib/userError.ts'
import type { Timeline } from '../trace/timelines.ts'

/** The story of an item at every peer that knows it. */
export interface NetworkTimeline {
  readonly hash: Hash
  /** In order of arrival. */
  readonly arrivals: readonly PeerArrival[]
  /** Peers that run and do not have it. */
  readonly missing: readonly number[]
}

/** When and from whom a peer got an item. */
export interface PeerArrival {
  readonly peer: number
  /**
   * The peer that sent the first copy; `undefined` where it did not come from a peer of this
   * network.
   */
  readonly from: number | undefined
  /** Since the first peer had it, ms. */
  readonly afterMs: number
  /** Everything that the peer remembers of it; times are monotonic ms of this machine. */
  readonly timeline: Timeline
}

/** Between two questions to a peer: at first, and at most. */
const FIRST_WAIT_MS = 4
const MAX_WAIT_MS = 64

/** Asks all peers that run. */
export async function timelineOf(peers: readonly PeerPort[], hash: Hash): Promise<NetworkTimeline> {
  const running = peers.filter((peer) => peer.isRunning())
  const answers = await Promise.all(
    running.map(async (peer) => ({ peer, timeline: await peer.timeline(hash) })),
  )
  const indexOf = new Map(peers.map(({ peerId, index }) => [peerId, index]))
  const seen = answers.flatMap(({ peer, timeline }) =>
    timeline?.firstSeen === undefined ? [] : [{ peer, timeline, first: timeline.firstSeen }],
  )
  const startMs = minOf(seen.map(({ first }) => first.receivedMs))
  const arrivals = seen
    .map(({ peer, timeline, first }) => ({
      peer: peer.index,
      from: indexOf.get(first.from),
      afterMs: first.receivedMs - startMs,
      timeline,
    }))
    .toSorted((a, b) => a.afterMs - b.afterMs)
  const missing = answers.filter(({ timeline }) => !isThere(timeline)).map(({ peer }) => peer.index)
  return { hash, arrivals, missing }
}

/**
 * Waits until every peer that runs has accepted the item, or has it in a block. Throws a UserError
 * that names the peers that lack it after `timeoutMs`, and what a peer refused it for.
 */
export async function untilEverywhere(
  peers: () => readonly PeerPort[],
  hash: Hash,
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): Promise<NetworkTimeline> {
  const deadlineMs = clock.monotonicMs() + timeoutMs
  const had = new Set<unknown>()
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, MAX_WAIT_MS)) {
    const asked = peers().filter((peer) => peer.isRunning() && !had.has(peer.instance))
    const answers = await Promise.all(asked.map((peer) => askedPeer(peer, hash)))
    for (const { peer, timeline } of answers) if (isThere(timeline)) had.add(peer.instance)
    const lacking = answers.filter(({ timeline }) => !isThere(timeline))
    if (lacking.length === 0) return timelineOf(peers(), hash)
    if (clock.monotonicMs() >= deadlineMs) throw lackingError(hash, timeoutMs, lacking)
    await sleep(clock, waitMs)
  }
}

interface Asked {
  readonly peer: PeerPort
  readonly timeline: Timeline | undefined
}

/** A peer that ends while it is asked does not have to answer. */
async function askedPeer(peer: PeerPort, hash: Hash): Promise<Asked> {
  try {
    return { peer, timeline: await peer.timeline(hash) }
  } catch (error) {
    if (peer.isRunning()) throw error
    return { peer, timeline: undefined }
  }
}

function isThere(timeline: Timeline | undefined): boolean {
  if (timeline === undefined) return false
  return timeline.verdict === 'accept' || timeline.fates.some(({ kind }) => kind === 'included')
}

function lackingError(hash: Hash, timeoutMs: number, lacking: readonly Asked[]): UserError {
  const peers = lacking.map(({ peer, timeline }) => {
    const { verdict, reason = '' } = timeline ?? {}
    const why = verdict === undefined ? 'has not seen it' : `${verdict}: ${reason}`
    return `peer ${peer.index} (${why})`
  })
  return new UserError(
    `${hash} is not everywhere after ${timeoutMs} ms: missing at ${peers.join(', ')}`,
  )
}
