/** Bytes, hex text and big-endian integers: the conversions every other folder leans on. */

/** `0x`-prefixed lower-case hex text. */
export type Hex = `0x${string}`

/** No bytes; shared, so that none are made for it. */
export const EMPTY_BYTES = new Uint8Array(0)

const HEX_TEXT = /^0x[0-9a-fA-F]*$/

/**
 * Digests, addresses and words are written out here. The engine keeps arrays of up to 64 bytes
 * within its heap, and a view of one would first move it out; and text made in one piece is a
 * quicker map key than text put together.
 */
const SHORT_BYTES = 64
const shortText = Buffer.from(`0x${'00'.repeat(SHORT_BYTES)}`, 'latin1')
const DIGITS = Buffer.from('0123456789abcdef', 'latin1')

/** `0x`-prefixed lower-case hex of `bytes`. */
export function bytesToHex(bytes: Uint8Array): Hex {
  return bytes.length <= SHORT_BYTES ? shortHex(bytes) : `0x${viewOf(bytes).toString('hex')}`
}

function shortHex(bytes: Uint8Array): Hex {
  let end = 2
  for (const byte of bytes) {
    shortText[end++] = DIGITS[byte >> 4] ?? 0
    shortText[end++] = DIGITS[byte & 0x0f] ?? 0
  }
  return shortText.toString('latin1', 0, end) as Hex
}

/**
 * Bytes of hex text; throws a TypeError for anything else. For text from outside use
 * {@link parseHex}.
 */
export function hexToBytes(text: string): Uint8Array {
  const bytes = parseHex(text)
  if (bytes === undefined)
    throw new TypeError(`hexToBytes: not 0x-prefixed hex of whole bytes: ${text.slice(0, 80)}`)
  return bytes
}

/**
 * Bytes of `0x`-prefixed hex text of whole bytes, `undefined` for every other value. Never throws.
 */
export function parseHex(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string' || text.length % 2 !== 0 || !HEX_TEXT.test(text)) return undefined
  return plainBytes(Buffer.from(text.slice(2), 'hex'))
}

/** Big-endian unsigned integer of `bytes`; empty bytes are 0. */
export function bytesToBigint(bytes: Uint8Array): bigint {
  const length = bytes.length
  if (length === 0) return 0n
  if (length <= 6) return BigInt(viewOf(bytes).readUIntBE(0, length))
  if (length === 8) return viewOf(bytes).readBigUInt64BE(0)
  return BigInt(bytesToHex(bytes))
}

/**
 * Big-endian bytes of a non-negative integer without leading zeros; 0 is empty (RLP's form of an
 * integer).
 */
export function bigintToBytes(value: bigint): Uint8Array {
  if (value < 0n) throw new RangeError(`bigintToBytes: negative value ${value}`)
  if (value === 0n) return EMPTY_BYTES
  const digits = value.toString(16)
  return plainBytes(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'))
}

/** Big-endian bytes of a non-negative integer, padded with zeros on the left to `length` bytes. */
export function bigintToFixedBytes(value: bigint, length: number): Uint8Array {
  const minimal = bigintToBytes(value)
  if (minimal.length > length)
    throw new RangeError(`bigintToFixedBytes: ${value} needs more than ${length} bytes`)
  const padded = new Uint8Array(length)
  padded.set(minimal, length - minimal.length)
  return padded
}

/** All parts one after another, as a copy. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Whether both are the same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && viewOf(a).equals(b)
}

/** Lexicographic order: negative, zero or positive as Array.prototype.sort wants it. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b)
}

/** A Buffer over the same memory: Node's native conversions without a copy. */
function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * Received bytes as whoever keeps them should have them: a plain Uint8Array, since `slice` of a
 * Buffer does not copy, and a copy where they are a small part of a larger read, which they would
 * keep alive. Bytes that are so already are answered themselves, so that what is remembered of them
 * is found again.
 */
export function ownedBytes(data: Uint8Array): Uint8Array {
  if (data.buffer.byteLength > 2 * data.length) return new Uint8Array(data)
  return Buffer.isBuffer(data) ? plainBytes(data) : data
}

/**
 * A plain Uint8Array over a Buffer's memory, so that deep equality and printing see ordinary bytes.
 */
function plainBytes(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
