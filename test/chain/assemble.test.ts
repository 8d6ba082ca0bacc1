import { describe, expect, test } from 'vitest'
import { assembleBlock } from '../../src/chain/assemble.ts'
import { extend, nextBlock, testChain, testSigners } from '../builders/chain.ts'
import { account } from '../builders/keys.ts'
import { GWEI, signedTransfer, testAccount } from '../builders/tx.ts'

describe('assembling a block', () => {
  test('passes over what cannot be executed and keeps the rest in order', () => {
    const chain = testChain()
    const good = signedTransfer({ nonce: 0n })
    const next = signedTransfer({ nonce: 1n })
    const other = signedTransfer({ from: 1 })
    const txs = [
      signedTransfer({ nonce: 3n }),
      good,
      signedTransfer({ from: 2, to: undefined, gasLimit: 100_000n }),
      signedTransfer({ from: 2, value: 10n ** 23n }),
      signedTransfer({ from: 2, maxFeePerGas: 1n, maxPriorityFeePerGas: 1n }),
      signedTransfer({ from: 2, chainId: 5n }),
      signedTransfer({ from: 2, type: 4 }),
      good,
      next,
      other,
    ]
    const block = extend(chain, { txs })
    expect(block.transactions).toEqual([good, next, other])
    expect(block.header.gasUsed).toBe(63_000n)
  })

  test('fills the block to its gas limit and no further', () => {
    const file = (json: object) => ({ ...json, gasLimit: 100_000 })
    const chain = testChain({ file })
    const txs = Array.from({ length: 9 }, (_, nonce) => signedTransfer({ nonce: BigInt(nonce) }))
    const block = extend(chain, { txs })
    expect(block.transactions).toHaveLength(4)
    const raised = chain.nextBaseFee() ?? 0n
    expect(raised).toBeGreaterThan(block.header.baseFeePerGas ?? 0n)
  })

  test('stays under the size at which peers refuse a block', () => {
    const file = (json: object) => ({ ...json, gasLimit: 100_000_000 })
    const chain = testChain({ file })
    const data = new Uint8Array(1024 * 1024)
    const gasLimit = 21_000n + BigInt(data.length) * 4n
    const txs = Array.from({ length: 9 }, (_, nonce) =>
      signedTransfer({ nonce: BigInt(nonce), data, gasLimit }),
    )
    expect(extend(chain, { txs }).transactions).toHaveLength(7)
  })

  test('takes the earliest allowed time where it is asked for an earlier one', () => {
    const chain = testChain({ periodS: 5 })
    const { privateKey } = account(0)
    const at = (timestamp: bigint) =>
      assembleBlock(chain, chain.head, [], { timestamp, privateKey }).block.header.timestamp
    expect(at(0n)).toBe(5n)
    expect(at(6n)).toBe(6n)
  })

  test('marks whose turn it is and carries the vanity', () => {
    const chain = testChain({ signers: 3 })
    const vanity = new TextEncoder().encode('grapevine')
    const difficulties = testSigners(3).map(({ privateKey }) => {
      const options = { timestamp: 1n, privateKey, vanity }
      const { header } = assembleBlock(chain, chain.head, [], options).block
      expect(new TextDecoder().decode(header.extraData.subarray(0, 9))).toBe('grapevine')
      return header.difficulty
    })
    expect(difficulties).toEqual([1n, 2n, 1n])
  })

  test('answers the senders in the order of the transactions', () => {
    const chain = testChain()
    const txs = [
      signedTransfer({ from: 1, maxPriorityFeePerGas: GWEI }),
      signedTransfer({ from: 0 }),
    ]
    expect(nextBlock(chain, { txs }).senders).toEqual([1, 0].map((i) => testAccount(i).address))
  })
})
