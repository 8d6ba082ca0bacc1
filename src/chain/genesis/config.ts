import type { Address } from '../../crypto/address.ts'

/**
 * Forks that begin at a block number, in order, by their key in a genesis file. The optional ones
 * may be left out even when a later one is given: they change nothing but the difficulty of mined
 * blocks, or never concern a new chain.
 */
export const FORK_BLOCKS = [
  { key: 'homesteadBlock', optional: false },
  { key: 'daoForkBlock', optional: true },
  { key: 'eip150Block', optional: false },
  { key: 'eip155Block', optional: false },
  { key: 'eip158Block', optional: false },
  { key: 'byzantiumBlock', optional: false },
  { key: 'constantinopleBlock', optional: false },
  { key: 'petersburgBlock', optional: false },
  { key: 'istanbulBlock', optional: false },
  { key: 'muirGlacierBlock', optional: true },
  { key: 'berlinBlock', optional: false },
  { key: 'londonBlock', optional: false },
  { key: 'arrowGlacierBlock', optional: true },
  { key: 'grayGlacierBlock', optional: true },
  { key: 'mergeNetsplitBlock', optional: true },
] as const

/**
 * Forks that begin at a time (Unix seconds), in order; the bpo forks change only the blob
 * parameters (EIP-7892).
 */
export const FORK_TIMES = [
  { key: 'shanghaiTime', optional: false },
  { key: 'cancunTime', optional: false },
  { key: 'pragueTime', optional: false },
  { key: 'osakaTime', optional: false },
  { key: 'bpo1Time', optional: true },
  { key: 'bpo2Time', optional: true },
  { key: 'bpo3Time', optional: true },
  { key: 'bpo4Time', optional: true },
  { key: 'bpo5Time', optional: true },
] as const

/** The key of a fork that begins at a block number. */
export type ForkBlockKey = (typeof FORK_BLOCKS)[number]['key']
/** The key of a fork that begins at a time. */
export type ForkTimeKey = (typeof FORK_TIMES)[number]['key']

/** How many blobs a block of a fork may and should carry (EIP-7840). */
export interface BlobParameters {
  readonly target: number
  readonly max: number
  readonly baseFeeUpdateFraction: bigint
}

/** Proof of authority by signed headers, EIP-225. */
export interface CliqueConfig {
  /** Least number of seconds between two blocks. */
  readonly periodS: bigint
  /** Every block whose number is a multiple of this repeats the signers in its extra data. */
  readonly epoch: bigint
}

/**
 * The rules of a chain: the `config` of a genesis file. Numbers of blocks, and times in Unix
 * seconds.
 */
export interface ChainConfig {
  readonly chainId: bigint
  readonly forkBlocks: Readonly<Partial<Record<ForkBlockKey, bigint>>>
  readonly forkTimes: Readonly<Partial<Record<ForkTimeKey, bigint>>>
  /**
   * Total difficulty after which blocks are no longer mined or sealed (EIP-3675); `undefined`:
   * never.
   */
  readonly terminalTotalDifficulty: bigint | undefined
  /** `undefined` for a chain that is mined or merged. */
  readonly clique: CliqueConfig | undefined
  /** By the name of the fork: cancun, prague, osaka, bpo1, ... */
  readonly blobSchedule: Readonly<Record<string, BlobParameters>>
  readonly depositContract: Address | undefined
}
