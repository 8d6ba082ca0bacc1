/** Sets of pooled transactions for reconciliation, without a pool. */
import { keccak256Hash, type Hash } from '../../src/crypto/keccak.ts'
import { DifferenceAnswerer, DifferenceAsker } from '../../src/sync/reconcile/difference.ts'
import { poolEntries, type PoolMember } from '../../src/sync/pool/poolEntries.ts'
import { ReconcileSet } from '../../src/sync/reconcile/reconcileSet.ts'
import {
  decodeReconcile,
  encodeAnswer,
  encodeDifference,
  encodeReconcile,
} from '../../src/sync/reconcile/messages.ts'

/** The time of the session, by which everything is old. */
export const SET_MS = 60_000

/** Transaction number `index`, old enough to be a member. */
export function member(index: number, changes: Partial<PoolMember> = {}): PoolMember {
  return {
    tx: { hash: memberHash(index), nonce: BigInt(index % 16) },
    addedMs: 0,
    place: 'pending',
    ...changes,
  }
}

export function memberHash(index: number): Hash {
  return keccak256Hash(new TextEncoder().encode(`member ${index}`))
}

/** A set of these transactions under a key that follows from `session`. */
export function poolSet(members: Iterable<PoolMember>, session = 1): ReconcileSet {
  const key = new Uint8Array(8)
  new DataView(key.buffer).setUint32(0, session)
  return new ReconcileSet(poolEntries(members, -Infinity, SET_MS), key)
}

export interface Comparison {
  /** What the asker lacks, and what the answerer lacks. */
  readonly asker: readonly Hash[]
  readonly answerer: readonly Hash[]
  readonly roundTrips: number
  /** Payload bytes from the asker, and to it. */
  readonly sentBytes: number
  readonly receivedBytes: number
}

/** A whole comparison over encoded messages, without what follows from it. */
export function compareSets(asking: ReconcileSet, answering: ReconcileSet): Comparison {
  const asker = new DifferenceAsker(asking)
  const answerer = new DifferenceAnswerer(answering)
  const cost = { roundTrips: 0, sentBytes: 0, receivedBytes: 0 }
  for (let state = 'more'; state === 'more'; state = asker.end()) {
    const request = encodeReconcile(asker.request())
    const frames = answerFrames(answerer, request)
    for (const frame of frames) asker.take(frame)
    cost.roundTrips++
    cost.sentBytes += request.length
    cost.receivedBytes += frames.reduce((sum, frame) => sum + frame.length, 0)
  }
  return { ...asker.difference(), ...cost }
}

function answerFrames(answerer: DifferenceAnswerer, data: Uint8Array): Uint8Array[] {
  const request = decodeReconcile(data)
  if (request.form === 'give') throw new Error('a comparison gives nothing')
  const answer = answerer.take(request)
  const { difference } = answerer
  const parts = difference === undefined ? [] : encodeDifference(difference)
  return [encodeAnswer(answer), ...parts]
}
