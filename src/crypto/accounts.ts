/** Accounts derived from a mnemonic, as wallets and devnet tools derive them (BIP-39, BIP-32, BIP-44). */
import { HDKey } from '@scure/bip32'
import { generateMnemonic, mnemonicToSeedSync, validateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { BoundedMap } from '../lib/boundedMap.ts'
import { addressOfPublicKey, type Address } from './address.ts'
import { MAX_CACHED_MNEMONICS } from './limits.ts'
import { secp256k1 } from './secp256k1.ts'

/** The mnemonic that Ethereum's development tools share. Everyone knows its keys: never send it real funds. */
export const DEVNET_MNEMONIC = 'test test test test test test test test test test test junk'

/** An account and the key that signs for it. */
export interface MnemonicAccount {
  readonly address: Address
  /** 32 bytes. */
  readonly privateKey: Uint8Array
}

/** BIP-44: purpose, Ethereum's coin type, first account, external chain. */
const ACCOUNTS_PATH = "m/44'/60'/0'/0"

const MAX_INDEX = 2 ** 31 - 1

const parents = new BoundedMap<string, HDKey>(MAX_CACHED_MNEMONICS)

/** Account number `index` of `mnemonic`, at m/44'/60'/0'/0/index. Throws for a mnemonic that is none. */
export function mnemonicAccount(mnemonic: string, index: number): MnemonicAccount {
  if (!Number.isInteger(index) || index < 0 || index > MAX_INDEX)
    throw new RangeError(`mnemonicAccount: index must be an integer in 0..2^31-1, got ${index}`)
  const { privateKey } = parentOf(mnemonic).deriveChild(index)
  if (privateKey === null)
    throw new Error(`mnemonicAccount: no key at index ${index}; take the next`)
  return { address: addressOfPublicKey(secp256k1.publicKey(privateKey)), privateKey }
}

/** Twelve words that nobody else has, from the random numbers of the operating system. */
export function newMnemonic(): string {
  return generateMnemonic(wordlist)
}

/** The key above all accounts of a mnemonic; deriving it is costly, so it is kept. */
function parentOf(mnemonic: string): HDKey {
  const known = parents.get(mnemonic)
  if (known !== undefined) return known
  if (!validateMnemonic(mnemonic, wordlist))
    throw new Error('not a BIP-39 mnemonic: 12 to 24 English words of which the last is a checksum')
  const parent = HDKey.fromMasterSeed(mnemonicToSeedSync(mnemonic)).derive(ACCOUNTS_PATH)
  parents.set(mnemonic, parent)
  return parent
}
