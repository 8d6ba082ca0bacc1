/**
 * Fetches canonical blocks again whose records on disk turned out to be damaged, soon after
 * somebody asked for one: one block at a time, from one peer after another.
 */
import type { Block } from '../../block/block.ts'
import type { DamagedBlock } from '../../chain/store/blockStore.ts'
import type { Chain } from '../../chain/chain.ts'
import type { Hash } from '../../crypto/keccak.ts'
import type { Network, PeerId } from '../../gossip/network.ts'
import { messageOf } from '../../lib/assert.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Unsubscribe } from '../../lib/emitter.ts'
import type { Logger } from '../../lib/log.ts'
import { sample, type Random } from '../../lib/random.ts'
import { fetchBlock } from './blockRequests.ts'
import { MAX_REPAIR_ATTEMPTS, MAX_WAITING_REPAIRS, REPAIR_RETRY_MS } from '../limits.ts'
import { ProtocolViolation, type Requests } from '../protocol.ts'
import { sendersOf, type SenderParts } from './rangeImport.ts'

/** What damaged blocks are found, fetched and mended with. */
export interface BlockRepairParts extends SenderParts {
  readonly network: Pick<Network, 'peers'>
  readonly requests: Requests
  readonly chain: Pick<Chain, 'damaged' | 'mend'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

/** Fetches damaged blocks again, one at a time. */
export class BlockRepair {
  readonly #parts: BlockRepairParts
  readonly #waiting = new Map<Hash, DamagedBlock>()
  /** When each was tried last, monotonic ms. */
  readonly #tried = new BoundedMap<Hash, number>(MAX_WAITING_REPAIRS)
  #unsubscribe: Unsubscribe = () => {}
  #isRunning = false

  constructor(parts: BlockRepairParts) {
    this.#parts = parts
  }

  start(): void {
    this.#unsubscribe = this.#parts.chain.damaged.on((block) => this.#enqueue(block))
  }

  stop(): void {
    this.#unsubscribe()
    this.#waiting.clear()
  }

  #enqueue(block: DamagedBlock): void {
    const triedMs = this.#tried.peek(block.hash) ?? -Infinity
    if (this.#parts.clock.monotonicMs() - triedMs < REPAIR_RETRY_MS) return
    if (this.#waiting.size >= MAX_WAITING_REPAIRS) return
    this.#waiting.set(block.hash, block)
    void this.#run()
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    for (const [hash, block] of this.#waiting) {
      this.#tried.set(hash, this.#parts.clock.monotonicMs())
      await this.#repair(block)
      this.#waiting.delete(hash)
    }
    this.#isRunning = false
  }

  async #repair({ hash, number }: DamagedBlock): Promise<void> {
    const { network, random, log } = this.#parts
    const peers = network.peers().map(({ id }) => id)
    for (const peer of sample(random, peers, MAX_REPAIR_ATTEMPTS)) {
      if (!this.#waiting.has(hash)) return
      if (!(await this.#askPeer(peer, hash))) continue
      log.info('a damaged block came again from a peer', { block: Number(number), peer })
      return
    }
    log.warn('no peer has a block that is damaged on disk', { block: Number(number), hash })
  }

  async #askPeer(peer: PeerId, hash: Hash): Promise<boolean> {
    const { requests, log } = this.#parts
    try {
      const block = await fetchBlock(requests, peer, hash)
      return block !== undefined && (await this.#mend(block))
    } catch (error) {
      log.debug('a damaged block could not be fetched', {
        peer,
        block: hash,
        reason: messageOf(error),
      })
      requests.blame(peer, error)
      return false
    }
  }

  /** The hash is the one that was asked for: if it is not taken, the body is another. */
  async #mend(block: Block): Promise<boolean> {
    const { chain } = this.#parts
    const outcome = chain.mend(block, await sendersOf(this.#parts, block))
    if (outcome === 'another-block')
      throw new ProtocolViolation(`served block ${block.hash} with another body`)
    return outcome === 'mended'
  }
}
