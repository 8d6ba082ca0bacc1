import type { Genesis } from '../genesis/genesis.ts'
import type { StoredBlock } from './blockStore.ts'

/** The genesis block as the store keeps it. */
export function storedGenesis({ block, header }: Genesis): StoredBlock {
  return { block, receipts: [], totalDifficulty: header.difficulty }
}
