/** The accounts of a devnet, all made from one mnemonic that everybody knows, and the genesis that funds them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { devnetGenesis } from '../chain/genesis/devnetGenesis.ts'
import { DEVNET_MNEMONIC, mnemonicAccount } from '../crypto/accounts.ts'
import type { Address } from '../crypto/address.ts'
import { bytesToHex, type Hex } from '../lib/bytes.ts'
import { makeDirectory } from '../lib/makeDirectory.ts'

export interface DevnetAccount {
  readonly address: Address
  readonly privateKey: Hex
}

/** What of a devnet its genesis follows from. */
export interface GenesisOptions {
  readonly nodes: number
  readonly signers?: number
  readonly senders?: number
  readonly chainId: number
  readonly periodS: number
  readonly gasLimit?: number
  readonly dir: string
}

/** Funded accounts of the built-in genesis: the first ten of the mnemonic that Ethereum's tools share. */
export const DEVNET_ACCOUNTS = 10
/** Far from the funded ones and the signers. */
const SPARE_ACCOUNT = 1_000
/** Their accounts come after the funded ones. With three, one may die and sealing goes on. */
const DEFAULT_SIGNERS = 3

/** The funded accounts, with their publicly known keys: never use them outside a devnet. */
export function devnetAccounts(senders = DEVNET_ACCOUNTS): DevnetAccount[] {
  return Array.from({ length: Math.max(DEVNET_ACCOUNTS, senders) }, (_, index) => {
    const { address, privateKey } = mnemonicAccount(DEVNET_MNEMONIC, index)
    return { address, privateKey: bytesToHex(privateKey) }
  })
}

/** Funded too, and used by no load: what a person sends by hand disturbs nobody's nonces. */
export function spareAccount(): DevnetAccount {
  const { address, privateKey } = mnemonicAccount(DEVNET_MNEMONIC, SPARE_ACCOUNT)
  return { address, privateKey: bytesToHex(privateKey) }
}

/** Writes the genesis file of a devnet, always the same for the same options, and answers its path. */
export function writeGenesis(options: GenesisOptions): string {
  makeDirectory(options.dir)
  const file = join(options.dir, 'genesis.json')
  const genesis = devnetGenesis({
    chainId: options.chainId,
    periodS: options.periodS,
    ...(options.gasLimit !== undefined && { gasLimit: options.gasLimit }),
    accounts: [...devnetAccounts(options.senders), spareAccount()].map(
      (account) => account.address,
    ),
    signers: signerAccounts(options).map((account) => account.address),
  })
  writeFileSync(file, `${JSON.stringify(genesis, null, 2)}\n`)
  return file
}

/** The accounts that seal, one for each of the first peers. */
export function signerAccounts({
  nodes,
  signers,
  senders = 0,
}: GenesisOptions): ReturnType<typeof mnemonicAccount>[] {
  const count = Math.min(nodes, signers ?? DEFAULT_SIGNERS)
  return Array.from({ length: count }, (_, index) =>
    mnemonicAccount(DEVNET_MNEMONIC, Math.max(DEVNET_ACCOUNTS, senders) + index),
  )
}
