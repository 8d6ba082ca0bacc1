import type { Block } from '../block/block.ts'
import type { Address } from '../crypto/address.ts'
import type { ChainWork } from './chainWork.ts'
import type { Genesis } from './genesis/genesis.ts'
import type { LedgerKind } from './ledgerKind.ts'
import type { ChainLimits } from './limits.ts'
import type { ObservedAccounts } from './observedAccounts.ts'
import type { BlockOutcome } from './rules/judgeBlock.ts'
import type { State } from './state.ts'
import type { BlockStore } from './store/blockStore.ts'

/** The deepest block that can be built on. */
export interface ChainRoot {
  readonly block: Block
  readonly totalDifficulty: bigint
  /** `undefined` where nothing is executed. */
  readonly state: State | undefined
}

/** What a node knows of a block because it made it. */
export interface MadeBlock {
  /** The account whose key sealed it. */
  readonly sealer: Address
  readonly outcome: BlockOutcome
}

/** What a chain is made with. */
export interface ChainOptions {
  readonly genesis: Genesis
  /** `transfers` unless told otherwise. */
  readonly ledger?: LedgerKind
  readonly limits?: ChainLimits
  /** Must hold the root, what is below it and nothing else. In memory unless given. */
  readonly store?: BlockStore
  /**
   * Where a chain that was kept goes on: a canonical block and the accounts after it. The genesis
   * unless given.
   */
  readonly root?: ChainRoot
  /** What is told of accounts where nothing is executed; kept in step with the head. */
  readonly accounts?: ObservedAccounts
  /**
   * How blocks are executed and their signers recovered, where chains of one process share the
   * work.
   */
  readonly work?: ChainWork
  /** Blocks from one checkpoint of finality to the next; all nodes of a network have the same. */
  readonly checkpointInterval?: number
}
