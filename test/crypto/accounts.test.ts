import { mnemonicToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { DEVNET_MNEMONIC, mnemonicAccount, newMnemonic } from '../../src/crypto/accounts.ts'
import { DEVNET_ADDRESSES } from '../../src/crypto/devnetAddresses.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'

// The accounts that anvil and hardhat print at start.
test.each([
  [
    0,
    '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
    '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  ],
  [
    1,
    '0x70997970c51812dc3a010c7d01b50e0d17dc79c8',
    '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
  ],
  [
    9,
    '0xa0ee7a142d267c1f36714e4a8f75612f20a79720',
    '0x2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6',
  ],
])('derives account %d of the devnet mnemonic as other tools do', (index, address, key) => {
  const account = mnemonicAccount(DEVNET_MNEMONIC, index)
  expect(account.address).toBe(address)
  expect(bytesToHex(account.privateKey)).toBe(key)
})

test('the addresses that the built-in genesis has are those of the mnemonic', () => {
  expect(DEVNET_ADDRESSES).toEqual(
    DEVNET_ADDRESSES.map((_, index) => mnemonicAccount(DEVNET_MNEMONIC, index).address),
  )
})

test('derives an account of another mnemonic from that mnemonic', () => {
  const other =
    'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about'
  expect(mnemonicAccount(other, 0).address).toBe('0x9858effd232b4033e47d90003d41ec34ecaeda94')
  expect(mnemonicAccount(DEVNET_MNEMONIC, 0).address).toBe(
    '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
  )
})

test('derives the accounts of any mnemonic as viem does', () => {
  for (let count = 0; count < 8; count++) {
    const mnemonic = newMnemonic()
    for (const addressIndex of [0, 1, 255, 65_536, 2 ** 31 - 1]) {
      const { address, privateKey } = mnemonicAccount(mnemonic, addressIndex)
      const theirs = mnemonicToAccount(mnemonic, { addressIndex })
      expect(address).toBe(theirs.address.toLowerCase())
      expect(privateKey).toEqual(new Uint8Array(theirs.getHdKey().privateKey ?? []))
    }
  }
})

test.each(['', 'test', 'test test test test test test test test test test test test', 'no words'])(
  'refuses %j, which is no mnemonic',
  (text) => {
    expect(() => mnemonicAccount(text, 0)).toThrow('not a BIP-39 mnemonic')
  },
)

test.each([-1, 0.5, 2 ** 31, Number.NaN])('refuses index %d', (index) => {
  expect(() => mnemonicAccount(DEVNET_MNEMONIC, index)).toThrow(RangeError)
})
