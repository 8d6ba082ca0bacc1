/** Copies that wait until a collector takes them all. */
import { copyOutcome } from '../../instrument/collector.ts'
import type { CopySource } from '../../instrument/port.ts'
import { KINDS, type ItemKind } from '../../item/itemKinds.ts'
import { CopyColumns } from '../../measure/copyColumns.ts'
import type { Delivery } from '../../measure/delivery.ts'
import type { Sighting } from '../../trace/trace.ts'

/** A queue that is always emptied as a whole. */
export class CopyQueue implements CopySource {
  readonly #copies = new CopyColumns()
  #hashes: string[] = []
  #total = 0

  /** All that were ever added. */
  get total(): number {
    return this.#total
  }

  /** `from` is the number of the sender; `undefined` where the item entered. */
  add(node: number, from: number | undefined, sighting: Sighting): void {
    const { receivedMs, judgedMs, queuedMs, route, action, bytes } = sighting
    const outcome = copyOutcome(action)
    const copy = { node, from, receivedMs, judgedMs, queuedMs, route, outcome, bytes }
    this.#copies.add(copy, KINDS.indexOf(sighting.kind))
    this.#hashes.push(sighting.hash)
    this.#total++
  }

  take(visit: (kind: ItemKind, copy: Delivery) => void): void {
    const hashes = this.#hashes
    this.#hashes = []
    for (const [row, hash] of hashes.entries()) {
      const kind = KINDS[this.#copies.item(row)]
      if (kind !== undefined) visit(kind, this.#copies.read(row, hash))
    }
    this.#copies.clear()
  }
}
