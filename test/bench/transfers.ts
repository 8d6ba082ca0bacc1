/** Accounts and signed transfers for load, the same in every run and in every process. */
import { devnetGenesis, type GenesisJson } from '../../src/chain/genesis/devnetGenesis.ts'
import { parseGenesis, type Genesis } from '../../src/chain/genesis/genesis.ts'
import { addressOfPublicKey, type Address } from '../../src/crypto/address.ts'
import { keccak256 } from '../../src/crypto/keccak.ts'
import { secp256k1 } from '../../src/crypto/secp256k1.ts'
import { TRANSFER_GAS } from '../../src/tx/gas.ts'
import { signTx, unsignedTx } from '../../src/tx/signTx.ts'
import type { Tx } from '../../src/tx/tx.ts'

export interface Account {
  readonly address: Address
  readonly privateKey: Uint8Array
}

export const CHAIN_ID = 1337n
const GWEI = 10n ** 9n
/** EIP-2028. */
const DATA_BYTE_GAS = 16n
const NO_DATA = new Uint8Array(0)
/** With it a transfer has 200 bytes, the size at which the router alone is measured elsewhere. */
export const DATA_FOR_200_BYTES = new Uint8Array(82).fill(0x67)

/** Account number `index`. */
export function account(index: number): Account {
  const privateKey = keccak256(new TextEncoder().encode(`grapevine bench account ${index}`))
  return { privateKey, address: addressOfPublicKey(secp256k1.publicKey(privateKey)) }
}

export function accounts(count: number): readonly Account[] {
  return Array.from({ length: count }, (_, index) => account(index))
}

/** Who seals: an account of its own. */
export function sealer(): Account {
  return account(-1)
}

/** A devnet's genesis in which the first `funded` accounts have money. */
export function genesisFor(funded: number): Genesis {
  return parseGenesis(genesisJsonFor(funded))
}

/** The same as a file. */
export function genesisJsonFor(funded: number): GenesisJson {
  return devnetGenesis({
    chainId: CHAIN_ID,
    signers: [sealer().address],
    accounts: accounts(funded).map(({ address }) => address),
    periodS: 1,
  })
}

/**
 * A transfer, of some 115 bytes without data. The tips differ, so that a pool has something to
 * sort.
 */
export function transfer(from: Account, nonce: number, data = NO_DATA): Tx {
  const fields = unsignedTx({
    type: 2,
    chainId: CHAIN_ID,
    nonce: BigInt(nonce),
    gasLimit: TRANSFER_GAS + DATA_BYTE_GAS * BigInt(data.length),
    to: RECIPIENT,
    value: 1n,
    data,
    maxFeePerGas: 20n * GWEI,
    maxPriorityFeePerGas: BigInt(1 + (nonce % 7)) * GWEI,
  })
  return signTx(fields, from.privateKey)
}

const RECIPIENT = `0x${'67'.repeat(20)}` as Address

/**
 * One transfer of each sender and nonce from `first` to below `end`, nonce by nonce as a network
 * interleaves them.
 */
export function transfers(
  senders: readonly Account[],
  [first, end]: readonly [first: number, end: number],
  data = NO_DATA,
): Tx[] {
  const nonces = Array.from({ length: end - first }, (_, index) => first + index)
  return nonces.flatMap((nonce) => senders.map((sender) => transfer(sender, nonce, data)))
}
