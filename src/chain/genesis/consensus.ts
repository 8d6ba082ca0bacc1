import type { Header } from '../../block/header.ts'
import type { ChainConfig } from './config.ts'

/**
 * Who may add a block: a miner (proof of work), a signer of the set (EIP-225), or a beacon chain
 * (EIP-3675).
 */
export type Consensus = 'mined' | 'clique' | 'merged'

/**
 * A chain with a terminal total difficulty is merged from the first header without difficulty on;
 * one that has 0 for it was merged from its beginning.
 */
export function consensusOf(header: Header, parent: Header, config: ChainConfig): Consensus {
  const { terminalTotalDifficulty } = config
  const endsInMerge = header.difficulty === 0n || parent.difficulty === 0n
  if (terminalTotalDifficulty === 0n) return 'merged'
  if (terminalTotalDifficulty !== undefined && endsInMerge) return 'merged'
  return config.clique === undefined ? 'mined' : 'clique'
}
