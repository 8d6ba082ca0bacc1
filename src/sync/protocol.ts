import type { Hash } from '../crypto/keccak.ts'
import type { Network, PeerId, RequestHandler } from '../gossip/network.ts'
import { networkId } from '../gossip/topicNames.ts'
import { bigintToBytes, bytesToBigint } from '../lib/bytes.ts'
import { decodeRlp, type RlpItem } from '../lib/rlp.ts'
import { PROTOCOL_LIMITS, type ProtocolName } from './limits.ts'

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

/** The request streams of one network: names and limits filled in. */
export interface Requests {
  handle(name: ProtocolName, handler: RequestHandler): Promise<void>
  send(to: PeerId, name: ProtocolName, request: Uint8Array): AsyncIterable<Uint8Array>
}

export function requestsOf(network: Network, genesisHash: Hash): Requests {
  return {
    handle: (name, handler) =>
      network.handle(protocolId(genesisHash, name), PROTOCOL_LIMITS[name], handler),
    send: (to, name, request) =>
      network.request(to, protocolId(genesisHash, name), PROTOCOL_LIMITS[name], request),
  }
}

/** The one frame of an answer that has exactly one. */
export async function onlyFrame(frames: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  for await (const frame of frames) return frame
  throw new ProtocolViolation('the answer is empty')
}

/** The items of an RLP list of `count` items. Throws a {@link ProtocolViolation} for everything else. */
export function listOf(data: Uint8Array, count: number): readonly RlpItem[] {
  const item = decodeRlp(data)
  if (typeof item === 'string') throw new ProtocolViolation(`not canonical RLP: ${item}`)
  if (item instanceof Uint8Array || item.length !== count)
    throw new ProtocolViolation(`expected a list of ${count} items`)
  return item
}

/** A byte string of at most `maxBytes`, exactly `maxBytes` where `exact`. */
export function bytesOf(item: RlpItem | undefined, maxBytes: number, exact = false): Uint8Array {
  if (
    !(item instanceof Uint8Array) ||
    item.length > maxBytes ||
    (exact && item.length !== maxBytes)
  )
    throw new ProtocolViolation(`expected ${exact ? '' : 'up to '}${maxBytes} bytes`)
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
  return item.map((hash) => bytesOf(hash, 32, true))
}

export function integer(value: bigint | number): Uint8Array {
  return bigintToBytes(BigInt(value))
}
