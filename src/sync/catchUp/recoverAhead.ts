import type { Block } from '../../block/block.ts'
import type { Senders } from '../../tx/senders.ts'
import { RECOVERED_AHEAD_BLOCKS } from '../limits.ts'

/**
 * Recovers the senders of blocks that will be imported, so that the verifier's thread works while
 * this one executes earlier blocks. Who imports a block finds them known, or under way, or asks for
 * them itself.
 */
export class RecoverAhead {
  readonly #senders: Pick<Senders, 'known' | 'recover'>
  #waiting: Block[] = []
  #underWay = 0

  constructor(senders: Pick<Senders, 'known' | 'recover'>) {
    this.#senders = senders
  }

  /** Blocks that are here; the number of those that wait is bounded by who holds them. */
  add(blocks: readonly Block[]): void {
    for (const block of blocks) this.#waiting.push(block)
    this.#waiting.sort((a, b) => Number(a.header.number - b.header.number))
    this.#next()
  }

  clear(): void {
    this.#waiting = []
  }

  #next(): void {
    while (this.#underWay < RECOVERED_AHEAD_BLOCKS) {
      const block = this.#waiting.shift()
      if (block === undefined) return
      void this.#recover(block)
    }
  }

  async #recover(block: Block): Promise<void> {
    this.#underWay++
    const unknown = block.transactions.filter((tx) => this.#senders.known(tx.hash) === undefined)
    await Promise.all(unknown.map((tx) => this.#senders.recover(tx, 'block')))
    this.#underWay--
    this.#next()
  }
}
