/**
 * The `status` exchange: who are you, what is your head, and what does your clock say?
 *
 * Each side asks the other on connecting and every few seconds after. A peer of another network is dropped with a
 * logged reason. The four timestamps (asked, received, answered, heard) give the asking side the round trip without
 * the peer's own delay and the offset of the peer's clock (RFC 5905, section 8); the sample with the smallest round
 * trip is the best, its error is at most half of that round trip.
 *
 * Wire: RLP [version, genesis, head, headNumber, totalDifficulty, client, receivedUs, sentUs]. A request has
 * receivedUs 0. Times are monotonic microseconds of the side that writes them.
 */
import { asHash, type Hash } from '../../crypto/keccak.ts'
import { hexToBytes } from '../../lib/bytes.ts'
import { encodeRlp } from '../../lib/rlp.ts'
import { bytesOf, hashOf, integer, integerOf, itemsOf, ProtocolViolation } from '../protocol.ts'

export const STATUS_VERSION = 1

/** What a node says of itself. */
export interface Status {
  readonly version: number
  readonly genesis: Hash
  readonly head: Hash
  readonly headNumber: bigint
  readonly totalDifficulty: bigint
  /** Name and version of the program, for people. */
  readonly client: string
}

export interface StatusMessage extends Status {
  /** When the request arrived, us; 0 in a request. */
  readonly receivedUs: number
  /** When this message was written, us. */
  readonly sentUs: number
}

const MAX_CLIENT_BYTES = 96
const FIELDS = 8

export function encodeStatus(message: StatusMessage): Uint8Array {
  return encodeRlp([
    integer(message.version),
    hexToBytes(message.genesis),
    hexToBytes(message.head),
    integer(message.headNumber),
    integer(message.totalDifficulty),
    new TextEncoder().encode(message.client).subarray(0, MAX_CLIENT_BYTES),
    integer(message.receivedUs),
    integer(message.sentUs),
  ])
}

/** Throws a {@link ProtocolViolation} for anything that is not a status of our version. */
export function decodeStatus(data: Uint8Array): StatusMessage {
  const items = itemsOf(data)
  const version = Number(integerOf(items[0], 2))
  if (version !== STATUS_VERSION)
    throw new ProtocolViolation(`speaks status version ${version}, not ${STATUS_VERSION}`)
  if (items.length !== FIELDS) throw new ProtocolViolation(`a status has ${FIELDS} fields`)
  const [, genesis, head, headNumber, difficulty, client, receivedUs, sentUs] = items
  return {
    version,
    genesis: asHash(hashOf(genesis)),
    head: asHash(hashOf(head)),
    headNumber: integerOf(headNumber, 8),
    totalDifficulty: integerOf(difficulty, 32),
    client: printable(bytesOf(client, MAX_CLIENT_BYTES)),
    receivedUs: Number(integerOf(receivedUs, 7)),
    sentUs: Number(integerOf(sentUs, 7)),
  }
}

/** A peer's text goes to logs and terminals: only plain characters of it do. */
function printable(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replace(/[^\x20-\x7e]/g, '?')
}

export interface ClockSample {
  /** Without the peer's own delay, ms. */
  readonly roundTripMs: number
  /** The peer's monotonic clock minus ours, ms; the error is at most half the round trip. */
  readonly offsetMs: number
}

/** The four times of an exchange, us: asked and heard by our clock, received and sent by the peer's. */
export interface ExchangeTimes {
  readonly askedUs: number
  readonly receivedUs: number
  readonly sentUs: number
  readonly heardUs: number
}

export function clockSample(times: ExchangeTimes): ClockSample {
  const { askedUs, receivedUs, sentUs, heardUs } = times
  if (sentUs < receivedUs) throw new ProtocolViolation('answered before it was asked')
  return {
    roundTripMs: Math.max(0, heardUs - askedUs - (sentUs - receivedUs)) / 1000,
    offsetMs: (receivedUs - askedUs + (sentUs - heardUs)) / 2000,
  }
}

/** Why two nodes cannot work together, in a sentence for the log; `undefined` if they can. */
export function incompatibility(ours: Status, theirs: Status): string | undefined {
  if (theirs.genesis === ours.genesis) return undefined
  return `is on another network: its genesis is ${theirs.genesis}, ours is ${ours.genesis}`
}
