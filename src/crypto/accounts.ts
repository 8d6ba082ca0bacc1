/**
 * Accounts derived from a mnemonic, as wallets and devnet tools derive them (BIP-39, BIP-32,
 * BIP-44).
 */
import { createHmac, pbkdf2Sync } from 'node:crypto'
import { generateMnemonic, validateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { BoundedMap } from '../lib/boundedMap.ts'
import { bigintToFixedBytes, bytesToBigint, concatBytes } from '../lib/bytes.ts'
import { addressOfPublicKey, type Address } from './address.ts'
import { MAX_CACHED_MNEMONICS } from './limits.ts'
import { secp256k1, SECP256K1_N } from './secp256k1.ts'

/**
 * The mnemonic that Ethereum's development tools share. Everyone knows its keys: never send it real
 * funds.
 */
export const DEVNET_MNEMONIC = 'test test test test test test test test test test test junk'

/** An account and the key that signs for it. */
export interface MnemonicAccount {
  readonly address: Address
  /** 32 bytes. */
  readonly privateKey: Uint8Array
}

/** BIP-32: from here on an index is hardened. */
const HARDENED = 2 ** 31
/** BIP-44: purpose, Ethereum's coin type, first account, external chain: m/44'/60'/0'/0. */
const ACCOUNTS_PATH: readonly number[] = [HARDENED + 44, HARDENED + 60, HARDENED, 0]
/** BIP-39: rounds of PBKDF2 and bytes of the seed. */
const [SEED_ROUNDS, SEED_BYTES] = [2_048, 64]

/** A private key of BIP-32 with its chain code, 32 bytes each. */
interface ExtendedKey {
  readonly privateKey: Uint8Array
  readonly chainCode: Uint8Array
}

const MAX_INDEX = 2 ** 31 - 1

const parents = new BoundedMap<string, ExtendedKey>(MAX_CACHED_MNEMONICS)

/**
 * Account number `index` of `mnemonic`, at m/44'/60'/0'/0/index. Throws for a mnemonic that is
 * none.
 */
export function mnemonicAccount(mnemonic: string, index: number): MnemonicAccount {
  if (!Number.isInteger(index) || index < 0 || index > MAX_INDEX)
    throw new RangeError(`mnemonicAccount: index must be an integer in 0..2^31-1, got ${index}`)
  const { privateKey } = childOf(parentOf(mnemonic), index)
  return { address: addressOfPublicKey(secp256k1.publicKey(privateKey)), privateKey }
}

/** Twelve words that nobody else has, from the random numbers of the operating system. */
export function newMnemonic(): string {
  return generateMnemonic(wordlist)
}

/** The key above all accounts of a mnemonic; deriving it is costly, so it is kept. */
function parentOf(mnemonic: string): ExtendedKey {
  const known = parents.get(mnemonic)
  if (known !== undefined) return known
  if (!validateMnemonic(mnemonic, wordlist))
    throw new Error('not a BIP-39 mnemonic: 12 to 24 English words of which the last is a checksum')
  const parent = ACCOUNTS_PATH.reduce(childOf, masterOf(mnemonic))
  parents.set(mnemonic, parent)
  return parent
}

/** BIP-39 without a passphrase, then the master key of BIP-32. */
function masterOf(mnemonic: string): ExtendedKey {
  const words = mnemonic.normalize('NFKD')
  const seed = pbkdf2Sync(words, 'mnemonic', SEED_ROUNDS, SEED_BYTES, 'sha512')
  return halves(createHmac('sha512', 'Bitcoin seed').update(seed).digest())
}

/**
 * BIP-32, private parent to private child. By the machine's own SHA-512 and curve: in JavaScript a
 * mnemonic took a fifth of the start of a node. Throws where the index has no key, once in 2^127.
 */
function childOf({ privateKey, chainCode }: ExtendedKey, index: number): ExtendedKey {
  const of = index < HARDENED ? compressed(privateKey) : concatBytes(ZERO_BYTE, privateKey)
  const data = concatBytes(of, bigintToFixedBytes(BigInt(index), 4))
  const { privateKey: left, chainCode: right } = halves(
    createHmac('sha512', chainCode).update(data).digest(),
  )
  const added = bytesToBigint(left)
  const key = (added + bytesToBigint(privateKey)) % SECP256K1_N
  if (added >= SECP256K1_N || key === 0n)
    throw new Error(`mnemonicAccount: no key at index ${index}; take the next`)
  return { privateKey: bigintToFixedBytes(key, 32), chainCode: right }
}

const ZERO_BYTE = new Uint8Array(1)

function halves(digest: Uint8Array): ExtendedKey {
  return {
    privateKey: new Uint8Array(digest.subarray(0, 32)),
    chainCode: new Uint8Array(digest.subarray(32)),
  }
}

/** The public key in 33 bytes: whether y is odd, then x. */
function compressed(privateKey: Uint8Array): Uint8Array {
  const publicKey = secp256k1.publicKey(privateKey)
  const isOdd = ((publicKey.at(-1) ?? 0) & 1) === 1
  return concatBytes(Uint8Array.of(isOdd ? 3 : 2), publicKey.subarray(1, 33))
}
