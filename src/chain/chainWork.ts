import { cliqueSigner } from '../block/clique.ts'
import type { Hash } from '../crypto/keccak.ts'
import { brokenBodyRule } from './rules/blockCheck.ts'
import { outcomeOf, type BlockOutcome } from './rules/judgeBlock.ts'

/**
 * What costs a chain most and comes out alike in every chain: those of one process may share it.
 */
export interface ChainWork {
  readonly execute: typeof outcomeOf
  readonly signerOf: typeof cliqueSigner
  readonly brokenBodyRule: typeof brokenBodyRule
  /** Says what a block made by this node comes to, so that it need not be executed again. */
  readonly made?: (hash: Hash, outcome: BlockOutcome) => void
}

/** The work of a chain that shares none. It remembers the block that this node made last. */
export function ownWork(): ChainWork {
  let made: { readonly hash: Hash; readonly outcome: BlockOutcome } | undefined
  return {
    execute: (check, parent) =>
      made?.hash === check.block.hash ? made.outcome : outcomeOf(check, parent),
    signerOf: cliqueSigner,
    brokenBodyRule,
    made: (hash, outcome) => {
      made = { hash, outcome }
    },
  }
}
