import type { Block } from '../block/block.ts'
import type { BlockRefusalReason } from './rules/judgeBlock.ts'

/** The canonical chain changed; oldest first. */
export interface HeadChange {
  readonly head: Block
  readonly added: readonly Block[]
  readonly dropped: readonly Block[]
}

/** What the chain itself refuses, beside what the rules do. */
export const CHAIN_REFUSAL_REASONS = [
  'known-bad-block',
  'bad-ancestor',
  'too-deep',
  'too-many-side-blocks',
  'conflicts-with-finalized',
] as const

/** The stable word for why a block did not enter the chain. */
export type ImportRefusalReason = BlockRefusalReason | (typeof CHAIN_REFUSAL_REASONS)[number]

/** What became of a block that was given to the chain. */
export type ImportOutcome =
  | { readonly status: 'imported'; readonly headChange?: HeadChange }
  | { readonly status: 'known' }
  /** The parent is not known: fetch it, then import again. */
  | { readonly status: 'orphan' }
  | { readonly status: 'refused'; readonly reason: ImportRefusalReason; readonly message: string }

/** What became of a block that was given in place of a damaged one. */
export type MendOutcome = 'mended' | 'another-block' | 'no-neighbour'

/** The outcome of a block that is not taken. */
export function refusedBlock(reason: ImportRefusalReason, message: string): ImportOutcome {
  return { status: 'refused', reason, message }
}
