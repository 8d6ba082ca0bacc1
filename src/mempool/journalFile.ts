/**
 * The form of a journal: a line that names it, then records one after another. A record is the
 * length of its payload and a CRC-32 of that length and the payload (4 bytes each, the highest
 * first), and the payload.
 *
 * Whoever writes may end in the midst of a record, and a disk may change any bit: reading stops at
 * the first record that is not as it was written, and what stands before it counts.
 */
import { crc32 } from 'node:zlib'

/** The first bytes of a journal: what it is, and its version. */
export const JOURNAL_HEADER = new TextEncoder().encode('grapevine journal 1\n')

/** The largest payload: a transaction as every Ethereum client relays it. */
export const MAX_PAYLOAD_BYTES = 131_072
const PREFIX_BYTES = 8
const LENGTH_BYTES = 4
/** Memory of a piece at first, and the most that is kept from a larger one. */
const PIECE_BYTES = 65_536
const MAX_KEPT_BYTES = 1_048_576

/** What was read from a journal. */
export interface JournalContent {
  readonly payloads: readonly Uint8Array[]
  /** Up to the end of the last good record; 0 where the file is no journal. */
  readonly goodBytes: number
}

/**
 * Records one after another in one piece of memory, which is used again: one that was cleared is as
 * good as new.
 */
export class RecordPiece {
  #memory = Buffer.allocUnsafe(PIECE_BYTES)
  #length = 0

  /** What was added, as it stands in the file; good until the next change. */
  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#length)
  }

  add(payload: Uint8Array): void {
    const [start, end] = [this.#length, this.#length + PREFIX_BYTES + payload.length]
    if (end > this.#memory.length) this.#grow(end)
    this.#length = end
    writeRecord(this.#memory.subarray(start, end), payload)
  }

  clear(): void {
    this.#length = 0
    if (this.#memory.length > MAX_KEPT_BYTES) this.#memory = Buffer.allocUnsafe(PIECE_BYTES)
  }

  #grow(bytes: number): void {
    const memory = Buffer.allocUnsafe(Math.max(bytes, 2 * this.#memory.length))
    memory.set(this.bytes)
    this.#memory = memory
  }
}

/** While both are summed the length stands beside the payload, so that it takes one call. */
function writeRecord(record: Buffer, payload: Uint8Array): void {
  record.set(payload, PREFIX_BYTES)
  record.writeUInt32BE(payload.length, LENGTH_BYTES)
  const checksum = crc32(record.subarray(LENGTH_BYTES))
  record.writeUInt32BE(payload.length, 0)
  record.writeUInt32BE(checksum, LENGTH_BYTES)
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
