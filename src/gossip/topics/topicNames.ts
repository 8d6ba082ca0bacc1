import type { Hash } from '../../crypto/keccak.ts'
import {
  forEachKind,
  ITEM_KINDS,
  kindsOf,
  type ItemKind,
  type ItemKindRow,
  type ItemKindTable,
} from '../../item/itemKinds.ts'

/** Keccak-256 digests have 32 bytes; the kind byte stands before. */
const MESSAGE_ID_BYTES = 33

/**
 * What tells one network from another on the wire: the first 4 bytes of the genesis hash, in hex
 * without `0x`.
 */
export function networkId(genesisHash: Hash): string {
  return genesisHash.slice(2, 10)
}

/** The topic on which items of `kind` travel, such as `/grapevine/d4e56740/tx/1`. */
export function topicName(genesisHash: Hash, kind: ItemKind): string {
  return nameOf(genesisHash, ITEM_KINDS[kind])
}

/** The topics of a network by kind: the whole list of what its router may subscribe to. */
export function topicNames(genesisHash: Hash): Readonly<Record<ItemKind, string>>
export function topicNames<Kind extends string>(
  genesisHash: Hash,
  table: ItemKindTable<Kind>,
): Readonly<Record<Kind, string>>
export function topicNames(
  genesisHash: Hash,
  table: ItemKindTable<string> = ITEM_KINDS,
): Readonly<Record<string, string>> {
  return forEachKind((kind) => nameOf(genesisHash, rowOf(table, kind)), kindsOf(table))
}

/** The kind of item that stands in the name of a topic; `undefined` where it is none of ours. */
export function kindOfTopic(topic: string): ItemKind | undefined {
  const [, project, , name, version] = topic.split('/')
  if (project !== 'grapevine') return undefined
  return kindsOf(ITEM_KINDS).find(
    (kind) => ITEM_KINDS[kind].topic === name && String(ITEM_KINDS[kind].version) === version,
  )
}

/**
 * The id under which the router deduplicates: the kind byte and keccak256 of the payload, 33 bytes.
 * For a transaction the digest is its hash. `kindByte` is that of a row of {@link ITEM_KINDS}.
 */
export function messageId(kindByte: number, digest: Uint8Array): Uint8Array {
  const id = new Uint8Array(MESSAGE_ID_BYTES)
  id[0] = kindByte
  id.set(digest, 1)
  return id
}

function nameOf(genesisHash: Hash, { topic, version }: ItemKindRow): string {
  return `/grapevine/${networkId(genesisHash)}/${topic}/${version}`
}

function rowOf(table: ItemKindTable<string>, kind: string): ItemKindRow {
  const row = table[kind]
  if (row === undefined) throw new Error(`no such kind of item: ${kind}`)
  return row
}
