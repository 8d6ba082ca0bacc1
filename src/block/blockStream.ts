/**
 * Blocks one after another in RLP, nothing between them: the form in which clients export and
 * import chains.
 *
 * Memory is bounded by one block and one piece of the source: a length that no block can have is a
 * defect before its bytes are waited for.
 */
import { messageOf } from '../lib/assert.ts'
import { firstRlpItemLength } from '../lib/rlp.ts'
import { decodeBlock, type Block } from './block.ts'
import { isBlockDefect } from './defect.ts'
import { MAX_BLOCK_BYTES } from './limits.ts'

/** A block and where its first byte stands in the stream. */
export interface StreamedBlock {
  readonly block: Block
  readonly offset: number
}

/** Why nothing after `offset` can be read. */
export interface StreamDefect {
  readonly defect: string
  readonly message: string
  readonly offset: number
}

/** The longest prefix that says how long an RLP item is. */
const MAX_PREFIX_BYTES = 9

/**
 * The blocks of a stream, in order. The first defect, that of a source that fails included, is the
 * last thing it yields: after it nobody can tell where the next block begins.
 */
export async function* readBlocks(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<StreamedBlock | StreamDefect, void, undefined> {
  const pieces = new Pieces(source)
  let offset = 0
  for (;;) {
    const read = await readNext(pieces, offset)
    if (read === undefined) return
    yield read
    if ('defect' in read) return
    offset += read.block.raw.length
  }
}

async function readNext(
  pieces: Pieces,
  offset: number,
): Promise<StreamedBlock | StreamDefect | undefined> {
  try {
    return (await pieces.fill(1)) ? await readBlock(pieces, offset) : undefined
  } catch (error) {
    return { defect: 'unreadable', message: `it cannot be read on: ${messageOf(error)}`, offset }
  }
}

async function readBlock(pieces: Pieces, offset: number): Promise<StreamedBlock | StreamDefect> {
  await pieces.fill(MAX_PREFIX_BYTES)
  const length = firstRlpItemLength(pieces.peek(MAX_PREFIX_BYTES))
  if (typeof length === 'string')
    return { defect: length, message: 'the length of a block cannot be read', offset }
  if (length > MAX_BLOCK_BYTES)
    return {
      defect: 'block-too-large',
      message: `what stands here says it has ${length} bytes, a block has at most ${MAX_BLOCK_BYTES}`,
      offset,
    }
  if (!(await pieces.fill(length)))
    return {
      defect: 'rlp-truncated',
      message: `it ends ${pieces.length} bytes into a block of ${length}`,
      offset,
    }
  const block = decodeBlock(pieces.take(length))
  return isBlockDefect(block)
    ? { defect: block.reason, message: block.message, offset }
    : { block, offset }
}

/** What a source gave and nobody has taken yet. */
class Pieces {
  readonly #source: AsyncIterator<Uint8Array>
  readonly #pieces: Uint8Array[] = []
  #length = 0

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  get length(): number {
    return this.#length
  }

  /** Reads on until there are `length` bytes; false where the source ends before. */
  async fill(length: number): Promise<boolean> {
    while (this.#length < length) {
      const { done, value } = await this.#source.next()
      if (done === true) return false
      this.#pieces.push(value)
      this.#length += value.length
    }
    return true
  }

  /** The first `length` bytes, or what there is of them. They stay. */
  peek(length: number): Uint8Array {
    const bytes = new Uint8Array(Math.min(length, this.#length))
    let at = 0
    for (const piece of this.#pieces) {
      if (at === bytes.length) break
      const part = piece.subarray(0, bytes.length - at)
      bytes.set(part, at)
      at += part.length
    }
    return bytes
  }

  /**
   * Removes the first `length` bytes, which must be there; a copy, so that the pieces do not live
   * on in it.
   */
  take(length: number): Uint8Array {
    const bytes = this.peek(length)
    let left = length
    while (left > 0) {
      const piece = this.#pieces.shift()
      if (piece === undefined) break
      if (piece.length > left) this.#pieces.unshift(piece.subarray(left))
      left -= piece.length
    }
    this.#length -= length
    return bytes
  }
}
