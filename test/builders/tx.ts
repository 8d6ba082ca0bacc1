/** Valid transactions by default; a test changes the one field it is about. */
import {
  DEVNET_MNEMONIC,
  mnemonicAccount,
  type MnemonicAccount,
} from '../../src/crypto/accounts.ts'
import type { Address } from '../../src/crypto/address.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import type { UnsignedTx } from '../../src/tx/encodeTx.ts'
import { signTx, unsignedTx } from '../../src/tx/signTx.ts'
import type { Authorization, Tx, TxType } from '../../src/tx/tx.ts'

export const TEST_CHAIN_ID = 1337n
export const RECIPIENT = `0x${'ab'.repeat(20)}` as Address
export const GWEI = 10n ** 9n

/** Account number `index` of the mnemonic that development tools share. */
export function testAccount(index = 0): MnemonicAccount {
  return mnemonicAccount(DEVNET_MNEMONIC, index)
}

export const anAuthorization: Authorization = {
  chainId: TEST_CHAIN_ID,
  address: `0x${'cd'.repeat(20)}` as Address,
  nonce: 0n,
  yParity: 1,
  r: 11n,
  s: 12n,
}

export const aBlobHash = `0x01${'ef'.repeat(31)}` as Hash

const BY_TYPE: Readonly<Record<TxType, Partial<UnsignedTx>>> = {
  0: { maxFeePerGas: 2n * GWEI, maxPriorityFeePerGas: 2n * GWEI },
  1: { maxFeePerGas: 2n * GWEI, maxPriorityFeePerGas: 2n * GWEI },
  2: {},
  3: { maxFeePerBlobGas: GWEI, blobVersionedHashes: [aBlobHash] },
  4: { gasLimit: 100_000n, authorizationList: [anAuthorization] },
}

/** The fields of a transfer of 1 wei on chain 1337, of type 2 unless `changes` say otherwise. */
export function transferFields(changes: Partial<UnsignedTx> = {}): UnsignedTx {
  const type = changes.type ?? 2
  const defaults = { chainId: TEST_CHAIN_ID, to: RECIPIENT, value: 1n, maxFeePerGas: 2n * GWEI }
  return unsignedTx({ ...defaults, maxPriorityFeePerGas: GWEI, ...BY_TYPE[type], ...changes, type })
}

/**
 * A signed transfer of 1 wei on chain 1337.
 *
 * @param changes the fields that differ; `from` is the index of the account that signs.
 */
export function signedTransfer(changes: Partial<UnsignedTx> & { readonly from?: number } = {}): Tx {
  const { from = 0, ...fields } = changes
  return signTx(transferFields(fields), testAccount(from).privateKey)
}
