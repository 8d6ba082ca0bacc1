import { cliqueSigner } from '../block/clique.ts'
import { outcomeOf } from './rules/judgeBlock.ts'

/** What costs a chain most and comes out alike in every chain: those of one process may share it. */
export interface ChainWork {
  readonly execute: typeof outcomeOf
  readonly signerOf: typeof cliqueSigner
}

/** A chain that does its own work. */
export const OWN_WORK: ChainWork = { execute: outcomeOf, signerOf: cliqueSigner }
