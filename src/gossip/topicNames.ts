import type { Hash } from '../crypto/keccak.ts'
import type { ItemKind } from '../trace/trace.ts'

/** Version of the wire format of both topics. */
const VERSION = 1

/**
 * First byte of a message id. Without it the bytes of a transaction sent on the block topic would mark the
 * transaction as seen, and its real message would be dropped.
 */
export const KIND_BYTES: Readonly<Record<ItemKind, number>> = { tx: 1, block: 2 }

/** Keccak-256 digests have 32 bytes; the kind byte stands before. */
const MESSAGE_ID_BYTES = 33

/** What tells one network from another on the wire: the first 4 bytes of the genesis hash, in hex without `0x`. */
export function networkId(genesisHash: Hash): string {
  return genesisHash.slice(2, 10)
}

/** The topic on which items of `kind` travel, such as `/grapevine/d4e56740/tx/1`. */
export function topicName(genesisHash: Hash, kind: ItemKind): string {
  return `/grapevine/${networkId(genesisHash)}/${kind}/${VERSION}`
}

/** Both topics of a network, the whole list of what its router may subscribe to. */
export function topicNames(genesisHash: Hash): Readonly<Record<ItemKind, string>> {
  return { tx: topicName(genesisHash, 'tx'), block: topicName(genesisHash, 'block') }
}

/**
 * The id under which the router deduplicates: the kind byte and keccak256 of the payload, 33 bytes. For a
 * transaction the digest is its hash. `kindByte` is one of {@link KIND_BYTES}.
 */
export function messageId(kindByte: number, digest: Uint8Array): Uint8Array {
  const id = new Uint8Array(MESSAGE_ID_BYTES)
  id[0] = kindByte
  id.set(digest, 1)
  return id
}
