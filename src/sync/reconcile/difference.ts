/**
 * The two sides of one comparison of sets, without a network: one asks, the other answers.
 *
 * SPECIFICATION
 *
 * The asker sends the first cells of its sketch (sketch.ts); the answerer subtracts its own,
 * decodes, and answers either with the difference or that it needs more. Each request has a
 * multiple of the cells so far. Where the sketch would cost more than the bare ids, these are sent
 * instead: so no pair of sets costs more than twice such a list, and every honest session ends with
 * the difference.
 *
 * Both learn the whole difference: the asker is told the hashes that it lacks, those of lower order
 * first, and the ids of those that the answerer lacks, which it can name by hash.
 *
 * Cost for a difference of d: one request of 60 bytes for none; O(d) bytes and O(log d) round trips
 * otherwise.
 *
 * Hostile input: a side that contradicts itself throws a ProtocolViolation at the other; sizes,
 * cells and ids of a session are bounded by what is compared at most. The worst a false sketch does
 * is to name what is not there.
 */
import type { Hash } from '../../crypto/keccak.ts'
import { decodeIds, encodeIds, ID_BYTES, type ReconcileSet } from './reconcileSet.ts'
import { ProtocolViolation } from '../protocol.ts'
import {
  CELL_GROWTH,
  CELLS_PER_DIFFERENCE,
  EARLY_CELL_GROWTH,
  EARLY_CELLS,
  FIRST_CELLS,
  MAX_COMPARE_BYTES,
  MAX_RECONCILED,
} from './reconcileLimits.ts'
import {
  decodeAnswer,
  decodeDifference,
  type CompareAnswer,
  type CompareRequest,
  type DifferencePart,
} from './messages.ts'
import { CELL_BYTES, Sketch, SketchDecoder } from './sketch.ts'

const MAX_REQUEST_CELLS = Math.floor(MAX_COMPARE_BYTES / CELL_BYTES)
const MAX_REQUEST_IDS = Math.floor(MAX_COMPARE_BYTES / ID_BYTES)

/** What one side has and the other lacks; by hash and in their order. */
export interface Difference {
  /** The asker lacks these. */
  readonly asker: readonly Hash[]
  /** The answerer lacks these. */
  readonly answerer: readonly Hash[]
}

/**
 * The side that asks: it sends cells of its set until the other can read the difference from them.
 */
export class DifferenceAsker {
  readonly #set: ReconcileSet
  readonly #sketch: Sketch
  #cells = 0
  #ids = 0
  #isListing = false
  #answer: CompareAnswer | undefined
  #theirSize = 0
  readonly #lacking = new Set<Hash>()
  readonly #lackedIds = new Set<number>()

  constructor(set: ReconcileSet) {
    this.#set = set
    this.#sketch = new Sketch(set.ids)
  }

  /** Members of the answerer's set, by its own account. */
  get theirSize(): number {
    return this.#theirSize
  }

  /** The next request. */
  request(): CompareRequest {
    const count = this.#nextCells()
    this.#answer = undefined
    this.#isListing ||= (this.#cells + count) * CELL_BYTES >= this.#set.size * ID_BYTES
    return this.#isListing ? this.#listRequest() : this.#cellRequest(count)
  }

  /** Takes the next frame of the answer. */
  take(frame: Uint8Array): void {
    if (this.#answer === undefined) {
      this.#answer = decodeAnswer(frame)
      this.#theirSize = this.#answer.size
    } else if (this.#answer.state === 'found') this.#takePart(decodeDifference(frame))
    else throw new ProtocolViolation('the answer goes on after its end')
  }

  /** What the answer said, when it has ended. */
  end(): CompareAnswer['state'] {
    if (this.#answer === undefined) throw new ProtocolViolation('the answer is empty')
    const { state } = this.#answer
    if (state === 'more' && this.#isListing && this.#ids === this.#set.size)
      throw new ProtocolViolation('asks for more than there is')
    return state
  }

  /** The difference as far as it was told. */
  difference(): Difference {
    return { asker: [...this.#lacking], answerer: this.#set.hashes(this.#lackedIds) }
  }

  #cellRequest(count: number): CompareRequest {
    const from = this.#cells
    this.#cells += Math.min(count, MAX_REQUEST_CELLS)
    const { key, size } = this.#set
    return { form: 'cells', key, size, from, body: this.#sketch.cells(from, this.#cells) }
  }

  #listRequest(): CompareRequest {
    const from = this.#ids
    this.#ids = Math.min(from + MAX_REQUEST_IDS, this.#set.size)
    const { key, size, ids } = this.#set
    return { form: 'ids', key, size, from, body: encodeIds(ids.slice(from, this.#ids)) }
  }

  /** How many cells to send next. What the sizes differ by is a difference that is certain. */
  #nextCells(): number {
    if (this.#cells === 0) return FIRST_CELLS
    const certain = Math.abs(this.#set.size - this.#theirSize) * CELLS_PER_DIFFERENCE
    const growth = this.#cells < EARLY_CELLS ? EARLY_CELL_GROWTH : CELL_GROWTH
    return Math.ceil(Math.max(this.#cells * growth, certain)) - this.#cells
  }

  #takePart({ hashes, ids }: DifferencePart): void {
    if (hashes.length + ids.length === 0) throw new ProtocolViolation('a difference of nothing')
    for (const hash of hashes) {
      if (this.#lacking.has(hash) || this.#lacking.size === this.#theirSize)
        throw new ProtocolViolation('the difference has more than the set')
      this.#lacking.add(hash)
    }
    for (const id of ids) {
      if (this.#lackedIds.has(id) || !this.#set.hasMember(id))
        throw new ProtocolViolation('lacks what it was not told of')
      this.#lackedIds.add(id)
    }
  }
}

/** The side that answers: it takes cells until it can read the difference from them. */
export class DifferenceAnswerer {
  readonly #set: ReconcileSet
  readonly #decoder: SketchDecoder
  readonly #listed = new Set<number>()
  #listedCount = 0
  #difference: DifferencePart | undefined

  constructor(set: ReconcileSet) {
    this.#set = set
    this.#decoder = new SketchDecoder(new Sketch(set.ids))
  }

  /** The difference, once it is found. */
  get difference(): DifferencePart | undefined {
    return this.#difference
  }

  /** Takes a request of this session; answers what to say. */
  take(request: CompareRequest): CompareAnswer {
    if (this.#difference !== undefined) throw new ProtocolViolation('the difference was told')
    if (request.form === 'cells') this.#takeCells(request)
    else this.#takeIds(request)
    const state = this.#difference === undefined ? 'more' : 'found'
    return { state, size: this.#set.size }
  }

  #takeCells({ from, body }: CompareRequest): void {
    const count = this.#decoder.cellCount + body.length / CELL_BYTES
    if (from !== this.#decoder.cellCount || body.length === 0 || count > MAX_RECONCILED)
      throw new ProtocolViolation('cells out of order')
    this.#decoder.add(body)
    if (this.#decoder.isDone) this.#settle(this.#decoder.ids)
  }

  #takeIds({ from, body, size }: CompareRequest): void {
    this.#listedCount += body.length / ID_BYTES
    if (from !== this.#listedCount - body.length / ID_BYTES || this.#listedCount > size)
      throw new ProtocolViolation('ids out of order')
    if (body.length === 0 && size > 0) throw new ProtocolViolation('a list without ids')
    for (const id of decodeIds(body)) this.#listed.add(id)
    if (this.#listedCount < size) return
    const ours = this.#set.ids.filter((id) => !this.#listed.has(id))
    const theirs = [...this.#listed].filter((id) => !this.#set.hasMember(id))
    this.#settle([...ours, ...theirs])
  }

  /**
   * Splits what is in one set alone. What we know and do not show, such as a young transaction,
   * nobody lacks.
   */
  #settle(ids: Iterable<number>): void {
    const all = [...ids]
    this.#difference = {
      hashes: this.#set.hashes(all.filter((id) => this.#set.hasMember(id))),
      ids: all.filter((id) => !this.#set.has(id)),
    }
  }
}
