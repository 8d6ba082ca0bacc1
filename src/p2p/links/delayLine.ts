import { Uint8ArrayList } from 'uint8arraylist'
import { assert } from '../../lib/assert.ts'

interface Piece {
  readonly data: Uint8ArrayList
  /** When the serializer is done with it: until then it is backlog, from then on it travels. */
  readonly sentMs: number
  readonly dueMs: number
}

/**
 * Bytes on their way, first in, first out: each piece comes out when it is due and never before the
 * one ahead of it.
 */
export class DelayLine {
  #pieces: Piece[] = []
  #bytes = 0
  /** Pieces before this one have left the serializer. */
  #sent = 0
  #backlogBytes = 0
  #lastDueMs = 0

  /** All bytes in the line. */
  get bytes(): number {
    return this.#bytes
  }

  /** When the next piece is due; Infinity if there is none. */
  get nextDueMs(): number {
    return this.#pieces[0]?.dueMs ?? Infinity
  }

  push(data: Uint8ArrayList, sentMs: number, dueMs: number): void {
    this.#lastDueMs = Math.max(this.#lastDueMs, dueMs)
    this.#pieces.push({ data, sentMs, dueMs: this.#lastDueMs })
    this.#bytes += data.byteLength
    this.#backlogBytes += data.byteLength
  }

  /** Takes everything that is due at `nowMs`; `undefined` if nothing is. */
  take(nowMs: number): Uint8ArrayList | undefined {
    const found = this.#pieces.findIndex(({ dueMs }) => dueMs > nowMs)
    const count = found === -1 ? this.#pieces.length : found
    if (count === 0) return undefined
    this.#passSerializer(nowMs)
    const data = new Uint8ArrayList()
    for (const piece of this.#pieces.splice(0, count)) data.append(piece.data)
    this.#sent -= count
    this.#bytes -= data.byteLength
    return data
  }

  /** Bytes that the serializer has not sent by `nowMs`. */
  backlogBytes(nowMs: number): number {
    this.#passSerializer(nowMs)
    return this.#backlogBytes
  }

  /** When no more than `bytes` are left for the serializer. */
  backlogBelowMs(bytes: number): number {
    let left = this.#backlogBytes
    for (const piece of this.#pieces.slice(this.#sent)) {
      if (left <= bytes) break
      left -= piece.data.byteLength
      if (left <= bytes) return piece.sentMs
    }
    return 0
  }

  assertInvariants(): void {
    const sum = (pieces: readonly Piece[]): number =>
      pieces.reduce((bytes, { data }) => bytes + data.byteLength, 0)
    assert(this.#bytes === sum(this.#pieces), 'the bytes of a line are those of its pieces')
    assert(
      this.#backlogBytes === sum(this.#pieces.slice(this.#sent)),
      'the backlog is what the serializer has not sent',
    )
  }

  /** Whatever is due has been sent as well, since it is due no earlier. */
  #passSerializer(nowMs: number): void {
    for (let piece = this.#pieces[this.#sent]; piece !== undefined;) {
      if (piece.sentMs > nowMs) return
      this.#backlogBytes -= piece.data.byteLength
      piece = this.#pieces[++this.#sent]
    }
  }

  clear(): void {
    this.#pieces = []
    this.#bytes = 0
    this.#sent = 0
    this.#backlogBytes = 0
  }
}
