/**
 * The form of a journal: a line that names it, then records one after another. A record is the length of its payload
 * and a CRC-32 of that length and the payload (4 bytes each, the highest first), and the payload.
 *
 * Whoever writes may end in the midst of a record, and a disk may change any bit: reading stops at the first record that
 * is not as it was written, and what stands before it counts.
 */
import { crc32 } from 'node:zlib'

export const JOURNAL_HEADER = new TextEncoder().encode('grapevine journal 1\n')

/** The largest payload: a transaction as every Ethereum client relays it. */
export const MAX_PAYLOAD_BYTES = 131_072
const PREFIX_BYTES = 8
const LENGTH_BYTES = 4

export interface JournalContent {
  readonly payloads: readonly Uint8Array[]
  /** Up to the end of the last good record; 0 where the file is no journal. */
  readonly goodBytes: number
}

/** One record as it stands in the file. */
export function journalRecord(payload: Uint8Array): Uint8Array {
  const record = Buffer.allocUnsafe(PREFIX_BYTES + payload.length)
  record.writeUInt32BE(payload.length, 0)
  record.writeUInt32BE(crc32(payload, crc32(record.subarray(0, LENGTH_BYTES))), LENGTH_BYTES)
  record.set(payload, PREFIX_BYTES)
  return record
}

/** The good records of a file; never throws. The payloads are copies. */
export function readJournal(file: Uint8Array): JournalContent {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length)
  const header = bytes.subarray(0, JOURNAL_HEADER.length)
  if (!header.equals(JOURNAL_HEADER)) return { payloads: [], goodBytes: 0 }
  const payloads: Uint8Array[] = []
  let at = JOURNAL_HEADER.length
  for (;;) {
    const payload = payloadAt(bytes, at)
    if (payload === undefined) return { payloads, goodBytes: at }
    payloads.push(Uint8Array.from(payload))
    at += PREFIX_BYTES + payload.length
  }
}

function payloadAt(bytes: Buffer, at: number): Buffer | undefined {
  if (at + PREFIX_BYTES > bytes.length) return undefined
  const length = bytes.readUInt32BE(at)
  const start = at + PREFIX_BYTES
  if (length === 0 || length > MAX_PAYLOAD_BYTES || start + length > bytes.length) return undefined
  const payload = bytes.subarray(start, start + length)
  const checksum = crc32(payload, crc32(bytes.subarray(at, at + LENGTH_BYTES)))
  return checksum === bytes.readUInt32BE(at + LENGTH_BYTES) ? payload : undefined
}
