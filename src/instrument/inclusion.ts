import { firstAnswer } from './rpc/firstAnswer.ts'
import type { BlockAnswer, NetworkPort } from './port.ts'
import type { SubmittedTx } from './workload.ts'

/** Blocks that may pass before a transaction that is not included counts as left out. */
const INCLUSION_PERIODS = 6
/** Where blocks are further apart than this, nobody waits for one. */
const MAX_AWAITED_PERIOD_S = 60

/**
 * Ms that a run waits, after its load, for blocks to include what was accepted; `periodS` is
 * between two blocks.
 */
export function inclusionPatienceMs(periodS: number): number {
  return periodS > MAX_AWAITED_PERIOD_S ? 0 : INCLUSION_PERIODS * periodS * 1000
}

type SeenBlock = Pick<BlockAnswer, 'hash' | 'transactions'>

/**
 * Which transactions are in blocks of the canonical chain, as the first peer sees it that answers.
 * After a reorganisation it is the new chain that counts.
 */
export class Inclusion {
  readonly #network: Pick<NetworkPort, 'peers'>
  readonly #blocks = new Map<number, SeenBlock>()
  /** The number of the block that has a transaction. */
  readonly #included = new Map<string, number>()
  /** The first block that is looked at. */
  #first = 1
  #head = 0

  constructor(network: Pick<NetworkPort, 'peers'>) {
    this.#network = network
  }

  get count(): number {
    return this.#included.size
  }

  get head(): number {
    return this.#head
  }

  /** What is in blocks already does not count. */
  async start(): Promise<void> {
    const head = await firstAnswer(this.#network.peers, (peer) => peer.head())
    this.#head = head.number
    this.#first = this.#head + 1
  }

  async update(): Promise<void> {
    await firstAnswer(this.#network.peers, async (peer) => {
      const { number: head } = await peer.head()
      for (let number = head; number >= this.#first; number--) {
        const block = await peer.block(number)
        if (block === undefined || this.#blocks.get(number)?.hash === block.hash) break
        this.#replace(number, block)
      }
      for (const number of this.#blocks.keys()) if (number > head) this.#replace(number, undefined)
      this.#head = head
    })
  }

  has(hash: string): boolean {
    return this.#included.has(hash)
  }

  /** The number of the block that has it. */
  blockOf(hash: string): number | undefined {
    return this.#included.get(hash)
  }

  holdsAll(submissions: readonly SubmittedTx[]): boolean {
    return submissions.every(({ hash }) => this.#included.has(hash))
  }

  #replace(number: number, block: SeenBlock | undefined): void {
    for (const hash of this.#blocks.get(number)?.transactions ?? [])
      if (this.#included.get(hash) === number) this.#included.delete(hash)
    if (block === undefined) this.#blocks.delete(number)
    else this.#blocks.set(number, block)
    for (const hash of block?.transactions ?? []) this.#included.set(hash, number)
  }
}
