import { makeBlock, type Block } from '../../src/block/block.ts'
import { nextBaseFee } from '../../src/block/baseFee.ts'
import { emptyBloom } from '../../src/block/bloom.ts'
import { EMPTY_UNCLES_HASH, transactionsRoot, unclesHash } from '../../src/block/bodyRoots.ts'
import { cliqueDifficulty, cliqueExtraData, sealHeader } from '../../src/block/clique.ts'
import { headerHash, type Header } from '../../src/block/header.ts'
import { makeReceipt, receiptsRoot } from '../../src/block/receipt.ts'
import { EMPTY_TRIE_ROOT } from '../../src/block/trie.ts'
import { ZERO_ADDRESS, type Address } from '../../src/crypto/address.ts'
import { asHash, type Hash } from '../../src/crypto/keccak.ts'
import type { Tx } from '../../src/tx/tx.ts'
import { account, type TestAccount } from './keys.ts'

export const ZERO_HASH: Hash = asHash(new Uint8Array(32))

const PERIOD_S = 1n

/** The header of a Clique chain's genesis block under London rules; the signers must ascend. */
export function genesisHeader(
  signers: readonly Address[] = [account().address],
  change: Partial<Header> = {},
): Header {
  return {
    parentHash: ZERO_HASH,
    unclesHash: EMPTY_UNCLES_HASH,
    coinbase: ZERO_ADDRESS,
    stateRoot: EMPTY_TRIE_ROOT,
    transactionsRoot: EMPTY_TRIE_ROOT,
    receiptsRoot: EMPTY_TRIE_ROOT,
    logsBloom: emptyBloom(),
    difficulty: 1n,
    number: 0n,
    gasLimit: 30_000_000n,
    gasUsed: 0n,
    timestamp: 1_700_000_000n,
    extraData: cliqueExtraData(new Uint8Array(0), signers),
    mixHash: ZERO_HASH,
    nonce: new Uint8Array(8),
    baseFeePerGas: 1_000_000_000n,
    ...change,
  }
}

export interface BlockRecipe {
  readonly parent: Header
  /**
   * Plain transfers that use their whole gas limit; for others change `gasUsed` and `receiptsRoot`.
   */
  readonly transactions?: readonly Tx[]
  readonly uncles?: readonly Header[]
  readonly sealer?: TestAccount
  /** All signers of the chain, ascending; the sealer alone unless given. */
  readonly signers?: readonly Address[]
  /** Header fields changed before the seal: the seal holds, the field is wrong. */
  readonly change?: Partial<Header>
}

/**
 * A valid sealed child of `parent`, but for what the recipe changes. The state root is the
 * parent's.
 */
export function sealedBlock(recipe: BlockRecipe): Block {
  const { transactions = [], uncles = [], sealer = account() } = recipe
  const header = { ...unsealedHeader(recipe, sealer), ...recipe.change }
  const withdrawals = header.withdrawalsRoot === undefined ? undefined : []
  return makeBlock(sealHeader(header, sealer.privateKey), transactions, uncles, withdrawals)
}

/** The block with header fields changed after the seal, which then is somebody else's. */
export function changedAfterSeal(block: Block, change: Partial<Header>): Block {
  return makeBlock(
    { ...block.header, ...change },
    block.transactions,
    block.uncles,
    block.withdrawals,
  )
}

function unsealedHeader(recipe: BlockRecipe, sealer: TestAccount): Header {
  const { parent, transactions = [], uncles = [], signers = [sealer.address] } = recipe
  const number = parent.number + 1n
  return {
    ...parent,
    parentHash: headerHash(parent),
    unclesHash: unclesHash(uncles),
    transactionsRoot: transactionsRoot(transactions),
    receiptsRoot: transferReceiptsRoot(transactions),
    difficulty: cliqueDifficulty(number, sealer.address, signers),
    number,
    gasUsed: transactions.reduce((gas, tx) => gas + tx.gasLimit, 0n),
    timestamp: parent.timestamp + PERIOD_S,
    extraData: cliqueExtraData(new Uint8Array(0)),
    baseFeePerGas: nextBaseFee(parent),
  }
}

function transferReceiptsRoot(transactions: readonly Tx[]): Hash {
  let cumulativeGasUsed = 0n
  const receipts = transactions.map((tx) => {
    cumulativeGasUsed += tx.gasLimit
    return makeReceipt({ type: tx.type, status: 1, cumulativeGasUsed, logs: [] })
  })
  return receiptsRoot(receipts)
}
