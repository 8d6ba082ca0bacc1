/**
 * The `status` exchange: who are you, what is your head, and what does your clock say?
 *
 * Each side asks the other on connecting and every few seconds after. A peer of another network is
 * dropped, and told why, so that both logs name the same reason: `other-genesis`, `other-chain-id`,
 * `other-genesis-rules` (what the genesis hash does not tell, see genesisRules.ts) or `other-forks`
 * (EIP-2124). The four timestamps (asked, received, answered, heard) give the asking side the round
 * trip without the peer's own delay and the offset of the peer's clock (RFC 5905, section 8); the
 * sample with the smallest round trip is the best, its error is at most half of that round trip.
 *
 * Wire: RLP [version, genesis, chainId, genesisRules (4 bytes), [forkHash (4 bytes), forkNext],
 * head, headNumber, totalDifficulty, client, receivedUs, sentUs, refusal]. A request has receivedUs
 * 0. Times are monotonic microseconds of the side that writes them. The refusal is text, empty
 * unless the writer is about to disconnect the reader.
 */
import {
  forkIdAt,
  forkIdMismatch,
  type ForkId,
  type ForkPlace,
} from '../../chain/genesis/forkId.ts'
import type { Genesis } from '../../chain/genesis/genesis.ts'
import { genesisRules } from '../../chain/genesis/genesisRules.ts'
import { asHash, type Hash } from '../../crypto/keccak.ts'
import { bytesToHex, concatBytes, EMPTY_BYTES, hexToBytes, type Hex } from '../../lib/bytes.ts'
import { printable } from '../../lib/plainText.ts'
import { encodeRlp, encodeRlpList, type RlpItem } from '../../lib/rlp.ts'
import { bytesOf, hashOf, integer, integerOf, itemsOf, ProtocolViolation } from '../protocol.ts'

/** Version of the status message; peers of another one are refused. */
export const STATUS_VERSION = 2

/** What a node says of itself. */
export interface Status {
  readonly version: number
  readonly genesis: Hash
  readonly chainId: bigint
  /** The rules from the genesis on, 4 bytes. */
  readonly genesisRules: Hex
  /** The rules at the head, and where they change next. */
  readonly forkId: ForkId
  readonly head: Hash
  readonly headNumber: bigint
  readonly totalDifficulty: bigint
  /** Name and version of the program, for people. */
  readonly client: string
}

/** A status as it travels, with the times of the exchange. */
export interface StatusMessage extends Status {
  /** When the request arrived, us; 0 in a request. */
  readonly receivedUs: number
  /** When this message was written, us. */
  readonly sentUs: number
  /** Why the writer disconnects the reader; empty where it does not. */
  readonly refusal: string
}

const MAX_CLIENT_BYTES = 96
const MAX_REFUSAL_BYTES = 224
const FIELDS = 12

/** What of a message is not the same for every peer that is told the same status. */
export type StatusOccasion = Pick<StatusMessage, 'receivedUs' | 'sentUs' | 'refusal'>

/** A status as it travels; a name of the program that is too long is cut off. */
export function encodeStatus(message: StatusMessage): Uint8Array {
  return encodeStatusAt(message, message)
}

/** The same for a status that is told again and again: its own items are encoded once. */
export function encodeStatusAt(status: Status, occasion: StatusOccasion): Uint8Array {
  const { receivedUs, sentUs, refusal } = occasion
  return encodeRlpList([
    encodedOnce(status),
    encodeRlp(integer(receivedUs)),
    encodeRlp(integer(sentUs)),
    refusal === '' ? NO_TEXT : encodeRlp(textItem(refusal, MAX_REFUSAL_BYTES)),
  ])
}

const NO_TEXT = encodeRlp(EMPTY_BYTES)

/** A node says the same to all its peers until its head changes. */
const encoded = new WeakMap<Status, Uint8Array>()

/** The items of a status one after another, without those of the occasion. */
function encodedOnce(status: Status): Uint8Array {
  const known = encoded.get(status)
  if (known !== undefined) return known
  const made = concatBytes(...itemsOfStatus(status).map(encodeRlp))
  encoded.set(status, made)
  return made
}

function itemsOfStatus(status: Status): RlpItem[] {
  return [
    integer(status.version),
    hexToBytes(status.genesis),
    integer(status.chainId),
    hexToBytes(status.genesisRules),
    [hexToBytes(status.forkId.hash), integer(status.forkId.next)],
    hexToBytes(status.head),
    integer(status.headNumber),
    integer(status.totalDifficulty),
    textItem(status.client, MAX_CLIENT_BYTES),
  ]
}

/** Throws a {@link ProtocolViolation} for anything that is not a status of our version. */
export function decodeStatus(data: Uint8Array): StatusMessage {
  const items = itemsOf(data)
  const version = Number(integerOf(items[0], 2))
  if (version !== STATUS_VERSION)
    throw new ProtocolViolation(`speaks status version ${version}, not ${STATUS_VERSION}`)
  if (items.length !== FIELDS) throw new ProtocolViolation(`a status has ${FIELDS} fields`)
  const [, genesis, chainId, rules, fork, head, headNumber, difficulty, client] = items
  const [receivedUs, sentUs, refusal] = items.slice(9)
  return {
    version,
    genesis: asHash(hashOf(genesis)),
    chainId: integerOf(chainId, 8),
    genesisRules: checksumOf(rules),
    forkId: forkIdOf(fork),
    head: asHash(hashOf(head)),
    headNumber: integerOf(headNumber, 8),
    totalDifficulty: integerOf(difficulty, 32),
    client: printable(bytesOf(client, MAX_CLIENT_BYTES)),
    receivedUs: Number(integerOf(receivedUs, 7)),
    sentUs: Number(integerOf(sentUs, 7)),
    refusal: printable(bytesOf(refusal, MAX_REFUSAL_BYTES)),
  }
}

function forkIdOf(item: RlpItem | undefined): ForkId {
  if (item === undefined || item instanceof Uint8Array || item.length !== 2)
    throw new ProtocolViolation('a fork id is a list of a checksum and a number')
  return { hash: checksumOf(item[0]), next: integerOf(item[1], 8) }
}

function checksumOf(item: RlpItem | undefined): Hex {
  if (!(item instanceof Uint8Array) || item.length !== 4)
    throw new ProtocolViolation('expected 4 bytes')
  return bytesToHex(item)
}

function textItem(text: string, maxBytes: number): Uint8Array {
  return new TextEncoder().encode(text).subarray(0, maxBytes)
}

/** What one exchange tells of the clock of a peer. */
export interface ClockSample {
  /** Without the peer's own delay, ms. */
  readonly roundTripMs: number
  /** The peer's monotonic clock minus ours, ms; the error is at most half the round trip. */
  readonly offsetMs: number
}

/**
 * The four times of an exchange, us: asked and heard by our clock, received and sent by the peer's.
 */
export interface ExchangeTimes {
  readonly askedUs: number
  readonly receivedUs: number
  readonly sentUs: number
  readonly heardUs: number
}

/**
 * Round trip and offset from the four times of an exchange. Throws a {@link ProtocolViolation} for
 * times that contradict each other.
 */
export function clockSample(times: ExchangeTimes): ClockSample {
  const { askedUs, receivedUs, sentUs, heardUs } = times
  if (sentUs < receivedUs) throw new ProtocolViolation('answered before it was asked')
  return {
    roundTripMs: Math.max(0, heardUs - askedUs - (sentUs - receivedUs)) / 1000,
    offsetMs: (receivedUs - askedUs + (sentUs - heardUs)) / 2000,
  }
}

/** What a node is measured by: its own rules, and its head. */
export interface OwnChain {
  readonly genesis: Genesis
  readonly head: ForkPlace
  /** Blocks between two checkpoints; the default if left out. */
  readonly checkpointInterval?: number
}

/**
 * Why two nodes cannot work together, by name and in a sentence for the log; `undefined` if they
 * can.
 */
export function incompatibility(
  { genesis, head, checkpointInterval }: OwnChain,
  theirs: Status,
): string | undefined {
  const { chainId } = genesis.config
  if (theirs.genesis !== genesis.hash)
    return `other-genesis: its genesis is ${theirs.genesis}, ours is ${genesis.hash}`
  if (theirs.chainId !== chainId)
    return `other-chain-id: its chain id is ${theirs.chainId}, ours is ${chainId}`
  const rules = genesisRules(genesis, checkpointInterval)
  if (theirs.genesisRules !== rules)
    return 'other-genesis-rules: the forks of the genesis, the Clique period or epoch, the finality interval or the blob parameters differ'
  const mismatch = forkIdMismatch(genesis, head, theirs.forkId)
  return (
    mismatch &&
    `other-forks: ${mismatch} (its fork id is ${shown(theirs.forkId)}, ours ${shown(forkIdAt(genesis, head))})`
  )
}

function shown({ hash, next }: ForkId): string {
  return next === 0n ? hash : `${hash}, next at ${next}`
}
