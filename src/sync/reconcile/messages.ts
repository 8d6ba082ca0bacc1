/**
 * The messages of reconciliation, kinds 1 to 3 of the protocols `pool` (kind 0 is an offer, see
 * poolOffers.ts) and `members` (kinds 0 and 4 are its own, see membership/exchangeMessages.ts).
 *
 * Requests:
 * - RLP [1, key, size, from, cells]: the sketch of the asker's set, its cells from number `from`
 *   on.
 * - RLP [2, key, size, from, ids]: the short ids of that set, from number `from` on, instead of
 *   more cells.
 * - RLP [3, key, [hash, ...]]: those of its elements that the answerer lacks, to be fetched.
 *
 * `key` has 8 bytes and names the session, `size` is the number of members of the sender's set.
 *
 * Answers to 1 and 2: a first frame RLP [state, size]. State 0: more is needed. State 1: here is
 * the difference, in any number of frames RLP [[hash, ...], ids]: what the asker lacks, and what it
 * has and the answerer lacks. State 2: come again later. The answer to 3 is RLP [wanted], sent when
 * the fetch is over.
 */
import { asHash, type Hash } from '../../crypto/keccak.ts'
import { hexToBytes } from '../../lib/bytes.ts'
import { encodeRlp, type RlpItem } from '../../lib/rlp.ts'
import { decodeIds, encodeIds, ID_BYTES, KEY_BYTES } from './reconcileSet.ts'
import {
  bytesOf,
  hashesOf,
  integer,
  integerOf,
  itemsOf,
  listOf,
  ProtocolViolation,
} from '../protocol.ts'
import {
  MAX_COMPARE_BYTES,
  MAX_DIFFERENCE_HASHES,
  MAX_GIVEN_HASHES,
  MAX_RECONCILED,
} from './reconcileLimits.ts'
import { CELL_BYTES } from './sketch.ts'

/** The forms of a comparing request, in the order of their numbers on the wire. */
export const COMPARE_FORMS = ['cells', 'ids'] as const

/** Brings more cells, or short ids, of the asker's set. */
export interface CompareRequest {
  readonly form: (typeof COMPARE_FORMS)[number]
  readonly key: Uint8Array
  readonly size: number
  /** How many cells, or ids, of this session were sent before. */
  readonly from: number
  /** Whole cells, or whole ids. */
  readonly body: Uint8Array
}

/** Brings hashes that the answerer lacks. */
export interface GiveRequest {
  readonly form: 'give'
  readonly key: Uint8Array
  readonly hashes: readonly Hash[]
}

/** Any request of the comparison of two sets. */
export type ReconcileRequest = CompareRequest | GiveRequest

/** How a comparison stands, in the order of the numbers on the wire. */
export const COMPARE_STATES = ['more', 'found', 'later'] as const

/** How the comparison stands after a request. */
export interface CompareAnswer {
  readonly state: (typeof COMPARE_STATES)[number]
  /** Members of the answerer's set. */
  readonly size: number
}

/** A part of the difference, from the answerer's point of view. */
export interface DifferencePart {
  /** What the asker lacks. */
  readonly hashes: readonly Hash[]
  /** Short ids of what the answerer lacks. */
  readonly ids: readonly number[]
}

const KINDS = { cells: 1, ids: 2, give: 3 } as const
const UNIT_BYTES = { cells: CELL_BYTES, ids: ID_BYTES } as const

/** A request as it travels. */
export function encodeReconcile(request: ReconcileRequest): Uint8Array {
  const kind = integer(KINDS[request.form])
  if (request.form === 'give') return encodeRlp([kind, request.key, request.hashes.map(hexToBytes)])
  const { key, size, from, body } = request
  return encodeRlp([kind, key, integer(size), integer(from), body])
}

/** Throws a {@link ProtocolViolation} for everything that is no request of reconciliation. */
export function decodeReconcile(data: Uint8Array): ReconcileRequest {
  const items = itemsOf(data)
  const kind = integerOf(items[0], 1)
  const key = bytesOf(items[1], KEY_BYTES)
  if (key.length !== KEY_BYTES) throw new ProtocolViolation(`a key has ${KEY_BYTES} bytes`)
  if (kind === BigInt(KINDS.give)) {
    const hashes = hashesOf(exactly(items, 3)[2], MAX_GIVEN_HASHES).map(asHash)
    return { form: 'give', key, hashes }
  }
  const form = COMPARE_FORMS.find((one) => BigInt(KINDS[one]) === kind)
  if (form === undefined) throw new ProtocolViolation('the protocol has no such kind')
  const [, , size, from, body] = exactly(items, 5)
  return { form, key, size: countOf(size), from: countOf(from), body: unitsOf(body, form) }
}

/** An answer as it travels. */
export function encodeAnswer({ state, size }: CompareAnswer): Uint8Array {
  return encodeRlp([integer(COMPARE_STATES.indexOf(state)), integer(size)])
}

/** Reads an answer; throws a {@link ProtocolViolation} for anything else. */
export function decodeAnswer(frame: Uint8Array): CompareAnswer {
  const [number, size] = listOf(frame, 2)
  const state = COMPARE_STATES[Number(integerOf(number, 1))]
  if (state === undefined) throw new ProtocolViolation('a comparison has no such state')
  return { state, size: countOf(size) }
}

/** The difference in as few frames as it takes. */
export function encodeDifference({ hashes, ids }: DifferencePart): Uint8Array[] {
  const frames: Uint8Array[] = []
  const count = Math.max(hashes.length, ids.length)
  for (let at = 0; at < count; at += MAX_DIFFERENCE_HASHES) {
    const end = at + MAX_DIFFERENCE_HASHES
    frames.push(encodeRlp([hashes.slice(at, end).map(hexToBytes), encodeIds(ids.slice(at, end))]))
  }
  return frames
}

/** Reads a difference; throws a {@link ProtocolViolation} for anything else. */
export function decodeDifference(frame: Uint8Array): DifferencePart {
  const [hashes, ids] = listOf(frame, 2)
  return {
    hashes: hashesOf(hashes, MAX_DIFFERENCE_HASHES).map(asHash),
    ids: decodeIds(bytesOf(ids, MAX_DIFFERENCE_HASHES * ID_BYTES)),
  }
}

function exactly(items: readonly RlpItem[], count: number): readonly RlpItem[] {
  if (items.length !== count) throw new ProtocolViolation(`expected a list of ${count} items`)
  return items
}

function countOf(item: RlpItem | undefined): number {
  const count = Number(integerOf(item, 4))
  if (count > MAX_RECONCILED)
    throw new ProtocolViolation(`no more than ${MAX_RECONCILED} are compared`)
  return count
}

function unitsOf(item: RlpItem | undefined, form: CompareRequest['form']): Uint8Array {
  const body = bytesOf(item, MAX_COMPARE_BYTES)
  if (body.length % UNIT_BYTES[form] !== 0) throw new ProtocolViolation(`expected whole ${form}`)
  return body
}
