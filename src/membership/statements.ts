/**
 * What is said about members: a member's record of itself, and an accusation of another.
 *
 * SPECIFICATION
 *
 * Both are libp2p envelopes (RFC 0002) under the domain `grapevine-member`, at most 1,024 bytes, in
 * the one encoding that protobuf's canonical form gives. The network id inside is that of topics:
 * the first 4 bytes of the genesis hash.
 *
 * - Payload type 01, a record: RLP [network id, incarnation, hasLeft, isSigner, client, [address,
 *   ...]]. The signer is the member. Of two records the one with the higher incarnation holds; of
 *   two with the same, the one whose Keccak-256 is lower, so that all nodes keep the same one.
 * - Payload type 02, an accusation: RLP [network id, accused, incarnation]. The signer is the
 *   accuser, who found that the accused did not answer. It says nothing about a record of another
 *   incarnation.
 *
 * Incarnations have at most 6 bytes; flags are 0 or 1; client, addresses (multiaddrs) and the
 * accused (a peer id) are text of plain characters: at most 64, 128 (4 of them) and 64 bytes.
 */
import { keccak256Hash, type Hash } from '../crypto/keccak.ts'
import type { Envelope, PeerId, Statement } from '../gossip/network.ts'
import { bytesToBigint, bytesToHex, hexToBytes } from '../lib/bytes.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../lib/rlp.ts'
import { integer } from '../sync/protocol.ts'
import {
  MAX_ADDRESS_BYTES,
  MAX_CLIENT_BYTES,
  MAX_INCARNATION,
  MAX_MEMBER_ADDRESSES,
} from './limits.ts'

/** The domain under which members sign. */
export const MEMBER_DOMAIN = 'grapevine-member'

const TYPES = { record: 1, accusation: 2 } as const
const MAX_PEER_ID_BYTES = 64
const INCARNATION_BYTES = 6

/** What a member says of itself. */
export interface MemberFacts {
  readonly incarnation: number
  /** It has stopped, and said so. */
  readonly hasLeft: boolean
  /** Whether it seals blocks, by its own account. */
  readonly isSigner: boolean
  /** Name and version of the program. */
  readonly client: string
  /** Multiaddrs, without the peer id. */
  readonly addresses: readonly string[]
}

/** The record of a member, as it was signed. Shared by all who hold it, never changed. */
export interface MemberRecord extends MemberFacts {
  readonly form: 'record'
  readonly peer: PeerId
  /** As it travels. */
  readonly envelope: Uint8Array
  /** Keccak-256 of the envelope. */
  readonly digest: Hash
}

/** An accusation: the accuser got no answer from the accused. */
export interface Accusation {
  readonly form: 'accusation'
  readonly accuser: PeerId
  readonly accused: PeerId
  /** Of the accused's record that the accuser holds. */
  readonly incarnation: number
  readonly envelope: Uint8Array
}

/** Why the bytes are no statement of this network. */
export type StatementDefect = 'member-malformed' | 'member-other-network' | 'accused-self'

/**
 * A record in the form in which it is signed; text that is too long is cut, addresses beyond the
 * bound are left out.
 */
export function recordStatement(networkId: string, facts: MemberFacts): Statement {
  const addresses = facts.addresses
    .filter((address) => address.length <= MAX_ADDRESS_BYTES)
    .slice(0, MAX_MEMBER_ADDRESSES)
  const payload = encodeRlp([
    hexToBytes(`0x${networkId}`),
    integer(facts.incarnation),
    integer(facts.hasLeft ? 1 : 0),
    integer(facts.isSigner ? 1 : 0),
    textBytes(facts.client.slice(0, MAX_CLIENT_BYTES)),
    addresses.map(textBytes),
  ])
  return { type: Uint8Array.of(TYPES.record), payload }
}

/** An accusation in the form in which it is signed. */
export function accusationStatement(
  networkId: string,
  accused: PeerId,
  incarnation: number,
): Statement {
  const payload = encodeRlp([
    hexToBytes(`0x${networkId}`),
    textBytes(accused),
    integer(incarnation),
  ])
  return { type: Uint8Array.of(TYPES.accusation), payload }
}

/** The statement in an envelope, whose signature is not checked here. Never throws. */
export function readStatement(
  networkId: string,
  envelope: Envelope,
  data: Uint8Array,
): MemberRecord | Accusation | StatementDefect {
  const items = decodeRlp(envelope.payload)
  if (typeof items === 'string' || items instanceof Uint8Array) return 'member-malformed'
  const [type] = envelope.type
  if (envelope.type.length !== 1) return 'member-malformed'
  if (type === TYPES.record && items.length === 6)
    return ofNetwork(networkId, items[0], readRecord(items, envelope.signer, data))
  if (type === TYPES.accusation && items.length === 3)
    return ofNetwork(networkId, items[0], readAccusation(items, envelope.signer, data))
  return 'member-malformed'
}

/** Whether a statement could be read. */
export function isStatement(
  read: MemberRecord | Accusation | StatementDefect,
): read is MemberRecord | Accusation {
  return typeof read !== 'string'
}

function ofNetwork<Read extends MemberRecord | Accusation | StatementDefect>(
  networkId: string,
  item: RlpItem | undefined,
  read: Read,
): Read | StatementDefect {
  if (!(item instanceof Uint8Array) || item.length !== 4) return 'member-malformed'
  if (read === 'member-malformed') return read
  return bytesToHex(item) === `0x${networkId}` ? read : 'member-other-network'
}

function readRecord(
  [, incarnationItem, left, signer, clientItem, list]: readonly RlpItem[],
  peer: PeerId,
  envelope: Uint8Array,
): MemberRecord | StatementDefect {
  const incarnation = incarnationOf(incarnationItem)
  const hasLeft = flagOf(left)
  const isSigner = flagOf(signer)
  const client = textOf(clientItem, MAX_CLIENT_BYTES)
  const addresses = addressesOf(list)
  if (incarnation === undefined || hasLeft === undefined || isSigner === undefined)
    return 'member-malformed'
  if (client === undefined || addresses === undefined) return 'member-malformed'
  const digest = keccak256Hash(envelope)
  return {
    form: 'record',
    peer,
    incarnation,
    hasLeft,
    isSigner,
    client,
    addresses,
    envelope,
    digest,
  }
}

function readAccusation(
  [, accusedItem, incarnationItem]: readonly RlpItem[],
  accuser: PeerId,
  envelope: Uint8Array,
): Accusation | StatementDefect {
  const accused = textOf(accusedItem, MAX_PEER_ID_BYTES)
  const incarnation = incarnationOf(incarnationItem)
  if (accused === undefined || accused === '' || incarnation === undefined)
    return 'member-malformed'
  if (accused === accuser) return 'accused-self'
  return { form: 'accusation', accuser, accused: accused as PeerId, incarnation, envelope }
}

function incarnationOf(item: RlpItem | undefined): number | undefined {
  if (!(item instanceof Uint8Array) || item.length > INCARNATION_BYTES || item[0] === 0)
    return undefined
  const value = Number(bytesToBigint(item))
  return value <= MAX_INCARNATION ? value : undefined
}

function flagOf(item: RlpItem | undefined): boolean | undefined {
  if (!(item instanceof Uint8Array)) return undefined
  if (item.length === 0) return false
  return item.length === 1 && item[0] === 1 ? true : undefined
}

function addressesOf(item: RlpItem | undefined): readonly string[] | undefined {
  if (item === undefined || item instanceof Uint8Array) return undefined
  if (item.length > MAX_MEMBER_ADDRESSES) return undefined
  const addresses: string[] = []
  for (const one of item) {
    const address = textOf(one, MAX_ADDRESS_BYTES)
    if (address === undefined || address === '') return undefined
    addresses.push(address)
  }
  return addresses
}

/** Text of plain characters; it goes to logs and terminals. */
function textOf(item: RlpItem | undefined, maxBytes: number): string | undefined {
  if (!(item instanceof Uint8Array) || item.length > maxBytes) return undefined
  if (!item.every((byte) => byte >= 0x20 && byte <= 0x7e)) return undefined
  return Buffer.from(item.buffer, item.byteOffset, item.byteLength).toString('latin1')
}

function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text.replace(/[^\x20-\x7e]/g, '?'))
}
