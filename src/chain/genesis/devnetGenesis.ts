import { CLIQUE_SEAL_BYTES, CLIQUE_VANITY_BYTES } from '../../block/clique.ts'
import { DEVNET_ADDRESSES } from '../../crypto/devnetAddresses.ts'
import { ZERO_ADDRESS, type Address } from '../../crypto/address.ts'
import { FORK_BLOCKS } from './config.ts'

/** The chain id of devnets, which development tools know. */
export const DEVNET_CHAIN_ID = 1337
/** The gas limit of the blocks of a devnet. */
export const DEVNET_GAS_LIMIT = 30_000_000
/** Wei; 10,000 ether. */
export const DEVNET_BALANCE = 10_000n * 10n ** 18n
/** Accounts of a devnet that have money. */
export const DEVNET_ACCOUNT_COUNT = 10

/** What the genesis of a devnet is made with. */
export interface DevnetGenesisOptions {
  readonly chainId?: number | bigint
  /** Who seals: one or more, each once. */
  readonly signers: readonly Address[]
  /** Who has money: the first ten of the mnemonic every development tool knows, unless given. */
  readonly accounts?: readonly Address[]
  /** Wei of each account; {@link DEVNET_BALANCE} unless given. */
  readonly balanceWei?: bigint
  /** Seconds between blocks. */
  readonly periodS: number
  /** Of every block; {@link DEVNET_GAS_LIMIT} unless given. */
  readonly gasLimit?: number
}

/**
 * A genesis file in geth's format: Clique, London rules from the first block. Pure JSON, for any
 * client to read.
 */
export interface GenesisJson {
  readonly config: Readonly<Record<string, unknown>>
  readonly nonce: string
  readonly timestamp: string
  readonly extraData: string
  readonly gasLimit: string
  readonly difficulty: string
  readonly mixHash: string
  readonly coinbase: string
  readonly alloc: Readonly<Record<Address, { readonly balance: string }>>
}

/** The genesis of a devnet; the same options give the same bytes, and so the same network. */
export function devnetGenesis(options: DevnetGenesisOptions): GenesisJson {
  const { chainId = DEVNET_CHAIN_ID, signers, periodS, gasLimit = DEVNET_GAS_LIMIT } = options
  const accounts = options.accounts ?? DEVNET_ADDRESSES.slice(0, DEVNET_ACCOUNT_COUNT)
  const balance = `0x${(options.balanceWei ?? DEVNET_BALANCE).toString(16)}`
  return {
    config: {
      chainId: Number(chainId),
      ...forksUntilLondon(),
      clique: { period: periodS, epoch: 30_000 },
    },
    nonce: '0x0',
    timestamp: '0x0',
    extraData: genesisExtraData(signers),
    gasLimit: `0x${gasLimit.toString(16)}`,
    difficulty: '0x1',
    mixHash: `0x${'00'.repeat(32)}`,
    coinbase: ZERO_ADDRESS,
    alloc: Object.fromEntries(accounts.map((address) => [address, { balance }])),
  }
}

/** The optional ones change only the difficulty of mining, or belong to mainnet's history. */
function forksUntilLondon(): Record<string, number> {
  const keys = FORK_BLOCKS.filter(({ optional }) => !optional).map(({ key }) => key)
  return Object.fromEntries(keys.map((key) => [key, 0]))
}

/** Ascending, as geth writes them. */
function genesisExtraData(signers: readonly Address[]): string {
  const sorted = [...signers].sort().map((address) => address.slice(2))
  return `0x${'00'.repeat(CLIQUE_VANITY_BYTES)}${sorted.join('')}${'00'.repeat(CLIQUE_SEAL_BYTES)}`
}
