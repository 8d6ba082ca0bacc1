/** Copies that wait until a collector takes them all. */
import { copyOutcome } from '../../instrument/readings/collector.ts'
import type { CopySource } from '../../instrument/port.ts'
import {
  FOLLOWED_KINDS,
  forEachKind,
  isFollowed,
  KINDS,
  type ItemKind,
} from '../../item/itemKinds.ts'
import { CopyColumns } from '../../measure/copyColumns.ts'
import type { Delivery } from '../../measure/delivery.ts'
import type { Sighting } from '../../trace/trace.ts'
import { BatchReader, BatchWriter, type CopyBatch, type KindOfCopy } from './copyBatch.ts'

/** A queue that is always emptied as a whole. */
export class CopyQueue implements CopySource {
  readonly #copies = new CopyColumns()
  readonly #counts = forEachKind(() => ({ first: 0, later: 0 }), FOLLOWED_KINDS)
  #hashes: string[] = []

  /**
   * Copies that a report lists one by one, of all that were ever added; `maxLater` is how many
   * duplicates of each kind.
   */
  listed(maxLater: number): number {
    return FOLLOWED_KINDS.reduce((sum, kind) => {
      const { first, later } = this.#counts[kind]
      return sum + first + Math.min(later, maxLater)
    }, 0)
  }

  /** `from` is the number of the sender; `undefined` where the item entered. */
  add(node: number, from: number | undefined, sighting: Sighting): void {
    const { receivedMs, judgedMs, queuedMs, route, action, bytes } = sighting
    const outcome = copyOutcome(action)
    const copy = { node, from, receivedMs, judgedMs, queuedMs, route, outcome, bytes }
    this.#copies.add(copy, KINDS.indexOf(sighting.kind))
    this.#hashes.push(sighting.hash)
    if (isFollowed(sighting.kind))
      this.#counts[sighting.kind][outcome === 'duplicate' ? 'later' : 'first']++
  }

  /** @param others what was seen in other threads, which is taken in at its places. */
  take(visit: (kind: ItemKind, copy: Delivery) => void, others: readonly CopyBatch[] = []): void {
    const readers = others.map((batch) => new BatchReader(batch))
    this.#takeOwn((kind, copy) => {
      if (readers.length > 0) this.#takeBefore(copy, readers, visit)
      visit(kind, copy)
    })
    this.#takeBefore({ judgedMs: Infinity, node: 0 }, readers, visit)
  }

  /** All that waits, for another thread. */
  handOver(): CopyBatch {
    const writer = new BatchWriter()
    this.#takeOwn((kind, copy) => writer.add({ kind, copy }))
    return writer.batch()
  }

  #takeOwn(visit: (kind: ItemKind, copy: Delivery) => void): void {
    const hashes = this.#hashes
    this.#hashes = []
    for (const row of this.#copies.inOrder()) {
      const kind = KINDS[this.#copies.item(row)]
      if (kind !== undefined) visit(kind, this.#copies.read(row, hashes[row] ?? ''))
    }
    this.#copies.clear()
  }

  #takeBefore(
    { judgedMs, node }: Pick<Delivery, 'judgedMs' | 'node'>,
    readers: readonly BatchReader[],
    visit: (kind: ItemKind, copy: Delivery) => void,
  ): void {
    for (;;) {
      let first: BatchReader | undefined
      for (const reader of readers)
        if (isBefore(reader, first ?? { judgedMs, node })) first = reader
      const taken = first?.take()
      if (taken === undefined) return
      this.#count(taken)
      visit(taken.kind, taken.copy)
    }
  }

  #count({ kind, copy }: KindOfCopy): void {
    if (isFollowed(kind)) this.#counts[kind][copy.outcome === 'duplicate' ? 'later' : 'first']++
  }
}

function isBefore(
  one: Pick<Delivery, 'judgedMs' | 'node'>,
  other: Pick<Delivery, 'judgedMs' | 'node'>,
): boolean {
  return one.judgedMs < other.judgedMs || (one.judgedMs === other.judgedMs && one.node < other.node)
}
