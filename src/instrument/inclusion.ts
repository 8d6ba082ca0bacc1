import type { MeasuredNetwork, MeasuredPeer } from './measuredNetwork.ts'
import { isRecord } from '../rpc/client/rpcClient.ts'
import type { Submission } from './workload.ts'

interface SeenBlock {
  readonly hash: string
  readonly transactions: readonly string[]
}

/**
 * Which transactions are in blocks of the canonical chain, as the first peer sees it that answers. After a
 * reorganisation it is the new chain that counts.
 */
export class Inclusion {
  readonly #network: Pick<MeasuredNetwork, 'peers'>
  readonly #blocks = new Map<number, SeenBlock>()
  /** The number of the block that has a transaction. */
  readonly #included = new Map<string, number>()
  /** The first block that is looked at. */
  #first = 1
  #head = 0

  constructor(network: Pick<MeasuredNetwork, 'peers'>) {
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
    this.#head = await this.#ask((peer) => headNumber(peer))
    this.#first = this.#head + 1
  }

  async update(): Promise<void> {
    await this.#ask(async (peer) => {
      const head = await headNumber(peer)
      for (let number = head; number >= this.#first; number--) {
        const block = await readBlock(peer, number)
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

  holdsAll(submissions: readonly Submission[]): boolean {
    return submissions.every(({ hash }) => this.#included.has(hash))
  }

  #replace(number: number, block: SeenBlock | undefined): void {
    for (const hash of this.#blocks.get(number)?.transactions ?? [])
      if (this.#included.get(hash) === number) this.#included.delete(hash)
    if (block === undefined) this.#blocks.delete(number)
    else this.#blocks.set(number, block)
    for (const hash of block?.transactions ?? []) this.#included.set(hash, number)
  }

  async #ask<T>(question: (peer: MeasuredPeer) => Promise<T>): Promise<T> {
    let failure: unknown = new Error('the network has no peer')
    for (const peer of this.#network.peers) {
      try {
        return await question(peer)
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }
}

async function headNumber({ rpc }: MeasuredPeer): Promise<number> {
  return Number(await rpc.call('eth_blockNumber'))
}

async function readBlock({ rpc }: MeasuredPeer, number: number): Promise<SeenBlock | undefined> {
  const block = await rpc.call('eth_getBlockByNumber', [`0x${number.toString(16)}`, false])
  if (!isRecord(block) || !Array.isArray(block['transactions'])) return undefined
  return {
    hash: String(block['hash']),
    transactions: block['transactions'].map(String),
  }
}
