/**
 * The pull side of the node, put together: handshake, discovery, requests, held blocks, catch-up,
 * offers, pools.
 */
import type { Block } from '../block/block.ts'
import type { Chain } from '../chain/chain.ts'
import type { Hash } from '../crypto/keccak.ts'
import type { Finality } from '../finality/finality.ts'
import type { BlockImport } from '../gossip/topics/blockImport.ts'
import type { Network, PeerId } from '../gossip/network.ts'
import type { Relay } from '../gossip/relay.ts'
import { LEAVES_FINAL } from '../gossip/rules/blockRules.ts'
import type { Verdict } from '../gossip/rules/verdict.ts'
import { assert } from '../lib/assert.ts'
import type { Clock } from '../lib/clock.ts'
import type { Emitter, Unsubscribe } from '../lib/emitter.ts'
import type { Logger } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import type { Mempool } from '../mempool/mempool.ts'
import type { PoolRefusal } from '../mempool/refusals.ts'
import type { ItemKind } from '../item/itemKinds.ts'
import type { Source } from '../trace/trace.ts'
import type { Senders } from '../tx/senders.ts'
import { BlockRepair } from './catchUp/blockRepair.ts'
import { serveBlocks } from './catchUp/blockRequests.ts'
import { CatchUp } from './catchUp/catchUp.ts'
import type { CatchUpProgress } from './catchUp/catchUpRun.ts'
import { Discovery, type DiscoveryParts } from './discovery/discovery.ts'
import { Handshake } from './status/handshake.ts'
import { HeldBlocks, type MissingBlock } from './catchUp/heldBlocks.ts'
import { LONG_GAP_BLOCKS, SYNCING_GAP_BLOCKS } from './limits.ts'
import { ParentFetch } from './catchUp/parentFetch.ts'
import type { PeerBook } from './status/peerBook.ts'
import type { SetComparison, ReconciliationCounts } from './reconcile/comparisons.ts'
import { poolEntries } from './pool/poolEntries.ts'
import { isOffer, PoolOffers } from './pool/poolOffers.ts'
import {
  FIRST_LOOK_MS,
  MAX_LED_SESSIONS,
  RECONCILE_INTERVAL_MS,
  SECOND_LOOK_MS,
} from './reconcile/reconcileLimits.ts'
import { Reconciliation, type ReconcilePace } from './reconcile/reconciliation.ts'
import { requestsOf, type Requests } from './protocol.ts'
import { VoteExchange } from './finality/voteExchange.ts'
import { VotedBlocks } from './finality/votedBlocks.ts'
import { importOfRange } from './catchUp/rangeImport.ts'
import { serveTransactions } from './pool/txRequests.ts'

/** What the pool would refuse again at the next head, too: not worth fetching again soon. */
const LASTING_REFUSALS: readonly string[] = [
  'fee-too-low',
  'nonce-too-low',
  'replacement-underpriced',
  'sender-slots',
  'underpriced',
  'pool-full',
] satisfies PoolRefusal[]

/** How often pools are compared. */
const POOL_PACE: ReconcilePace = {
  intervalMs: RECONCILE_INTERVAL_MS,
  looksMs: [FIRST_LOOK_MS, SECOND_LOOK_MS],
  maxLed: MAX_LED_SESSIONS,
}

/** What the pull side of a node is made from. */
export interface SyncParts {
  readonly network: Network
  readonly chain: Chain
  readonly mempool: Mempool
  readonly finality: Finality
  readonly senders: Senders
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly clientVersion: string
  readonly bootnodes: readonly string[]
  readonly targetPeers: number
  /** See {@link DiscoveryParts.sampleMembers}. */
  readonly sampleMembers?: DiscoveryParts['sampleMembers']
  /** Resolves when what was imported so far is on disk; where there is none, at once. */
  readonly flushed?: () => Promise<void>
}

/** The pull side of a node: all requests between peers, both ways. */
export class Sync {
  readonly held: HeldBlocks
  readonly votes: VoteExchange
  readonly #parts: SyncParts
  readonly #requests: Requests
  readonly #handshake: Handshake
  readonly #discovery: Discovery
  readonly #parents: ParentFetch
  readonly #catchUp: CatchUp
  readonly #repair: BlockRepair
  readonly #votedBlocks: VotedBlocks
  readonly #offers: PoolOffers
  readonly #reconciliation: Reconciliation
  readonly #ends: Unsubscribe[] = []
  #relay: Relay | undefined

  constructor(parts: SyncParts) {
    const { network, chain, mempool, clock, log } = parts
    const requests = requestsOf({ network, genesisHash: chain.genesis.hash, clock, log })
    const common = { ...parts, requests }
    this.#parts = parts
    this.#requests = requests
    this.#handshake = new Handshake(common)
    const { heard, foreign } = this.#handshake
    this.#discovery = new Discovery({ ...common, heard, foreign })
    this.held = new HeldBlocks({
      clock: parts.clock,
      has: (hash) => chain.has(hash),
      want: (missing) => this.#want(missing),
    })
    this.#parents = new ParentFetch({
      ...common,
      isAwaited: (hash) => this.held.isAwaited(hash) || this.#votedBlocks.isAwaited(hash),
      judge: (block, from) => this.#judgeBlock(block, from),
    })
    this.#votedBlocks = new VotedBlocks({
      ...common,
      heard,
      fetch: (hash) => this.#parents.fetch(hash, 'votes'),
      isCatchingUp: () => this.progress() !== undefined,
    })
    this.#repair = new BlockRepair(common)
    this.#catchUp = new CatchUp({
      ...common,
      book: this.#handshake.book,
      wanted: () => parts.finality.missing(),
      importBlock: (block) => this.#importOfRange(block),
      flushed: parts.flushed ?? (async () => {}),
    })
    this.votes = new VoteExchange({
      ...common,
      book: this.#handshake.book,
      heard,
      judge: (raw, from) => this.#judge('vote', raw, from),
    })
    const isKnown = (hash: Hash): boolean => mempool.has(hash) || isIncluded(chain, hash)
    this.#offers = new PoolOffers({
      ...common,
      isKnown,
      judge: (raw, from) => this.#judge('tx', raw, from),
    })
    this.#reconciliation = new Reconciliation({
      ...common,
      protocol: 'pool',
      pace: POOL_PACE,
      entries: (cameMs) => poolEntries(mempool.entries(), cameMs, parts.clock.monotonicMs()),
      heard: this.#handshake.heard,
      isKnown,
      isReady: () => this.progress() === undefined,
      fetch: (peer, hashes) => this.#offers.fetch(peer, hashes),
    })
  }

  /** The request streams, for other parts of the node. */
  get requests(): Requests {
    return this.#requests
  }

  /** A peer's status has come in: it is of our network. */
  get heard(): Emitter<PeerId> {
    return this.#handshake.heard
  }

  get book(): PeerBook {
    return this.#handshake.book
  }

  /** Where catching up stands; `undefined` while the node is in step with its peers. */
  progress(): CatchUpProgress | undefined {
    const progress = this.#catchUp.progress
    return progress.highestBlock - progress.currentBlock > SYNCING_GAP_BLOCKS ? progress : undefined
  }

  /** How the pool differed from that of each connected peer when they were last compared. */
  poolComparisons(): readonly SetComparison[] {
    return this.#reconciliation.comparisons
  }

  /** What all comparisons of pools brought and cost since the start. */
  reconciliationCounts(): ReconciliationCounts {
    return this.#reconciliation.counts
  }

  /** Serves first, then asks. The relay is made after this, since it holds blocks here. */
  async start(relay: Relay, imports: Pick<BlockImport, 'imported'>): Promise<void> {
    const { chain, mempool } = this.#parts
    this.#relay = relay
    this.#ends.push(
      imports.imported.on(({ block }) =>
        this.held.settle(block.hash, chain.has(block.hash) ? 'ready' : 'gone'),
      ),
      relay.released.on((hashes) => this.#offers.offer(hashes)),
      this.#handshake.heard.on(() => void this.#catchUp.run()),
    )
    await serveBlocks(this.#requests, chain)
    await serveTransactions(this.#requests, mempool)
    await this.#requests.handle('pool', (from, request) => this.#answerPool(from, request))
    await this.votes.start()
    this.#votedBlocks.start()
    this.#repair.start()
    this.#offers.start()
    this.#reconciliation.start()
    await this.#handshake.start()
    await this.#discovery.start()
  }

  stop(): void {
    for (const end of this.#ends.splice(0)) end()
    this.#discovery.stop()
    this.#handshake.stop()
    this.#catchUp.stop()
    this.votes.stop()
    this.#votedBlocks.stop()
    this.#repair.stop()
    this.#offers.stop()
    this.#reconciliation.stop()
    this.held.stop()
  }

  /**
   * A short gap closes from the tip downward; a long one by ranges, once the sender has said how
   * far it is.
   */
  #want({ hash, number, from }: MissingBlock): void {
    const gap = number - this.#parts.chain.head.header.number
    if (gap > LONG_GAP_BLOCKS) this.#handshake.refresh(from)
    else void this.#parents.fetch(hash, from)
  }

  /** What is above a block that leaves the final one is not worth waiting for. */
  async #judgeBlock(block: Block, from: PeerId): Promise<Verdict> {
    const verdict = await this.#judge('block', block.raw, from)
    if ('reason' in verdict && verdict.reason === LEAVES_FINAL.reason)
      this.held.settle(block.hash, 'gone')
    return verdict
  }

  /** Transactions are published: who held them back from us held them back from others. */
  async #judge(kind: ItemKind, raw: Uint8Array, from: Source): Promise<Verdict> {
    assert(this.#relay !== undefined, 'what is fetched was asked for after the start')
    const isTx = kind === 'tx'
    const { hash, verdict } = await this.#relay.judgeFetched(kind, raw, from, { publish: isTx })
    if (isTx && isLasting(verdict)) this.#reconciliation.decline(hash)
    return verdict
  }

  async *#answerPool(from: PeerId, request: Uint8Array): AsyncIterable<Uint8Array> {
    const subject = isOffer(request) ? this.#offers : this.#reconciliation
    yield* subject.answer(from, request)
  }

  async #importOfRange(block: Block): Promise<void> {
    await importOfRange(this.#parts, block)
    this.held.settle(block.hash, 'ready')
  }
}

/**
 * What peers offer is looked for among the newest blocks alone: none of it waits for the disk. What
 * an older block has is refused by its nonce, unless nothing is executed.
 */
function isIncluded(chain: Chain, hash: Hash): boolean {
  const place = chain.ledger === 'none' ? chain.location(hash) : chain.recentLocation(hash)
  return place !== undefined
}

function isLasting(verdict: Verdict): boolean {
  return verdict.action === 'ignore' && LASTING_REFUSALS.includes(verdict.reason)
}
