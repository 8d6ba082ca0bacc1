import { keccak256, type Hash } from '../crypto/keccak.ts'
import type { PeerId } from '../gossip/network.ts'
import { bytesToBigint, hexToBytes } from '../lib/bytes.ts'
import type { MemberRecord } from './statements.ts'

/** What a node can hold a member for; alive and suspect ones are live. */
export const MEMBER_STATES = ['alive', 'suspect', 'dead', 'left'] as const
/** One of {@link MEMBER_STATES}. */
export type MemberState = (typeof MEMBER_STATES)[number]

/**
 * How news of a member came: by the topic, by an exchange of sets, by a probe, by a timer of ours,
 * or of ourselves.
 */
export type NewsRoute = 'gossip' | 'exchange' | 'probe' | 'timer' | 'own'

/** Who told this node what it holds of a member, and when. */
export interface Told {
  /** The peer that brought the news; this node itself for what it found out. */
  readonly by: PeerId
  readonly route: NewsRoute
  /** Monotonic ms. */
  readonly atMs: number
  /** Of a suspicion: whose accusation it was. */
  readonly accuser?: PeerId
}

/** A member as this node holds it; replaced, never changed. */
export interface Member {
  readonly peer: PeerId
  readonly record: MemberRecord
  readonly state: MemberState
  /** Since when it is in this state here, monotonic ms. */
  readonly sinceMs: number
  readonly told: Told
}

/** A member changed, came, or was forgotten. */
export interface MemberChange {
  readonly member: Member
  /** `undefined` for one that was not known. */
  readonly before: Member | undefined
}

/** Whether it counts as there: a suspect has not been heard yet. */
export function isLive({ state }: Pick<Member, 'state'>): boolean {
  return state === 'alive' || state === 'suspect'
}

/**
 * What two nodes compare of a member: its record, and whether it is held dead. A suspicion is on
 * its way everywhere.
 */
export function elementOf({ record, state }: Pick<Member, 'record' | 'state'>): Hash {
  if (state !== 'dead') return record.digest
  const known = DEAD_ELEMENTS.get(record)
  if (known !== undefined) return known
  const element = deadElement(record.digest)
  DEAD_ELEMENTS.set(record, element)
  return element
}

/** Once a record, however many nodes of this process hold it. */
const DEAD_ELEMENTS = new WeakMap<MemberRecord, Hash>()
const DEAD = new TextEncoder().encode('dead')

function deadElement(digest: Hash): Hash {
  const input = new Uint8Array(32 + DEAD.length)
  input.set(hexToBytes(digest))
  input.set(DEAD, 32)
  return `0x${Buffer.from(keccak256(input)).toString('hex')}` as Hash
}

const SUM_BYTES = 16
/** Sums of elements are below this. */
export const SUM_LIMIT = 2n ** BigInt(8 * SUM_BYTES)

/** What an element adds to the sum of a set: its first 16 bytes. */
export function summandOf(element: Hash): bigint {
  return bytesToBigint(hexToBytes(element).subarray(0, SUM_BYTES))
}
