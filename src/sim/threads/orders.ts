/** The orders of the leader and the replies of the followers. */
import type { Hash } from '../../crypto/keccak.ts'
import type { MemberSums } from '../../instrument/members/memberWatch.ts'
import type { Fault } from '../../scenario/fault.ts'
import type { PlannedSettings } from '../../scenario/networkPlan.ts'
import type { Scenario } from '../../scenario/scenarioSchema.ts'
import type { MessagePort } from 'node:worker_threads'
import type { NodeQuestion, NodeQuestionAbout, NodeWork, WorkAnswer } from '../engines/engine.ts'
import type { EngineName } from '../engines/engineNames.ts'
import type { FinalitySums } from '../record/finalBlocks.ts'
import type { ShortcutName } from '../shortcuts/shortcuts.ts'
import type { ControlMemory } from './control.ts'
import type { Partition } from './partition.ts'
import type { SharedMemory } from './shared.ts'

/** What is simulated, as every thread is told. */
export interface SimSubject {
  readonly scenario: Scenario
  /** Of all nodes; they win over those of the scenario. */
  readonly settings: PlannedSettings
  readonly engine: EngineName
  readonly shortcuts: readonly ShortcutName[]
}

/** What a follower begins with. */
export interface ThreadStart extends SimSubject {
  readonly partition: Partition
  readonly memory: SharedMemory
  readonly control: ControlMemory
  /** To and from the leader. */
  readonly orders: MessagePort
  /** To and from each thread by its number; none to itself. */
  readonly mail: readonly (MessagePort | undefined)[]
}

/** What is to be done. */
export type Task =
  | { readonly order: 'apply'; readonly fault: Fault }
  | {
      readonly order: 'work'
      readonly node: number
      readonly work: NodeWork
      /** By which its answer is known. */
      readonly ticket: number
    }
  | { readonly order: 'ask'; readonly question: NodeQuestion }
  | {
      readonly order: 'ask-about'
      readonly node: number
      readonly question: NodeQuestionAbout
      readonly about: unknown
    }
  | { readonly order: 'timeline'; readonly node: number; readonly hash: Hash }
  | { readonly order: 'copies' | 'answers' | 'collect' | 'sums' }

/** To be done now, while nothing else happens; `tick` is when that is. */
export interface Order {
  readonly tick: number
  readonly task: Task
}

/** The answer of a node to work that it was given. */
export type TicketAnswer = { readonly ticket: number; readonly atTick: number } & (
  { readonly answer: WorkAnswer } | { readonly failure: string }
)

/** What is told at the end of a run of the nodes of one thread. */
export interface ThreadSums {
  readonly members: MemberSums
  /** Absent where nodes have no chain. */
  readonly finality: FinalitySums | undefined
}

/** What comes back on an order, or what ended the thread. */
export type Reply = { readonly value: unknown } | { readonly failure: string }
