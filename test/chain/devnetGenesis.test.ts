import { createCommonFromGethGenesis } from '@ethereumjs/common'
import { describe, expect, test } from 'vitest'
import { Chain } from '../../src/chain/chain.ts'
import { devnetGenesis } from '../../src/chain/genesis/devnetGenesis.ts'
import { forkAt } from '../../src/chain/genesis/forks.ts'
import { parseGenesis } from '../../src/chain/genesis/genesis.ts'
import { parseAddress } from '../../src/crypto/address.ts'
import { testSigners } from '../builders/chain.ts'
import { RECIPIENT } from '../builders/tx.ts'

const signers = testSigners(3).map(({ address }) => address)

describe('the devnet genesis', () => {
  test('gives the ten accounts every development tool knows 10,000 ether each, on chain 1337', () => {
    const chain = new Chain({ genesis: parseGenesis(devnetGenesis({ signers, periodS: 2 })) })
    const known = parseAddress('0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266')
    expect(known && chain.state.balance(known)).toBe(10_000n * 10n ** 18n)
    expect(chain.genesis.alloc.size).toBe(10)
    expect(chain.chainId).toBe(1337n)
    expect(chain.genesis.header.gasLimit).toBe(30_000_000n)
    expect(chain.genesis.header.baseFeePerGas).toBe(10n ** 9n)
    expect(forkAt(chain.config, 0n, 0n)).toBe('london')
    expect(chain.config.clique).toEqual({ periodS: 2n, epoch: 30_000n })
  })

  test('has the signers in the order of their turns, however they are given', () => {
    const one = devnetGenesis({ signers, periodS: 2 })
    const other = devnetGenesis({ signers: signers.toReversed(), periodS: 2 })
    expect(other).toEqual(one)
    expect(new Chain({ genesis: parseGenesis(one) }).signers).toEqual(signers)
  })

  test('takes another chain id and other accounts', () => {
    const file = devnetGenesis({ signers, periodS: 1, chainId: 5n, accounts: [RECIPIENT] })
    const { config, alloc } = parseGenesis(file)
    expect(config.chainId).toBe(5n)
    expect([...alloc.keys()]).toEqual([RECIPIENT])
  })

  test('is plain JSON that another client reads as a Clique chain under London rules', () => {
    const file = devnetGenesis({ signers, periodS: 2 })
    expect(JSON.parse(JSON.stringify(file))).toEqual(file)
    const common = createCommonFromGethGenesis(file as never, { chain: 'devnet' })
    expect(common.consensusAlgorithm()).toBe('clique')
    expect(common.hardfork()).toBe('london')
    expect(common.chainId()).toBe(1337n)
  })
})
