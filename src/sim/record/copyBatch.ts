/** Copies on their way from one thread to another: plain numbers, and the hashes that they name. */
import type { ItemKind } from '../../item/itemKinds.ts'
import { KINDS } from '../../item/itemKinds.ts'
import { ROUTES } from '../../item/route.ts'
import { OUTCOMES } from '../../measure/copyColumns.ts'
import type { Delivery } from '../../measure/delivery.ts'

/** By when they were judged and by node. */
export interface CopyBatch {
  readonly rows: Float64Array
  readonly hashes: readonly string[]
}

/** A copy of an item of some kind. */
export interface KindOfCopy {
  readonly kind: ItemKind
  readonly copy: Delivery
}

const WIDTH = 10
const NOBODY = -1

/** Packs copies, which must come by when they were judged and by node. */
export class BatchWriter {
  readonly #rows: number[] = []
  readonly #hashes = new Map<string, number>()

  add({ kind, copy }: KindOfCopy): void {
    const known = this.#hashes.get(copy.hash)
    const hash = known ?? this.#hashes.size
    if (known === undefined) this.#hashes.set(copy.hash, hash)
    this.#rows.push(copy.judgedMs, copy.node, hash, KINDS.indexOf(kind), copy.from ?? NOBODY)
    this.#rows.push(copy.receivedMs, copy.queuedMs, copy.bytes)
    this.#rows.push(ROUTES.indexOf(copy.route), OUTCOMES.indexOf(copy.outcome))
  }

  batch(): CopyBatch {
    return { rows: Float64Array.from(this.#rows), hashes: [...this.#hashes.keys()] }
  }
}

/** Unpacks them in their order. */
export class BatchReader {
  readonly #batch: CopyBatch
  #at = 0

  constructor(batch: CopyBatch) {
    this.#batch = batch
  }

  /** When the next one was judged; Infinity after the last. */
  get judgedMs(): number {
    return this.#batch.rows[this.#at] ?? Infinity
  }

  /** Where the next one was. */
  get node(): number {
    return this.#batch.rows[this.#at + 1] ?? Infinity
  }

  take(): KindOfCopy | undefined {
    const { rows, hashes } = this.#batch
    const value = (column: number): number => rows[this.#at + column] ?? 0
    const kind = KINDS[value(3)]
    if (this.#at >= rows.length || kind === undefined) return undefined
    const from = value(4)
    const copy: Delivery = {
      hash: hashes[value(2)] ?? '',
      node: value(1),
      from: from === NOBODY ? undefined : from,
      receivedMs: value(5),
      judgedMs: value(0),
      queuedMs: value(6),
      bytes: value(7),
      route: ROUTES[value(8)] ?? 'push',
      outcome: OUTCOMES[value(9)] ?? 'refused',
    }
    this.#at += WIDTH
    return { kind, copy }
  }
}
