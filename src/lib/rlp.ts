/**
 * Recursive length prefix, strict in both directions (Yellow Paper, appendix B).
 *
 * Every value has exactly one encoding and the decoder refuses all others: a longer form where a
 * shorter one fits, a length with leading zeros, trailing bytes, lengths past the end. Without this
 * one signed transaction would have many byte forms, each with its own hash, and deduplication by
 * hash would be bypassed.
 *
 * Decoding answers a defect as a word instead of throwing: bytes from a peer are often wrong, and
 * that is ordinary.
 */
import { EMPTY_BYTES } from './bytes.ts'

/** A string of bytes or a list of items (Yellow Paper, appendix B). */
export type RlpItem = Uint8Array | readonly RlpItem[]

/** The stable words for why bytes are no canonical RLP. */
export type RlpDefect =
  | 'rlp-empty'
  | 'rlp-truncated'
  | 'rlp-trailing-bytes'
  | 'rlp-non-canonical-size'
  | 'rlp-single-byte-prefixed'
  | 'rlp-too-deep'

/**
 * Ethereum's structures nest five deep; the bound keeps hostile nesting far from the call-stack
 * limit.
 */
export const MAX_RLP_DEPTH = 64

/**
 * One item that fills `data` exactly, or the reason why it is not canonical. Byte strings are views
 * into `data`.
 */
export function decodeRlp(data: Uint8Array): RlpItem | RlpDefect {
  if (data.length === 0) return 'rlp-empty'
  const reader: Reader = { data, at: 0, defect: undefined }
  const item = readItem(reader, data.length, 0)
  if (reader.defect !== undefined) return reader.defect
  return reader.at === data.length ? item : 'rlp-trailing-bytes'
}

/**
 * The length in bytes of the first item of `data`, or a defect. For streams of items one after
 * another, such as an exported chain. Looks at the item's prefix only.
 */
export function firstRlpItemLength(data: Uint8Array): number | RlpDefect {
  if (data.length === 0) return 'rlp-empty'
  const reader: Reader = { data, at: 0, defect: undefined }
  const prefix = data[0] ?? 0
  if (prefix < 0x80) return 1
  const length = prefix < 0xc0 ? readLength(reader, prefix, 0x80) : readLength(reader, prefix, 0xc0)
  return reader.defect ?? reader.at + length
}

/** The canonical encoding of `item`. */
export function encodeRlp(item: RlpItem): Uint8Array {
  const out = new Uint8Array(measure(item))
  write(item, out, 0)
  return out
}

/** The encoding of a list of items that are encoded already. */
export function encodeRlpList(parts: readonly Uint8Array[]): Uint8Array {
  const payload = parts.reduce((total, part) => total + part.length, 0)
  const out = new Uint8Array(prefixLength(payload) + payload)
  let at = writePrefix(payload, 0xc0, out, 0)
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

interface Reader {
  readonly data: Uint8Array
  at: number
  defect: RlpDefect | undefined
}

function readItem(reader: Reader, end: number, depth: number): RlpItem {
  const prefix = reader.data[reader.at] ?? 0
  if (prefix < 0x80) return reader.data.subarray(reader.at, ++reader.at)
  if (prefix >= 0xc0) return readList(reader, prefix, end, depth)
  const length = readLength(reader, prefix, 0x80)
  return readString(reader, length, end)
}

function readString(reader: Reader, length: number, end: number): Uint8Array {
  const start = reader.at
  if (reader.defect !== undefined || length > end - start) return fail(reader, 'rlp-truncated')
  if (length === 1 && (reader.data[start] ?? 0) < 0x80)
    return fail(reader, 'rlp-single-byte-prefixed')
  reader.at = start + length
  return reader.data.subarray(start, reader.at)
}

function readList(reader: Reader, prefix: number, end: number, depth: number): RlpItem {
  const length = readLength(reader, prefix, 0xc0)
  if (depth >= MAX_RLP_DEPTH) return fail(reader, 'rlp-too-deep')
  if (reader.defect !== undefined || length > end - reader.at) return fail(reader, 'rlp-truncated')
  const listEnd = reader.at + length
  const items: RlpItem[] = []
  while (reader.at < listEnd) {
    items.push(readItem(reader, listEnd, depth + 1))
    if (reader.defect !== undefined) return items
  }
  return items
}

/**
 * Reads the prefix at the cursor and leaves the cursor at the payload. `base` is 0x80 for strings,
 * 0xc0 for lists.
 */
function readLength(reader: Reader, prefix: number, base: number): number {
  reader.at += 1
  const short = prefix - base
  if (short <= 55) return short
  const lengthBytes = short - 55
  if (reader.at + lengthBytes > reader.data.length) {
    fail(reader, 'rlp-truncated')
    return 0
  }
  return readLongLength(reader, lengthBytes)
}

function readLongLength(reader: Reader, lengthBytes: number): number {
  let length = 0
  for (let i = 0; i < lengthBytes; i++) length = length * 256 + (reader.data[reader.at + i] ?? 0)
  const leadingZero = reader.data[reader.at] === 0
  reader.at += lengthBytes
  if (leadingZero || length <= 55) fail(reader, 'rlp-non-canonical-size')
  return length
}

/** Keeps the first defect: what follows it is noise. */
function fail(reader: Reader, defect: RlpDefect): Uint8Array {
  reader.defect ??= defect
  return EMPTY_BYTES
}

function measure(item: RlpItem): number {
  if (item instanceof Uint8Array) {
    if (item.length === 1 && (item[0] ?? 0) < 0x80) return 1
    return prefixLength(item.length) + item.length
  }
  const length = payloadLength(item)
  return prefixLength(length) + length
}

function payloadLength(items: readonly RlpItem[]): number {
  let length = 0
  for (const item of items) length += measure(item)
  return length
}

function prefixLength(length: number): number {
  return length <= 55 ? 1 : 1 + lengthOfLength(length)
}

function lengthOfLength(length: number): number {
  let bytes = 1
  for (let rest = Math.floor(length / 256); rest > 0; rest = Math.floor(rest / 256)) bytes++
  return bytes
}

function write(item: RlpItem, out: Uint8Array, at: number): number {
  if (item instanceof Uint8Array) return writeString(item, out, at)
  let next = writePrefix(payloadLength(item), 0xc0, out, at)
  for (const child of item) next = write(child, out, next)
  return next
}

function writeString(bytes: Uint8Array, out: Uint8Array, at: number): number {
  if (bytes.length === 1 && (bytes[0] ?? 0) < 0x80) {
    out[at] = bytes[0] ?? 0
    return at + 1
  }
  const next = writePrefix(bytes.length, 0x80, out, at)
  out.set(bytes, next)
  return next + bytes.length
}

function writePrefix(length: number, base: number, out: Uint8Array, at: number): number {
  if (length <= 55) {
    out[at] = base + length
    return at + 1
  }
  const lengthBytes = lengthOfLength(length)
  out[at] = base + 55 + lengthBytes
  let rest = length
  for (let i = lengthBytes; i > 0; i--) {
    out[at + i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  return at + 1 + lengthBytes
}
