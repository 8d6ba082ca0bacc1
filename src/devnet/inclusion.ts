import type { MeasuredNetwork } from './measuredNetwork.ts'
import { isRecord } from './rpcClient.ts'
import type { Submission } from './workload.ts'

/** Which transactions are in blocks of the canonical chain, as the first peer sees it. */
export class Inclusion {
  readonly #network: MeasuredNetwork
  readonly #included = new Set<string>()
  #head = 0

  constructor(network: MeasuredNetwork) {
    this.#network = network
  }

  get count(): number {
    return this.#included.size
  }

  get head(): number {
    return this.#head
  }

  async start(): Promise<void> {
    this.#head = await this.#headNumber()
  }

  async update(): Promise<void> {
    const head = await this.#headNumber()
    for (let number = this.#head + 1; number <= head; number++) await this.#read(number)
    this.#head = head
  }

  has(hash: string): boolean {
    return this.#included.has(hash)
  }

  holdsAll(submissions: readonly Submission[]): boolean {
    return submissions.every(({ hash }) => this.#included.has(hash))
  }

  async #headNumber(): Promise<number> {
    return Number(await this.#network.peers[0]?.rpc.call('eth_blockNumber'))
  }

  async #read(number: number): Promise<void> {
    const block = await this.#network.peers[0]?.rpc.call('eth_getBlockByNumber', [
      `0x${number.toString(16)}`,
      false,
    ])
    if (!isRecord(block) || !Array.isArray(block['transactions'])) return
    for (const hash of block['transactions']) this.#included.add(String(hash))
  }
}
