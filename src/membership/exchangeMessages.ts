/**
 * The messages of the `members` protocol that are not those of reconciliation
 * (sync/reconcile/messages.ts has kinds 1 to 3, whose elements are those of member.ts).
 *
 * SPECIFICATION
 *
 * - Request RLP [0, sum]: the sum modulo 2^128 of the first 16 bytes of the elements of the asker's
 *   set. Answer RLP [1] where that of the answerer is the same, RLP [0] where it is not. At rest
 *   nothing else is exchanged.
 * - Request RLP [4, [element, ...]]: at most 64 elements of the answerer's set. Answer: for each
 *   that it has, one frame RLP [record, [accusation, ...], age]: the record of a member as it
 *   travels, for a dead one the accusations by which it is that, at most 4, and for how long, ms,
 *   it is dead or has left (0 for others).
 */
import type { Hash } from '../crypto/keccak.ts'
import { asHash } from '../crypto/keccak.ts'
import { bigintToBytes, bytesToBigint, hexToBytes } from '../lib/bytes.ts'
import { encodeRlp, type RlpItem } from '../lib/rlp.ts'
import {
  bytesOf,
  hashesOf,
  integer,
  integerOf,
  itemsOf,
  listOf,
  ProtocolViolation,
} from '../sync/protocol.ts'
import { CONFIRMATIONS, MAX_ENTRIES_ASKED } from './limits.ts'

const KINDS = { sum: 0n, get: 4n } as const
const SUM_BYTES = 16
const MAX_STATEMENT_BYTES = 1024
const AGE_BYTES = 6

/** A question of the members protocol that is none of reconciliation. */
export type ExchangeRequest =
  | { readonly form: 'sum'; readonly sum: bigint }
  | { readonly form: 'get'; readonly elements: readonly Hash[] }

/** A member as one node tells it another: as it travels. */
export interface MemberEntry {
  readonly record: Uint8Array
  readonly accusations: readonly Uint8Array[]
  /** For how long it is dead or has left, ms. */
  readonly ageMs: number
}

/** Whether a request of the `members` protocol is one of these. */
export function isExchangeRequest(data: Uint8Array): boolean {
  const kind = integerOf(itemsOf(data)[0], 1)
  return kind === KINDS.sum || kind === KINDS.get
}

/** A request as it travels. */
export function encodeExchange(request: ExchangeRequest): Uint8Array {
  if (request.form === 'get')
    return encodeRlp([integer(KINDS.get), request.elements.map(hexToBytes)])
  return encodeRlp([integer(KINDS.sum), bigintToBytes(request.sum)])
}

/** Throws a {@link ProtocolViolation} for everything else. */
export function decodeExchange(data: Uint8Array): ExchangeRequest {
  const [kind, body] = listOf(data, 2)
  if (integerOf(kind, 1) === KINDS.sum)
    return { form: 'sum', sum: bytesToBigint(bytesOf(body, SUM_BYTES)) }
  return { form: 'get', elements: hashesOf(body, MAX_ENTRIES_ASKED).map(asHash) }
}

/** The answer to a sum. */
export function encodeSameness(isSame: boolean): Uint8Array {
  return encodeRlp([integer(isSame ? 1 : 0)])
}

/** Whether the sets are the same. */
export function decodeSameness(frame: Uint8Array): boolean {
  return integerOf(listOf(frame, 1)[0], 1) === 1n
}

/** A member as it travels. */
export function encodeEntry({ record, accusations, ageMs }: MemberEntry): Uint8Array {
  return encodeRlp([record, accusations, integer(Math.max(0, Math.round(ageMs)))])
}

/** Throws a {@link ProtocolViolation} for everything else. */
export function decodeEntry(frame: Uint8Array): MemberEntry {
  const [record, accusations, age] = listOf(frame, 3)
  return {
    record: bytesOf(record, MAX_STATEMENT_BYTES),
    accusations: statementsOf(accusations),
    ageMs: Number(integerOf(age, AGE_BYTES)),
  }
}

function statementsOf(item: RlpItem | undefined): readonly Uint8Array[] {
  if (item === undefined || item instanceof Uint8Array || item.length > CONFIRMATIONS + 1)
    throw new ProtocolViolation(`expected at most ${CONFIRMATIONS + 1} accusations`)
  return item.map((one) => bytesOf(one, MAX_STATEMENT_BYTES))
}
