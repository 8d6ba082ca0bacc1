import type { Aggregation } from '../aggregate/aggregation.ts'
import type { Chain } from '../chain/chain.ts'
import type { Address } from '../crypto/address.ts'
import type { Hash } from '../crypto/keccak.ts'
import type { Finality } from '../finality/finality.ts'
import type { Voter } from '../finality/voter.ts'
import type { Network } from '../gossip/network.ts'
import type { Verdict } from '../gossip/rules/verdict.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { MemberHistory } from '../membership/memberHistory.ts'
import type { Membership } from '../membership/membership.ts'
import type { Mempool } from '../mempool/mempool.ts'
import type { Search } from '../search/search.ts'
import type { PeerStatus } from '../sync/status/peerBook.ts'
import type { SetComparison } from '../sync/reconcile/comparisons.ts'
import type { Timelines } from '../trace/timelines.ts'
import type { Senders } from '../tx/senders.ts'
import type { FaultHooks } from './faultHooks.ts'
import type { JsonObject } from './server/json.ts'

/** What JSON-RPC reads of the chain. */
export type RpcChain = Pick<
  Chain,
  | 'genesis'
  | 'config'
  | 'ledger'
  | 'chainId'
  | 'head'
  | 'signers'
  | 'settled'
  | 'state'
  | 'nextBaseFee'
  | 'block'
  | 'blockByNumber'
  | 'totalDifficulty'
  | 'stateAt'
  | 'knownNonce'
  | 'receipts'
  | 'location'
  | 'heads'
>

/** What JSON-RPC says of a signer's voting. */
export type VoterView = Pick<Voter, 'address' | 'isReady' | 'votedUpTo'>

/** What JSON-RPC reads of the pool. Transactions enter it by {@link RpcContext.submit} alone. */
export type RpcMempool = Pick<
  Mempool,
  'get' | 'nextNonce' | 'content' | 'contentFrom' | 'pendingCount' | 'queuedCount' | 'events'
>

/** How far a node that is behind its peers has come; block numbers. */
export interface SyncProgress {
  readonly startingBlock: bigint
  readonly currentBlock: bigint
  readonly highestBlock: bigint
}

/** Everything JSON-RPC knows of the node it speaks for. */
export interface RpcContext {
  readonly chain: RpcChain
  readonly mempool: RpcMempool
  readonly finality: Finality
  /** The voting of this node; left out where it has no signer. */
  readonly voter?: VoterView | undefined
  readonly network: Network
  /** Senders recovered before, so that an answer costs no recovery. */
  readonly senders: Pick<Senders, 'known' | 'recoverNow'>
  /**
   * Puts a transaction's bytes before the same judge as gossip does, and publishes what that
   * accepts.
   */
  readonly submit: (raw: Uint8Array) => Promise<{ readonly hash: Hash; readonly verdict: Verdict }>
  /** `undefined` where the node does not trace. */
  readonly timelines: Pick<Timelines, 'timeline' | 'sightings'> | undefined
  /** What the status exchange told of each peer; left out where none runs. */
  readonly peerStates?: () => readonly PeerStatus[]
  /**
   * How the pool differed from that of each peer when they were last compared; left out where none
   * is.
   */
  readonly poolComparisons?: () => readonly SetComparison[]
  /** Who is a member of the network; left out where nobody is told of members. */
  readonly members?: Pick<Membership, 'members' | 'get' | 'changes'>
  /** What was held of members and from when on; left out where nobody keeps it. */
  readonly memberHistory?: Pick<MemberHistory, 'since'>
  /** What the whole network observes; left out where nobody takes part in that. */
  readonly aggregation?: Pick<Aggregation, 'ask' | 'gauges'>
  /**
   * What this node observes of a gauge itself, now; left out where it takes no part in aggregation.
   */
  readonly observe?: (gauge: string) => readonly number[]
  /** Questions to the whole network; left out where nobody takes part in them. */
  readonly search?: Pick<Search, 'find'>
  /** Counters of the node, for gossip_counts. */
  readonly counts: () => JsonObject
  /** Whether the node was told of peers to join, so that having none is a fault. */
  readonly expectsPeers: boolean
  /** The account for which the node seals blocks, if it does. */
  readonly sealer: Address | undefined
  /** `undefined` while the node is in step with its peers. */
  readonly syncStatus: () => SyncProgress | undefined
  readonly clock: Clock
  /** The same for all who read the same clock, and for nobody else. */
  readonly clockId: string
  readonly log: Logger
  /** Such as `grapevine/v0.1.0/linux-x64/node20.20.2`. */
  readonly clientVersion: string
  /** Take legacy transactions without a chain id. */
  readonly allowUnprotected: boolean
  /** The highest fee, in wei, that eth_sendRawTransaction lets through; 0 is no cap. */
  readonly feeCapWei: bigint
  /** Serve the admin_ methods. */
  readonly adminEnabled: boolean
  /** `undefined` where nothing may be made to fail. */
  readonly faults?: FaultHooks | undefined
  /** The settings in force, secrets left out, for gossip_settings. */
  readonly settings: JsonObject
}
