/**
 * One session of reconciliation as its leader: compares, then fetches what is missing here and
 * gives what is there.
 */
import type { Hash } from '../../crypto/keccak.ts'
import type { PeerId } from '../../gossip/network.ts'
import { DifferenceAsker } from './difference.ts'
import type { ComparisonCost } from './comparisons.ts'
import { KEY_BYTES, ReconcileSet } from './reconcileSet.ts'
import { integerOf, listOf, onlyFrame, ProtocolViolation } from '../protocol.ts'
import { MAX_COMPARE_REQUESTS, MAX_GIVEN_HASHES } from './reconcileLimits.ts'
import { encodeReconcile } from './messages.ts'
import type { SessionParts } from './parts.ts'

/** One comparison that we began. */
export interface LedSession {
  readonly peer: PeerId
  /** Whether it makes no sense to go on: we stop, the peer is gone, or the time is over. */
  readonly isOver: () => boolean
}

/**
 * Makes the sets of both sides equal, as far as both want that. Throws where the peer does not take
 * part.
 */
export async function leadSession(parts: SessionParts, session: LedSession): Promise<void> {
  const { clock, entriesFor, comparisons, isKnown } = parts
  const set = new ReconcileSet(entriesFor(session.peer), newKey(parts))
  const asker = new DifferenceAsker(set)
  const cost = { sentBytes: 0, receivedBytes: 0, roundTrips: 0 }
  if (!(await compare(parts, session, asker, cost))) return
  const difference = asker.difference()
  const missingHere = difference.asker.filter((hash) => !isKnown(hash))
  const missingThere = difference.answerer
  comparisons.record({
    ...cost,
    peer: session.peer,
    led: 'here',
    atMs: clock.wallMs(),
    membersHere: set.size,
    membersThere: asker.theirSize,
    missingHere: missingHere.length,
    missingThere: missingThere.length,
    samplesHere: missingHere,
    samplesThere: missingThere,
  })
  await Promise.all([
    fetchAll(parts, session, missingHere),
    giveAll(parts, session, set.key, missingThere),
  ])
}

/** Answers whether the difference was found; the peer may have no time for it. */
async function compare(
  { requests, protocol }: SessionParts,
  { peer, isOver }: LedSession,
  asker: DifferenceAsker,
  cost: ComparisonCost,
): Promise<boolean> {
  while (cost.roundTrips < MAX_COMPARE_REQUESTS && !isOver()) {
    const request = encodeReconcile(asker.request())
    cost.roundTrips++
    cost.sentBytes += request.length
    for await (const frame of requests.send(peer, protocol, request)) {
      cost.receivedBytes += frame.length
      asker.take(frame)
    }
    const state = asker.end()
    if (state !== 'more') return state === 'found' && !isOver()
  }
  return false
}

async function fetchAll(
  { fetch, isWanted, comparisons }: SessionParts,
  { peer, isOver }: LedSession,
  hashes: readonly Hash[],
): Promise<void> {
  for (const batch of batches(hashes.filter(isWanted))) {
    if (isOver()) return
    comparisons.took(batch.length)
    await fetch(peer, batch)
  }
}

/** One after another: the answer to each comes when the peer has fetched, so it sets the pace. */
async function giveAll(
  { requests, protocol }: SessionParts,
  { peer, isOver }: LedSession,
  key: Uint8Array,
  hashes: readonly Hash[],
): Promise<void> {
  for (const batch of batches(hashes)) {
    if (isOver()) return
    const request = encodeReconcile({ form: 'give', key, hashes: batch })
    const [wanted] = listOf(await onlyFrame(requests.send(peer, protocol, request)), 1)
    if (integerOf(wanted, 4) > BigInt(batch.length))
      throw new ProtocolViolation('wants more than it was given')
  }
}

function batches(hashes: readonly Hash[]): Hash[][] {
  const count = Math.ceil(hashes.length / MAX_GIVEN_HASHES)
  return Array.from({ length: count }, (_, index) =>
    hashes.slice(index * MAX_GIVEN_HASHES, (index + 1) * MAX_GIVEN_HASHES),
  )
}

function newKey({ random }: SessionParts): Uint8Array {
  return Uint8Array.from({ length: KEY_BYTES }, () => random.int(256))
}
