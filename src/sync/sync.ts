/** The pull side of the node, put together: handshake, discovery, requests, held blocks, catch-up, offers. */
import type { Block } from '../block/block.ts'
import type { Chain, ImportOutcome } from '../chain/chain.ts'
import type { Address } from '../crypto/address.ts'
import type { BlockImport } from '../gossip/blockImport.ts'
import type { Network, PeerId } from '../gossip/network.ts'
import type { Relay } from '../gossip/relay.ts'
import type { Clock } from '../lib/clock.ts'
import type { Unsubscribe } from '../lib/emitter.ts'
import type { Logger } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import type { Mempool } from '../mempool/mempool.ts'
import type { Senders } from '../tx/senders.ts'
import { serveBlocks } from './blockRequests.ts'
import { CatchUp, type CatchUpProgress } from './catchUp.ts'
import { Discovery } from './discovery.ts'
import { Handshake } from './handshake.ts'
import { HeldBlocks } from './heldBlocks.ts'
import { LONG_GAP_BLOCKS, SYNCING_GAP_BLOCKS } from './limits.ts'
import type { PeerBook } from './peerBook.ts'
import { PoolOffers } from './poolOffers.ts'
import { requestsOf } from './protocol.ts'
import { serveTransactions } from './txRequests.ts'

export interface SyncParts {
  readonly network: Network
  readonly chain: Chain
  readonly mempool: Mempool
  readonly senders: Senders
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly clientVersion: string
  readonly bootnodes: readonly string[]
  readonly targetPeers: number
}

export class Sync {
  readonly held: HeldBlocks
  readonly #parts: SyncParts
  readonly #handshake: Handshake
  readonly #discovery: Discovery
  readonly #catchUp: CatchUp
  readonly #offers: PoolOffers
  readonly #serve: () => Promise<unknown>
  readonly #ends: Unsubscribe[] = []
  #relay: Relay | undefined

  constructor(parts: SyncParts) {
    const { network, chain, mempool } = parts
    const requests = requestsOf(network, chain.genesis.hash)
    const common = { ...parts, requests }
    this.#parts = parts
    this.#handshake = new Handshake(common)
    this.#discovery = new Discovery(common)
    this.#catchUp = new CatchUp({
      ...common,
      book: this.#handshake.book,
      importBlock: (block) => this.#import(block),
    })
    this.#offers = new PoolOffers({
      ...common,
      take: (raw, from) => this.#takeTransaction(raw, from),
    })
    this.held = new HeldBlocks({
      ...common,
      has: (hash) => chain.has(hash),
      take: (block, from) => this.#takeBlock(block, from),
      onLongGap: (block) => this.#onLongGap(block),
    })
    this.#serve = () =>
      Promise.all([serveBlocks(requests, chain), serveTransactions(requests, mempool)])
  }

  get book(): PeerBook {
    return this.#handshake.book
  }

  /** Where catching up stands; `undefined` while the node is in step with its peers. */
  progress(): CatchUpProgress | undefined {
    const progress = this.#catchUp.progress
    if (progress === undefined) return undefined
    return progress.highestBlock - progress.currentBlock > SYNCING_GAP_BLOCKS ? progress : undefined
  }

  /** The relay is made after this, since it holds blocks here. */
  async start(relay: Relay, imports: Pick<BlockImport, 'imported'>): Promise<void> {
    this.#relay = relay
    this.#ends.push(
      imports.imported.on(({ block, outcome }) =>
        this.held.settle(block.hash, outcome.status === 'refused' ? 'gone' : 'ready'),
      ),
      relay.released.on((hashes) => this.#offers.offer(hashes)),
      this.#handshake.heard.on(() => void this.#catchUp.run()),
    )
    await this.#serve()
    await this.#offers.start()
    await this.#handshake.start()
    await this.#discovery.start()
  }

  stop(): void {
    for (const end of this.#ends.splice(0)) end()
    this.#discovery.stop()
    this.#handshake.stop()
    this.#catchUp.stop()
    this.#offers.stop()
    this.held.stop()
  }

  #onLongGap(block: Block): boolean {
    const isLong = block.header.number - this.#parts.chain.head.header.number > LONG_GAP_BLOCKS
    if (isLong) void this.#catchUp.run()
    return isLong
  }

  async #takeBlock(block: Block, from: PeerId): Promise<void> {
    await this.#relay?.judgeFetched('block', block.raw, from)
  }

  async #takeTransaction(raw: Uint8Array, from: PeerId): Promise<void> {
    await this.#relay?.judgeFetched('tx', raw, from, { publish: true })
  }

  /** A block of a range: its signatures are recovered ahead of all others, and the chain checks the rest. */
  async #import(block: Block): Promise<ImportOutcome> {
    const { chain, senders } = this.#parts
    if (chain.has(block.hash)) return { status: 'known' }
    const addresses: Address[] = []
    for (const recovered of await Promise.all(
      block.transactions.map((tx) => senders.recover(tx, 'block')),
    )) {
      if ('failure' in recovered)
        return { status: 'refused', reason: recovered.failure, message: 'a sender' }
      addresses.push(recovered.address)
    }
    const outcome = chain.import(block, addresses)
    if (outcome.status !== 'refused') this.held.settle(block.hash, 'ready')
    return outcome
  }
}
