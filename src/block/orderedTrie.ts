import type { Hash } from '../crypto/keccak.ts'
import { bigintToBytes } from '../lib/bytes.ts'
import { encodeRlp } from '../lib/rlp.ts'
import { Trie } from './trie.ts'

/**
 * Root of the trie that maps rlp(index) to each of `values`: the transactions, receipts and
 * withdrawals roots (Yellow Paper, section 4.3). No value may be empty, as none of those are.
 */
export function orderedTrieRoot(values: readonly Uint8Array[]): Hash {
  return Trie.from(values.map((value, index) => [indexKey(index), value])).root()
}

function indexKey(index: number): Uint8Array {
  return encodeRlp(bigintToBytes(BigInt(index)))
}
