/** Blocks that break one rule of chain/rules/bodyRules.ts each, on chains that execute nothing. */
import { makeBlock, type Block } from '../../src/block/block.ts'
import type { Header } from '../../src/block/header.ts'
import { EMPTY_TRIE_ROOT } from '../../src/block/trie.ts'
import type { Chain } from '../../src/chain/chain.ts'
import type { BodyRuleReason, SenderRuleReason } from '../../src/chain/rules/bodyRules.ts'
import { keccak256Hash } from '../../src/crypto/keccak.ts'
import { GAS_PER_BLOB } from '../../src/tx/gas.ts'
import type { Tx } from '../../src/tx/tx.ts'
import { sealedBlock } from './block.ts'
import { testChain, testSigners } from './chain.ts'
import { signedTransfer } from './tx.ts'

export interface RuleCase {
  readonly chain: Chain
  readonly block: Block
}

interface CaseRecipe {
  readonly txs?: readonly Tx[]
  /** Fields that the seal covers. */
  readonly change?: Partial<Header>
  /** Of the genesis file. */
  readonly config?: Readonly<Record<string, unknown>>
  readonly genesis?: Readonly<Record<string, unknown>>
}

const CANCUN = { shanghaiTime: 0, cancunTime: 0 }
const PRAGUE = { ...CANCUN, pragueTime: 0 }
const SOME_HASH = keccak256Hash(Uint8Array.of(1))

/** The first block of a chain whose only signer sealed it. */
export function firstBlockOf({ txs = [], change = {}, config, genesis }: CaseRecipe): RuleCase {
  const chain = testChain({
    ledger: 'none',
    file: (json) => ({ ...json, ...genesis, config: { ...json.config, ...config } }),
  })
  const [sealer] = testSigners(1)
  if (sealer === undefined) throw new Error('the chain has a signer')
  const parent = chain.genesis.header
  return { chain, block: sealedBlock({ parent, transactions: txs, sealer, change }) }
}

/** The same header above another body. */
function withBody({ chain, block }: RuleCase, change: Partial<Block>): RuleCase {
  const { header, transactions, uncles, withdrawals } = { ...block, ...change }
  return { chain, block: makeBlock(header, transactions, uncles, withdrawals) }
}

const nonces = (...given: readonly bigint[]): Tx[] =>
  given.map((nonce) => signedTransfer({ nonce }))
const blobTx = (maxFeePerBlobGas: bigint): Tx => signedTransfer({ type: 3, maxFeePerBlobGas })

export const BODY_RULE_CASES: Readonly<
  Record<BodyRuleReason | SenderRuleReason, readonly (() => RuleCase)[]>
> = {
  'gas-overbooked': [
    () => withBody(firstBlockOf({ genesis: { gasLimit: '0x2328' } }), { transactions: nonces(0n) }),
  ],
  'uncles-hash-mismatch': [
    () => {
      const made = firstBlockOf({ txs: nonces(0n) })
      return withBody(made, { uncles: [made.block.header] })
    },
  ],
  'withdrawals-root-mismatch': [
    () => firstBlockOf({ config: { shanghaiTime: 0 }, change: { withdrawalsRoot: SOME_HASH } }),
  ],
  'transactions-root-mismatch': [
    () => withBody(firstBlockOf({ txs: nonces(0n) }), { transactions: [] }),
    () => withBody(firstBlockOf({}), { transactions: nonces(0n) }),
  ],
  'empty-receipts-root-mismatch': [
    () => firstBlockOf({ change: { receiptsRoot: SOME_HASH } }),
    () => firstBlockOf({ txs: nonces(0n), change: { receiptsRoot: EMPTY_TRIE_ROOT } }),
  ],
  'empty-logs-bloom-mismatch': [
    () => firstBlockOf({ change: { logsBloom: new Uint8Array(256).with(7, 1) } }),
  ],
  'transaction-twice': [() => firstBlockOf({ txs: nonces(0n, 1n, 0n) })],
  'transaction-invalid': [
    () => firstBlockOf({ txs: [signedTransfer({ chainId: 1n })] }),
    () => firstBlockOf({ txs: [signedTransfer({ type: 4 })] }),
  ],
  'transaction-below-base-fee': [
    () => firstBlockOf({ txs: [signedTransfer({ maxFeePerGas: 1n, maxPriorityFeePerGas: 1n })] }),
  ],
  'transaction-below-blob-base-fee': [
    () => {
      const excessBlobGas = 10n * 2n ** 20n
      return firstBlockOf({
        txs: [blobTx(15n)],
        config: CANCUN,
        genesis: { excessBlobGas: `0x${(excessBlobGas + 3n * GAS_PER_BLOB).toString(16)}` },
        change: { excessBlobGas, blobGasUsed: GAS_PER_BLOB },
      })
    },
  ],
  'transaction-gas-above-block': [
    () =>
      firstBlockOf({
        txs: [signedTransfer({ gasLimit: 30_000_001n })],
        change: { gasUsed: 21_000n },
      }),
    () =>
      firstBlockOf({
        txs: [signedTransfer(), signedTransfer({ nonce: 1n, gasLimit: 29_999_999n })],
        change: { gasUsed: 42_000n },
      }),
  ],
  'gas-used-out-of-reach': [
    () => firstBlockOf({ change: { gasUsed: 1n } }),
    () => firstBlockOf({ txs: nonces(0n), change: { gasUsed: 16_799n } }),
    () => firstBlockOf({ txs: nonces(0n), change: { gasUsed: 21_001n } }),
  ],
  'blob-gas-mismatch': [
    () => firstBlockOf({ config: CANCUN, change: { blobGasUsed: GAS_PER_BLOB } }),
    () => firstBlockOf({ config: CANCUN, txs: [blobTx(1n)] }),
  ],
  'nonces-out-of-order': [
    () => firstBlockOf({ txs: nonces(1n, 0n) }),
    () => firstBlockOf({ txs: nonces(0n, 2n) }),
    () => firstBlockOf({ txs: [signedTransfer(), signedTransfer({ value: 2n })] }),
    () => firstBlockOf({ txs: nonces(1n, 0n), config: PRAGUE }),
  ],
}

/** Blocks that are right, though only just. */
export const RIGHT_BLOCKS: Readonly<Record<string, () => RuleCase>> = {
  'of other senders in any order of nonces': () =>
    firstBlockOf({ txs: [signedTransfer({ nonce: 5n }), signedTransfer({ from: 1 })] }),
  'with a gap between nonces where authorizations count too': () =>
    firstBlockOf({ txs: nonces(0n, 2n), config: PRAGUE }),
  'that used what is left after the largest refund': () =>
    firstBlockOf({ txs: nonces(0n), change: { gasUsed: 16_800n } }),
  'whose last transaction has all the gas that is left': () =>
    firstBlockOf({
      txs: [signedTransfer(), signedTransfer({ nonce: 1n, gasLimit: 30_000_000n - 16_800n })],
      change: { gasUsed: 42_000n },
    }),
  'whose blobs pay just the price of blob gas': () =>
    firstBlockOf({ config: CANCUN, txs: [blobTx(1n)], change: { blobGasUsed: GAS_PER_BLOB } }),
}
