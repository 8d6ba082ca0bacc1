/** The accounts of a devnet, who has funds and who seals, and the genesis that says so. */
import { devnetGenesis } from '../chain/genesis/devnetGenesis.ts'
import { DEVNET_MNEMONIC, mnemonicAccount } from '../crypto/accounts.ts'
import type { Address } from '../crypto/address.ts'
import { bytesToHex, type Hex } from '../lib/bytes.ts'

/** An account with its private key. */
export interface DevnetAccount {
  readonly address: Address
  readonly privateKey: Hex
}

/**
 * How the funded accounts of a devnet are chosen; what is left out is as in the built-in genesis.
 */
export interface FundedAccounts {
  /** How many have funds, at least as many as sign the load. */
  readonly count?: number
  /** Wei of each. */
  readonly balanceWei?: bigint
  /** BIP-39 words that they are derived from. */
  readonly mnemonic?: string
}

/** What of a devnet its genesis follows from. */
export interface GenesisOptions {
  readonly nodes: number
  readonly signers?: number
  readonly senders?: number
  readonly funded?: FundedAccounts
  readonly chainId: number
  readonly periodS: number
  readonly gasLimit?: number
  readonly dir: string
}

/**
 * Funded accounts of the built-in genesis: the first ten of the mnemonic that Ethereum's tools
 * share.
 */
export const DEVNET_ACCOUNTS = 10
/** Far from the funded ones and the signers. */
const SPARE_ACCOUNT = 1_000
/** The signers come after the funded accounts and before the spare one. */
export const MAX_DEVNET_ACCOUNTS = 900
/**
 * Their accounts come after the funded ones. With four, one may die: sealing goes on, and so does
 * finality.
 */
const DEFAULT_SIGNERS = 4

/**
 * The funded accounts. Their keys are publicly known unless the mnemonic is another: never use them
 * outside a devnet.
 */
export function devnetAccounts(
  senders = 0,
  { count = DEVNET_ACCOUNTS, mnemonic = DEVNET_MNEMONIC }: FundedAccounts = {},
): DevnetAccount[] {
  const accounts = Math.max(count, senders)
  return Array.from({ length: accounts }, (_, index) => accountOf(mnemonic, index))
}

/** Funded too, and used by no load: what a person sends by hand disturbs nobody's nonces. */
export function spareAccount(): DevnetAccount {
  return accountOf(DEVNET_MNEMONIC, SPARE_ACCOUNT)
}

/** So many Clique signers: the accounts after the first `after`, which have funds. */
export function signerAccounts(count: number, after: number): DevnetAccount[] {
  const first = Math.max(DEVNET_ACCOUNTS, after)
  return Array.from({ length: count }, (_, index) => accountOf(DEVNET_MNEMONIC, first + index))
}

/** The accounts that seal in a devnet, one for each of the first peers. */
export function signersOf(options: GenesisOptions): DevnetAccount[] {
  const { nodes, signers = DEFAULT_SIGNERS, senders = 0, funded } = options
  return signerAccounts(Math.min(nodes, signers), Math.max(senders, funded?.count ?? 0))
}

/** The genesis file of a devnet: always the same text for the same options. */
export function genesisTextOf(options: GenesisOptions): string {
  const { senders, funded, gasLimit } = options
  const genesis = devnetGenesis({
    chainId: options.chainId,
    periodS: options.periodS,
    ...(gasLimit !== undefined && { gasLimit }),
    ...(funded?.balanceWei !== undefined && { balanceWei: funded.balanceWei }),
    accounts: [...devnetAccounts(senders, funded), spareAccount()].map(({ address }) => address),
    signers: signersOf(options).map(({ address }) => address),
  })
  return `${JSON.stringify(genesis, null, 2)}\n`
}

function accountOf(mnemonic: string, index: number): DevnetAccount {
  const { address, privateKey } = mnemonicAccount(mnemonic, index)
  return { address, privateKey: bytesToHex(privateKey) }
}
