import { expect, test } from 'vitest'
import { devnetAccounts, signerAccounts } from '../../src/devnet/accounts.ts'

test('a devnet funds ten accounts, more where more sign the load, or as many as were asked for', () => {
  expect(devnetAccounts()).toHaveLength(10)
  expect(devnetAccounts(30)).toHaveLength(30)
  expect(devnetAccounts(undefined, { count: 3 })).toHaveLength(3)
  expect(devnetAccounts(5, { count: 3 })).toHaveLength(5)
})

test('signers are none of the funded accounts', () => {
  const funded = new Set(devnetAccounts(undefined, { count: 25 }).map(({ address }) => address))
  const signers = signerAccounts(3, 25)
  expect(signers.filter(({ address }) => funded.has(address))).toEqual([])
})

test('another mnemonic makes other accounts', () => {
  const mnemonic = 'legal winner thank year wave sausage worth useful legal winner thank yellow'
  const [account] = devnetAccounts(undefined, { mnemonic })
  expect(account?.address).not.toBe(devnetAccounts()[0]?.address)
})
