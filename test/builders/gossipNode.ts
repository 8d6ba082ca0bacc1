/** The judging half of a node over an in-memory network: real chain, pool, senders and trace. */
import { Finality } from '../../src/finality/finality.ts'
import { VoteTopic } from '../../src/gossip/topics/voteTopic.ts'
import type { Settled } from '../../src/chain/checkpoint.ts'
import type { Block } from '../../src/block/block.ts'
import type { Chain } from '../../src/chain/chain.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import { inlineVerifier, type Verifier } from '../../src/crypto/verifier.ts'
import { BlockImport } from '../../src/gossip/topics/blockImport.ts'
import { BlockTopic } from '../../src/gossip/topics/blockTopic.ts'
import type { BlockHold, HoldReason } from '../../src/gossip/hold/hold.ts'
import type { PeerId } from '../../src/gossip/network.ts'
import { Relay } from '../../src/gossip/relay.ts'
import { networkId, topicNames } from '../../src/gossip/topics/topicNames.ts'
import { ITEM_KINDS, type ItemKind } from '../../src/item/itemKinds.ts'
import { Members } from '../../src/membership/members.ts'
import { MemberTopic } from '../../src/membership/memberTopic.ts'
import { TxTopic, type TxTopicContext } from '../../src/gossip/topics/txTopic.ts'
import type { Logger } from '../../src/lib/log.ts'
import { silentLogger } from '../../src/lib/log.ts'
import type { PoolLimits } from '../../src/mempool/limits.ts'
import { Mempool } from '../../src/mempool/mempool.ts'
import { followHeads } from '../../src/node/headFollower.ts'
import { Timelines } from '../../src/trace/timelines.ts'
import { Senders } from '../../src/tx/senders.ts'
import { testChain } from './chain.ts'
import { MemoryHub, type MemoryNetwork } from './network.ts'

/** Keeps blocks until the test releases them. */
export class TestHold implements BlockHold {
  readonly kept: { readonly block: Block; readonly reason: HoldReason }[] = []
  readonly #answers = new Map<Hash, (outcome: 'ready' | 'gone') => void>()

  keep(block: Block, reason: HoldReason): Promise<'ready' | 'gone'> {
    this.kept.push({ block, reason })
    return new Promise((resolve) => this.#answers.set(block.hash, resolve))
  }

  release(hash: Hash, outcome: 'ready' | 'gone' = 'ready'): void {
    this.#answers.get(hash)?.(outcome)
  }
}

export interface GossipNodeOptions {
  readonly hub?: MemoryHub
  readonly network?: MemoryNetwork
  readonly chain?: Chain
  readonly pool?: Partial<PoolLimits>
  readonly verifier?: Verifier
  readonly allowUnprotected?: boolean
  readonly isSyncing?: () => boolean
  readonly ownRules?: TxTopicContext['ownRules']
  /** What is justified and final from the beginning. */
  readonly settled?: Settled
  readonly validationDelayMs?: number
  readonly log?: Logger
  readonly maxMembers?: number
}

export type GossipNode = ReturnType<typeof gossipNode>

/**
 * A started node. Its own hub and chain unless given; every chain of the builders has the same
 * genesis.
 */
export function gossipNode(options: GossipNodeOptions = {}) {
  const { hub = new MemoryHub(), chain = testChain(), pool = {}, log = silentLogger } = options
  const { clock } = hub
  const network = options.network ?? hub.join('node')
  const mempool = new Mempool({
    clock,
    state: chain.state,
    baseFee: chain.nextBaseFee() ?? 0n,
    limits: pool,
  })
  const senders = new Senders(options.verifier ?? inlineVerifier())
  const trace = new Timelines()
  const hold = new TestHold()
  const kept = options.settled && { settled: options.settled, votes: [], evidence: [] }
  const finality = new Finality({ chain, clock, log, kept })
  const imports = new BlockImport({ chain, trace, clock, log })
  const judged = { chain, mempool, senders, clock }
  const { allowUnprotected = false, isSyncing = () => false } = options
  const txTopic = new TxTopic({
    ...judged,
    allowUnprotected,
    isSyncing,
    ownRules: options.ownRules ?? [],
  })
  const blockTopic = new BlockTopic({ ...judged, imports, trace })
  const networkIdText = networkId(chain.genesis.hash)
  const members = new Members({
    self: network.self,
    intervalMs: 1_000,
    ...(options.maxMembers !== undefined && { maxMembers: options.maxMembers }),
  })
  const contradictions: number[] = []
  const memberTopic = new MemberTopic({
    self: () => network.self,
    networkId: networkIdText,
    envelopes: () => network.envelopes,
    members: () => members,
    clock,
    onContradicted: (incarnation) => contradictions.push(incarnation),
  })
  const relay = new Relay({
    network,
    genesisHash: chain.genesis.hash,
    kinds: ITEM_KINDS,
    topics: {
      tx: txTopic,
      block: blockTopic,
      member: memberTopic,
      vote: new VoteTopic({ finality, clock }),
    },
    hold,
    mempool,
    chain,
    trace,
    clock,
    log,
    ...(options.validationDelayMs !== undefined && {
      validationDelayMs: options.validationDelayMs,
    }),
  })
  followHeads({ chain, mempool, senders })
  finality.start()
  relay.start()
  const topics = topicNames(chain.genesis.hash)
  return {
    hub,
    clock,
    network,
    chain,
    finality,
    mempool,
    senders,
    trace,
    hold,
    imports,
    relay,
    members,
    contradictions,
    topics,
    /** A copy that a peer sends; nobody else hears of it unless the node forwards it. */
    receive: (kind: ItemKind, data: Uint8Array, from = 'stranger') =>
      network.receive(topics[kind], data, from as PeerId),
    /** How often an answer was given, such as `tx reject bad-signature`. */
    count: (kind: ItemKind, action: string, reason = '') =>
      relay
        .counts()
        .find((row) => row.topic === kind && row.action === action && row.reason === reason)
        ?.count ?? 0,
  }
}
