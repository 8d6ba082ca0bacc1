import type { Hash } from '../crypto/keccak.ts'
import {
  RequestFailure,
  type Network,
  type PeerId,
  type RequestHandler,
} from '../gossip/network.ts'
import { networkId } from '../gossip/topics/topicNames.ts'
import { messageOf } from '../lib/assert.ts'
import { bigintToBytes, bytesToBigint } from '../lib/bytes.ts'
import type { Clock } from '../lib/clock.ts'
import { Emitter } from '../lib/emitter.ts'
import type { LogFields, Logger } from '../lib/log.ts'
import { decodeRlp, type RlpItem } from '../lib/rlp.ts'
import { encodeGoodbye, GOODBYE_CODES, type GoodbyeReason } from './goodbyeMessage.ts'
import { FAREWELL_MS, PROTOCOL_LIMITS, type ProtocolName } from './limits.ts'

/** Version of the wire format of every request protocol. */
const VERSION = 1

/** A peer answered what it was not asked, or asked what makes no sense: it loses its connection. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation'
}

/** The libp2p protocol id of `name` on the network of this genesis. */
export function protocolId(genesisHash: Hash, name: ProtocolName): string {
  return `/grapevine/${networkId(genesisHash)}/${name}/${VERSION}`
}

/**
 * The request streams of one network: names and limits filled in, and what follows from a breach of
 * them.
 */
export interface Requests {
  /**
   * Serves a protocol. A handler that throws a {@link ProtocolViolation} costs the asker its
   * connection.
   */
  handle(name: ProtocolName, handler: RequestHandler): Promise<void>
  /** The frames of the answer; throws where none comes, or more than the limits allow. */
  send(to: PeerId, name: ProtocolName, request: Uint8Array): AsyncIterable<Uint8Array>
  /** Drops the peer if `error` shows that it lied, and not where it was only slow or gone. */
  blame(peer: PeerId, error: unknown): void
  /**
   * Tells the peer why, then closes the connection. Does not wait for either. A peer that does not
   * take the goodbye within {@link FAREWELL_MS} is disconnected all the same.
   */
  drop(peer: PeerId, message: string, goodbye?: GoodbyeReason): void
  /** A peer is being dropped. */
  readonly dropped: Emitter<PeerId>
}

/** What requests of one network are made from. */
export interface RequestParts {
  readonly network: Pick<Network, 'handle' | 'request' | 'disconnect'>
  readonly genesisHash: Hash
  readonly clock: Clock
  readonly log: Logger
}

/** The request streams of the network with this genesis. */
export function requestsOf(parts: RequestParts): Requests {
  const { network, genesisHash, log } = parts
  const dropped = new Emitter<PeerId>()
  const leaving = new Set<PeerId>()
  const drop = (peer: PeerId, message: string, goodbye: GoodbyeReason = 'fault'): void => {
    if (leaving.has(peer)) return
    leaving.add(peer)
    dropped.emit(peer)
    void sayGoodbye(parts, peer, goodbye, message)
      .then(() => network.disconnect(peer, message))
      .catch((error: unknown) => log.debug('a peer could not be dropped', fields(peer, error)))
      .finally(() => leaving.delete(peer))
  }
  const blame = (peer: PeerId, error: unknown): void => {
    if (!isProtocolBreach(error) || leaving.has(peer)) return
    log.warn('a peer broke a request protocol', fields(peer, error))
    drop(peer, messageOf(error))
  }
  return {
    handle: (name, handler) =>
      network.handle(protocolId(genesisHash, name), PROTOCOL_LIMITS[name], (from, request) =>
        blaming(handler(from, request), (error) => blame(from, error)),
      ),
    send: (to, name, request) => send(parts, to, name, request),
    blame,
    drop,
    dropped,
  }
}

function send(
  { network, genesisHash }: Pick<RequestParts, 'network' | 'genesisHash'>,
  to: PeerId,
  name: ProtocolName,
  request: Uint8Array,
): AsyncIterable<Uint8Array> {
  return network.request(to, protocolId(genesisHash, name), PROTOCOL_LIMITS[name], request)
}

/**
 * Resolves when the peer has taken the goodbye, cannot take it, or has had the time to. Never
 * rejects.
 */
async function sayGoodbye(
  parts: RequestParts,
  peer: PeerId,
  reason: GoodbyeReason,
  text: string,
): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const cancel = parts.clock.after(FAREWELL_MS, resolve)
  const message = encodeGoodbye({ code: GOODBYE_CODES[reason], text })
  const told = drained(send(parts, peer, 'goodbye', message)).catch(() => {})
  await Promise.race([told, late])
  cancel()
}

async function drained(frames: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const frame of frames) if (frame.length > 0) return
}

/**
 * Those of `frames` that the limits of the protocol let pass. One that is too large would cost the
 * asker the whole answer, and us the connection: an honest answer never breaks a limit.
 */
export function* fitting(name: ProtocolName, frames: Iterable<Uint8Array>): Iterable<Uint8Array> {
  for (const frame of frames) if (frame.length <= PROTOCOL_LIMITS[name].maxFrameBytes) yield frame
}

async function* blaming(
  frames: AsyncIterable<Uint8Array>,
  blame: (error: unknown) => void,
): AsyncIterable<Uint8Array> {
  try {
    yield* frames
  } catch (error) {
    blame(error)
    throw error
  }
}

/**
 * Whether an error shows that the peer broke the protocol: an honest one can be slow or gone, but
 * not that.
 */
export function isProtocolBreach(error: unknown): boolean {
  return error instanceof ProtocolViolation || (error instanceof RequestFailure && error.isBreach)
}

function fields(peer: PeerId, error: unknown): LogFields {
  return { peer, reason: messageOf(error) }
}

/**
 * The one frame of an answer that has exactly one. Reads on to the end: a stream left unread is
 * reset, which looks like a failure to who answers.
 *
 * @param onFrame called at the moment it comes.
 */
export async function onlyFrame(
  frames: AsyncIterable<Uint8Array>,
  onFrame: () => void = () => {},
): Promise<Uint8Array> {
  let only: Uint8Array | undefined
  for await (const frame of frames) {
    if (only !== undefined) throw new ProtocolViolation('the answer has more than one frame')
    only = frame
    onFrame()
  }
  if (only === undefined) throw new ProtocolViolation('the answer is empty')
  return only
}

/** The items of an RLP list. Throws a {@link ProtocolViolation} for everything else. */
export function itemsOf(data: Uint8Array): readonly RlpItem[] {
  const item = decodeRlp(data)
  if (typeof item === 'string') throw new ProtocolViolation(`not canonical RLP: ${item}`)
  if (item instanceof Uint8Array) throw new ProtocolViolation('expected a list')
  return item
}

/** The items of an RLP list of `count` items. */
export function listOf(data: Uint8Array, count: number): readonly RlpItem[] {
  const items = itemsOf(data)
  if (items.length !== count) throw new ProtocolViolation(`expected a list of ${count} items`)
  return items
}

/** A byte string of at most `maxBytes`. */
export function bytesOf(item: RlpItem | undefined, maxBytes: number): Uint8Array {
  if (!(item instanceof Uint8Array) || item.length > maxBytes)
    throw new ProtocolViolation(`expected up to ${maxBytes} bytes`)
  return item
}

/**
 * Text of plain characters (0x20 to 0x7e) of at most `maxBytes`: it is sent on and goes to logs,
 * and other bytes would come out longer than they came in.
 */
export function plainTextOf(item: RlpItem | undefined, maxBytes: number): string {
  const bytes = bytesOf(item, maxBytes)
  if (!bytes.every((byte) => byte >= 0x20 && byte <= 0x7e))
    throw new ProtocolViolation('text has plain characters')
  return new TextDecoder().decode(bytes)
}

/** 32 bytes. */
export function hashOf(item: RlpItem | undefined): Uint8Array {
  if (!(item instanceof Uint8Array) || item.length !== 32)
    throw new ProtocolViolation('expected the 32 bytes of a hash')
  return item
}

/** An integer without leading zeros of at most `maxBytes`. */
export function integerOf(item: RlpItem | undefined, maxBytes: number): bigint {
  const bytes = bytesOf(item, maxBytes)
  if (bytes[0] === 0) throw new ProtocolViolation('an integer has no leading zeros')
  return bytesToBigint(bytes)
}

/** A list of 32-byte hashes, `maxCount` at most. */
export function hashesOf(item: RlpItem | undefined, maxCount: number): readonly Uint8Array[] {
  if (item === undefined || item instanceof Uint8Array || item.length > maxCount)
    throw new ProtocolViolation(`expected a list of at most ${maxCount} hashes`)
  return item.map(hashOf)
}

/** An integer as RLP carries it: big-endian, without leading zeros, nothing for 0. */
export function integer(value: bigint | number): Uint8Array {
  return bigintToBytes(BigInt(value))
}
