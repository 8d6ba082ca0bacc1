/** What a header commits to of its body, computed from the body. */
import { keccak256Hash, type Hash } from '../crypto/keccak.ts'
import { encodeRlp } from '../lib/rlp.ts'
import type { Tx } from '../tx/tx.ts'
import { withdrawalToRlp, type Block, type Withdrawal } from './block.ts'
import { blockDefect, type BlockDefect, type BlockDefectReason } from './defect.ts'
import { headerToRlp, type Header } from './header.ts'
import { orderedTrieRoot } from './orderedTrie.ts'

/** keccak256 of the RLP of an empty list: the uncles hash of every block without uncles. */
export const EMPTY_UNCLES_HASH: Hash = keccak256Hash(encodeRlp([]))

/** Root of the trie of rlp(index) to EIP-2718 bytes. */
export function transactionsRoot(transactions: readonly Tx[]): Hash {
  return orderedTrieRoot(transactions.map((tx) => tx.raw))
}

/** keccak256 of the RLP list of the uncles' headers. */
export function unclesHash(uncles: readonly Header[]): Hash {
  return uncles.length === 0 ? EMPTY_UNCLES_HASH : keccak256Hash(encodeRlp(uncles.map(headerToRlp)))
}

/** EIP-4895: root of the trie of rlp(index) to the withdrawal's RLP. */
export function withdrawalsRoot(withdrawals: readonly Withdrawal[]): Hash {
  return orderedTrieRoot(withdrawals.map((withdrawal) => encodeRlp(withdrawalToRlp(withdrawal))))
}

/** Why the transactions do not belong to the header; `undefined` if they do. */
export function transactionsRootDefect(block: Block): BlockDefect | undefined {
  const computed = transactionsRoot(block.transactions)
  return mismatch('transactions-root-mismatch', block.header.transactionsRoot, computed)
}

/** Why the uncles do not belong to the header; `undefined` if they do. */
export function unclesHashDefect(block: Block): BlockDefect | undefined {
  return mismatch('uncles-hash-mismatch', block.header.unclesHash, unclesHash(block.uncles))
}

/**
 * `undefined` for a block from before Shanghai; a decoded block has withdrawals exactly if its
 * header says so.
 */
export function withdrawalsRootDefect(block: Block): BlockDefect | undefined {
  const committed = block.header.withdrawalsRoot
  if (committed === undefined || block.withdrawals === undefined) return undefined
  return mismatch('withdrawals-root-mismatch', committed, withdrawalsRoot(block.withdrawals))
}

/** The first commitment of the header that the body breaks. Cheap ones first. */
export function bodyDefect(block: Block): BlockDefect | undefined {
  return unclesHashDefect(block) ?? withdrawalsRootDefect(block) ?? transactionsRootDefect(block)
}

function mismatch(
  reason: BlockDefectReason,
  committed: Hash,
  computed: Hash,
): BlockDefect | undefined {
  if (computed === committed) return undefined
  return blockDefect(reason, `the header says ${committed}, the body is ${computed}`)
}
