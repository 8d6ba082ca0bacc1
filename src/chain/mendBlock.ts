/** Replaces a canonical block that cannot be read from disk any more; see `Chain.mend`. */
import type { Block } from '../block/block.ts'
import { bodyDefect } from '../block/bodyRoots.ts'
import type { Header } from '../block/header.ts'
import type { Address } from '../crypto/address.ts'
import type { ChainConfig } from './genesis/config.ts'
import type { MendOutcome } from './importOutcome.ts'
import { transferReceipts } from './ledger.ts'
import type { LedgerKind } from './ledgerKind.ts'
import type { BlockStore } from './store/blockStore.ts'

/**
 * Stores a block in place of the damaged one with its hash. The chain judged the block when it came
 * first, so only its body is compared with its header.
 *
 * @param senders who signed each of its transactions, in their order. They are trusted.
 */
export function mendBlock(
  block: Block,
  senders: readonly Address[],
  store: BlockStore,
  { ledger, config }: { readonly ledger: LedgerKind; readonly config: ChainConfig },
): MendOutcome {
  const { hash, header } = block
  if (!store.isCanonical(hash, header.number) || bodyDefect(block) !== undefined)
    return 'another-block'
  const totalDifficulty = difficultyAt(header, store)
  if (totalDifficulty === undefined) return 'no-neighbour'
  const receipts = ledger === 'none' ? undefined : transferReceipts(block, config)
  store.mend({ block, receipts, totalDifficulty, senders })
  return 'mended'
}

/**
 * The total difficulty at a block, from its parent or its child; `undefined` if neither can be
 * read.
 */
function difficultyAt(
  { number, parentHash, difficulty }: Header,
  store: BlockStore,
): bigint | undefined {
  const parent = store.get(parentHash)
  if (parent !== undefined) return parent.totalDifficulty + difficulty
  const child = store.canonical(number + 1n)
  return child && child.totalDifficulty - child.block.header.difficulty
}
