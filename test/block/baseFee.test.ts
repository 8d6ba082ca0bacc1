import { createBlockHeader } from '@ethereumjs/block'
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { INITIAL_BASE_FEE, nextBaseFee } from '../../src/block/baseFee.ts'
import { vectorChain } from '../builders/vectorChain.ts'

const GWEI = 10n ** 9n
const common = new Common({ chain: Mainnet, hardfork: Hardfork.London })

test('the base fee of every London block of the public chain follows from its parent', () => {
  const chain = vectorChain()
  const children = chain.slice(1).filter((block) => block.header.baseFeePerGas !== undefined)
  expect(children.length).toBeGreaterThan(20)
  for (const { header } of children) {
    const parent = chain[Number(header.number) - 2]
    expect(parent && nextBaseFee(parent.header)).toBe(header.baseFeePerGas)
  }
})

test('agrees with an independent implementation', () => {
  const fields = fc
    .record({
      gasLimit: fc.bigInt({ min: 5_000n, max: 10n ** 12n }),
      baseFeePerGas: fc.bigInt({ min: 0n, max: 10n ** 15n }),
      gasUsedShare: fc.bigInt({ min: 0n, max: 1_000n }),
    })
    .map(({ gasUsedShare, ...header }) => ({
      ...header,
      gasUsed: (header.gasLimit * gasUsedShare) / 1_000n,
    }))
  fc.assert(
    fc.property(fields, (parent) => {
      const oracle = createBlockHeader({ number: 20_000_000n, ...parent }, { common })
      expect(nextBaseFee(parent)).toBe(oracle.calcNextBaseFee())
    }),
  )
})

test.each([
  ['stays at the target', 15_000_000n, GWEI],
  ['rises by an eighth after a full block', 30_000_000n, 1_125_000_000n],
  ['falls by an eighth after an empty block', 0n, 875_000_000n],
])('%s', (_, gasUsed, expected) => {
  expect(nextBaseFee({ baseFeePerGas: GWEI, gasLimit: 30_000_000n, gasUsed })).toBe(expected)
})

test('rises by 1 wei at least', () => {
  expect(nextBaseFee({ baseFeePerGas: 7n, gasLimit: 30_000_000n, gasUsed: 15_000_001n })).toBe(8n)
})

test('starts at 1 gwei after a block without one', () => {
  expect(nextBaseFee({ gasLimit: 30_000_000n, gasUsed: 1n })).toBe(INITIAL_BASE_FEE)
  expect(INITIAL_BASE_FEE).toBe(GWEI)
})

test('a gas limit too small to have a target leaves the fee as it is', () => {
  for (const gasLimit of [0n, 1n])
    expect(nextBaseFee({ baseFeePerGas: 9n, gasLimit, gasUsed: gasLimit })).toBe(9n)
})
