/**
 * The port of the instrument: all that it knows of a network under measurement. A network of
 * processes provides it over JSON-RPC (`rpcPeer.ts`), one in virtual time by direct calls; load,
 * collection, clocks, incidents, report and dashboard are written against it alone.
 *
 * What stands here was checked by whoever provides it: numbers are finite, hashes are hashes. Times
 * are monotonic milliseconds of the clock that the node in question reads, unless a field says
 * otherwise.
 */
import type { Address } from '../crypto/address.ts'
import type { Hash } from '../crypto/keccak.ts'
import type { ItemKind } from '../item/itemKinds.ts'
import type { Hex } from '../lib/bytes.ts'
import type { Clock } from '../lib/clock.ts'
import type { Unsubscribe } from '../lib/emitter.ts'
import type { Exchange } from '../measure/clocks/clockSamples.ts'
import type { Life } from '../measure/life.ts'
import type { MachineReport, SettingValue } from '../measure/report.ts'
import type { Delivery } from '../measure/delivery.ts'
import type { MemberState } from '../membership/member.ts'
import type { GossipCounters } from '../measure/traffic.ts'
import type { Fault } from '../scenario/fault.ts'
import type { SightingBatch, Timeline } from '../trace/timelines.ts'

/** A network as the instrument sees it: it may have been started for the run, or found running. */
export interface NetworkPort {
  /** The clock of who measures: all times of a report are told on it. */
  readonly clock: Clock
  /** Which clock that is, as the nodes that read it name it in {@link ClockAnswer}. */
  readonly clockId: string
  /** Of its chain. */
  readonly chainId: number
  /** Seconds between two blocks, as far as is known. */
  readonly periodS: number
  /** How many nodes there are to be, those that come late included. */
  readonly nodes: number
  /** Those that have been started, by index. One that went away stays. */
  readonly peers: readonly PeerPort[]
  /**
   * Who was live when, on {@link clock}. Whoever provides the network keeps it, as things happen.
   */
  readonly life: Life
  /**
   * What all nodes saw, where it is at hand at once; elsewhere each peer is read by
   * {@link PeerPort.sightings}.
   */
  readonly copies?: CopySource
  /** Called when the run asks its nodes nothing more; what they take can be used for the report. */
  released?(): Promise<void>
  /** How faults are made to happen; absent where the network is not ours to disturb. */
  readonly faults?: FaultPort
}

/**
 * The copies of all nodes of a network in one process: reading 25,000 nodes one by one would cost
 * more than their gossip.
 */
export interface CopySource {
  /**
   * Hands over the copies since the last call, in the order in which they were judged, and forgets
   * them.
   */
  take(visit: (kind: ItemKind, copy: Delivery) => void): void
}

/** Makes faults happen and tells of them. */
export interface FaultPort {
  /**
   * Makes it happen; resolves when it has. Faults of one node happen in the order in which they are
   * asked for, and those of its process (kill, restart, pause, resume) never wait for its answer to
   * another. Throws where a peer is not in the state that the fault needs.
   */
  apply(fault: Fault): Promise<void>
  /** Calls the listener with every fault that has happened, whoever asked for it. */
  onFault(listener: (fault: Fault) => void): Unsubscribe
}

/**
 * One node. Every question throws an Error that names the node where it does not answer; the answer
 * may take as long as a stopped process stays stopped, so who cannot wait must not.
 */
export interface PeerPort {
  /** Its number in the network. */
  readonly index: number
  readonly peerId: string
  /** How it is called for people: its URL, or `node 7`. */
  readonly name: string
  /**
   * Another value after a restart: what it had counted and kept in memory is gone, and cursors
   * start anew.
   */
  readonly instance: unknown
  /** Whether it runs, paused or not. */
  isRunning(): boolean

  /**
   * A page of what it saw, from a cursor on: 0 at first, then that of the last page. At most
   * `limit` sightings. Throws where the network hands over {@link NetworkPort.copies}.
   */
  sightings(cursor: number, limit: number): Promise<SightingBatch>
  /**
   * A page of what it held members of the network for, from a cursor on, as {@link sightings}.
   * Absent where the network keeps account of that itself.
   */
  heldStates?(cursor: number, limit: number): Promise<HeldStates>
  /** To whom it pushes each topic, and who else is in it. */
  mesh(): Promise<readonly TopicMesh[]>
  /** What its router has counted since it started. */
  counters(): Promise<GossipCounters>
  /** Its settings, secrets left out. */
  settings(): Promise<PeerSettings>
  /** What its clock says, and which clock that is. */
  clock(): Promise<ClockAnswer>
  /** What it runs on; absent where nodes are simulated. */
  host?(): Promise<HostAnswer>
  /** What it heard of the clocks of the peers it is connected to. */
  clockSamples(): Promise<readonly HeardClock[]>

  chainId(): Promise<bigint>
  /** The head of its canonical chain. */
  head(): Promise<HeadAnswer>
  /** The block of its canonical chain at a height; `undefined` where it has none. */
  block(number: number): Promise<BlockAnswer | undefined>
  /** The nonce of the account's next transaction, those in the pool counted. */
  nextNonce(address: Address): Promise<bigint>
  /** Hands it one signed transaction. Throws only where it does not answer. */
  submit(raw: Hex): Promise<SubmitAnswer>

  /** Whom it is connected to and what it thinks of them. */
  neighbours(): Promise<readonly Neighbour[]>
  /** How many transactions its pool holds. */
  pool(): Promise<PoolAnswer>
  /** What it holds for justified and final. */
  finality(): Promise<FinalityAnswer>
  /**
   * Asks the whole network through it, as `grapevine ask` does. Throws an Error that says so where
   * it takes no part.
   */
  ask(query: string): Promise<NetworkFigure>
  /** Looks for the best match in the whole network through it, as `grapevine find` does. */
  find(question: string): Promise<FoundAnswer>
  /** What it observes of a gauge itself, now. */
  gauge(name: string): Promise<readonly number[]>
  /** The story of one item at this node; `undefined` where it does not know the item. */
  timeline(hash: Hash): Promise<Timeline | undefined>
}

/** A page of what a peer held of members. */
export interface HeldStates {
  readonly cursor: number
  /** Changes that were overwritten before they were read. */
  readonly lost: number
  /** In order: from a time on, by its clock, it held the member for this. */
  readonly changes: readonly {
    readonly peer: string
    readonly state: MemberState
    readonly atMs: number
  }[]
}

/** Peers are named by peer id. */
export interface TopicMesh {
  /** `/grapevine/<network>/<kind>/<version>`. */
  readonly topic: string
  readonly mesh: readonly string[]
  /** Connected peers that are in the topic too. */
  readonly subscribers: readonly string[]
}

/** By name. */
export type PeerSettings = Readonly<Record<string, SettingValue>>

/** Which clock a node reads, and the monotonic time on it, ms. */
export interface ClockAnswer {
  /** The same for nodes that read the same clock. */
  readonly clockId: string
  readonly nowMs: number
}

/** What a node runs on. */
export interface HostAnswer {
  readonly machine: MachineReport
  /** Processes of the machine that wanted a core over the last minute, per core. */
  readonly loadPerCore: number
  /** Implementations that hash and recover signatures. */
  readonly crypto: Readonly<Record<string, string>>
  /** Name and version of the program. */
  readonly client: string
}

/** What a node heard of another's clock; {@link Exchange.atMs} is by the node's own. */
export interface HeardClock {
  readonly peerId: string
  readonly exchanges: readonly Exchange[]
}

/** The head of a peer. */
export interface HeadAnswer {
  readonly number: number
  readonly hash: Hash
  /** Wei per gas; 0 before EIP-1559. */
  readonly baseFeeWei: bigint
}

/** A block of a peer, with the hashes of its transactions. */
export interface BlockAnswer {
  readonly number: number
  readonly hash: Hash
  /** Seconds since 1970. */
  readonly timestampS: number
  readonly transactions: readonly Hash[]
}

/**
 * What a node says to a transaction. `reason` is the stable word of the refusal, or its sentence
 * where it has none.
 */
export type SubmitAnswer =
  { readonly isAccepted: true } | { readonly isAccepted: false; readonly reason: string }

/** A connected peer of a peer. */
export interface Neighbour {
  readonly peerId: string
  readonly direction: 'inbound' | 'outbound'
  /** `null` where the router has none yet. */
  readonly score: number | null
  /** `null` before the first status exchange. */
  readonly roundTripMs: number | null
  /** Name and version of its program; empty before the first status exchange. */
  readonly client: string
}

/** What a peer holds for justified and final: numbers of blocks, 0 where there is no finality. */
export interface FinalityAnswer {
  readonly justified: number
  readonly finalized: number
  /** Proofs that a signer contradicts itself. */
  readonly evidence: number
  /** Whether it has learnt of a final block that does not go with its own. */
  readonly hasConflict: boolean
  /**
   * From a block on its chain to the block's finality there, of the newest blocks; absent before
   * the first.
   */
  readonly times?: { readonly count: number; readonly p50Ms: number; readonly p99Ms: number }
}

/** How many transactions a pool holds, by whether they can be executed now. */
export interface PoolAnswer {
  readonly pending: number
  readonly queued: number
}

/** A figure of the whole network, as one node answers it. */
export interface NetworkFigure {
  /** `null` where nothing was observed. */
  readonly value: number | null
  readonly unit: string
  /** By how much the node and its last partners differ, in the unit of the value. */
  readonly spread: number
  /** Nodes that took part; `null` where that is not known. */
  readonly nodes: number | null
  readonly rounds: number
  readonly ageMs: number
}

/** What the whole network found, as one node answers it. */
export interface FoundAnswer {
  /** Who saw an item first, or has the best value; `null` where nobody. */
  readonly peerId: string | null
  /** The best value; `null` of an item. */
  readonly value: number | null
  /** Of the value; empty of an item. */
  readonly unit: string
  /** Nodes that have the item or a value, of all. */
  readonly have: number
  readonly of: number
  readonly rounds: number
}
