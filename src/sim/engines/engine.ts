/** What the engines of the simulator have in common: what they are given and what they answer. */
import type { Address } from '../../crypto/address.ts'
import type { Hash } from '../../crypto/keccak.ts'
import type { PeerId } from '../../gossip/network.ts'
import type { CopyBytes } from '../../gossip/copyBytes.ts'
import type {
  BlockAnswer,
  FinalityAnswer,
  FoundAnswer,
  HeadAnswer,
  HeardClock,
  Neighbour,
  NetworkFigure,
  PeerSettings,
  PoolAnswer,
  SubmitAnswer,
  TopicMesh,
} from '../../instrument/port.ts'
import type { Random } from '../../lib/random.ts'
import type { Misbehaviour } from '../../rehearsal/misbehaviour.ts'
import type { Connections } from '../links/connections.ts'
import type { SimMachine, Logic } from '../links/machine.ts'
import type { Traffic } from '../links/traffic.ts'
import type { MemberState } from '../../membership/member.ts'
import type { MemberWatch } from '../../instrument/members/memberWatch.ts'
import type { FinalitySums } from '../record/finalBlocks.ts'
import type { Observations } from '../record/observations.ts'
import type { VirtualTime } from '../time/virtualTime.ts'
import type { EngineName } from './engineNames.ts'

/** The simulated world around the nodes. */
export interface SimWorld {
  readonly time: VirtualTime
  readonly machines: readonly SimMachine[]
  /** Positions of the machines by peer id. */
  readonly indexOf: ReadonlyMap<string, number>
  readonly connections: Connections
  readonly observations: Observations
  readonly members: MemberWatch
  readonly traffic: Traffic
  /** Random numbers of a node. */
  randomOf(machine: SimMachine): Random
}

/** What a node answers at once. */
export type NodeAnswers = Pick<
  SimNode,
  | 'head'
  | 'block'
  | 'nextNonce'
  | 'copyBytes'
  | 'mesh'
  | 'settings'
  | 'clockSamples'
  | 'neighbours'
  | 'pool'
  | 'finality'
  | 'gauge'
>

/** A node of an engine. */
export interface SimNode extends Logic {
  start(): Promise<void>
  /** It has been killed: nothing of it reacts to anything any more. */
  end(): void
  /** Takes a signed transaction in, as JSON-RPC would hand it over. */
  submit(raw: Uint8Array): Promise<SubmitAnswer>
  /** From now on; `undefined` is as it should. `against` is whom it censors. */
  misbehave(behaviour: Misbehaviour | undefined, against?: PeerId): void
  /** Its calendar is set forward, or back. */
  jumpClock(byMs: number): void
  /** Its head; block 0 where it has no chain. */
  head(): HeadAnswer
  block(number: number): BlockAnswer | undefined
  nextNonce(address: Address): bigint
  /** What the copies weighed that came in this life. */
  copyBytes(): CopyBytes
  mesh(): readonly TopicMesh[]
  settings(): PeerSettings
  clockSamples(): readonly HeardClock[]
  neighbours(): readonly Neighbour[]
  pool(): PoolAnswer
  finality(): FinalityAnswer
  /** Asks the whole network. Rejects where it takes no part in that. */
  ask(query: string): Promise<NetworkFigure>
  /** Looks for the best match in the whole network. Rejects where it takes no part in that. */
  find(question: string): Promise<FoundAnswer>
  /** What it observes of a gauge itself, now. */
  gauge(name: string): readonly number[]
  /** Whether it has the transaction, in its pool or in its chain. */
  knows(hash: Hash): boolean
  /** Blocks that it keeps until their parent comes. */
  held(): number
  /** Tells the network that it leaves. */
  leave(): Promise<void>
  /** What it holds a member of the network for; `undefined` for one that it does not know. */
  holds(peer: string): MemberState | undefined
  /** Throws where a property of its pool or chain does not hold. */
  assertInvariants(): void
}

/** What is asked of nodes in other threads. */
export interface DistantQuestions {
  ask<Name extends NodeQuestion>(node: number, name: Name): ReturnType<SimNode[Name]>
  askAbout<Name extends NodeQuestionAbout>(
    node: number,
    name: Name,
    about: Parameters<SimNode[Name]>[0],
  ): ReturnType<SimNode[Name]>
}

/** What is asked of all nodes at a time. */
export type NodeQuestion =
  'mesh' | 'copyBytes' | 'neighbours' | 'head' | 'clockSamples' | 'pool' | 'finality'

/** What is asked of one node about one thing. */
export type NodeQuestionAbout = 'block' | 'nextNonce' | 'gauge'

/** What a node takes its time for: its answer comes later. */
export type NodeWork =
  | { readonly work: 'submit'; readonly raw: Uint8Array }
  | { readonly work: 'ask'; readonly query: string }
  | { readonly work: 'find'; readonly question: string }

/** What comes of each. */
export interface WorkAnswers {
  readonly submit: SubmitAnswer
  readonly ask: NetworkFigure
  readonly find: FoundAnswer
}

/** What comes of any of them. */
export type WorkAnswer = WorkAnswers[keyof WorkAnswers]

/** Gives a node work. */
export function giveWork(node: SimNode, work: NodeWork): Promise<WorkAnswer> {
  if (work.work === 'submit') return node.submit(work.raw)
  if (work.work === 'ask') return node.ask(work.query)
  return node.find(work.question)
}

/** Makes the nodes of a simulation. */
export interface Engine {
  readonly name: EngineName
  readonly chainId: number
  /** Seconds between two blocks; 0 where there are none. */
  readonly periodS: number
  makeNode(machine: SimMachine): SimNode
  /** What stands for a node that is in another thread; absent where all are in one. */
  standIn?(machine: SimMachine, questions: DistantQuestions): NodeAnswers
  /** What is charged in virtual time for work that is done once for all, ms. */
  readonly costs: Readonly<Record<string, number>>
  /** What became final at the nodes that were made here, where nodes are whole. */
  finality?(): FinalitySums
  /** Undoes what it changed in the process. */
  close(): Promise<void>
}
