import type { Fork } from '../../tx/fork.ts'
import type { ChainConfig, ForkBlockKey, ForkTimeKey } from './config.ts'

/** Which key of the configuration begins which rules, latest first. */
const FORKS_BY_TIME: readonly (readonly [ForkTimeKey, Fork])[] = [
  ['osakaTime', 'osaka'],
  ['pragueTime', 'prague'],
  ['cancunTime', 'cancun'],
  ['shanghaiTime', 'shanghai'],
]

const FORKS_BY_BLOCK: readonly (readonly [ForkBlockKey, Fork])[] = [
  ['londonBlock', 'london'],
  ['berlinBlock', 'berlin'],
  ['istanbulBlock', 'istanbul'],
  ['petersburgBlock', 'constantinoplefix'],
  ['constantinopleBlock', 'constantinople'],
  ['byzantiumBlock', 'byzantium'],
  ['eip158Block', 'eip158'],
  ['eip150Block', 'eip150'],
  ['homesteadBlock', 'homestead'],
]

/**
 * The rules for the block of this number and time (Unix seconds). Forks by time count from London
 * on, as in every client; a chain whose merge has no block number in its configuration shows it at
 * its first fork by time.
 */
export function forkAt(config: ChainConfig, number: bigint, timestamp: bigint): Fork {
  const byBlock = forkByBlock(config, number)
  if (byBlock !== 'london') return byBlock
  for (const [key, fork] of FORKS_BY_TIME) {
    if (begun(config.forkTimes[key], timestamp)) return fork
  }
  return isMergedByNumber(config, number) ? 'paris' : 'london'
}

function forkByBlock(config: ChainConfig, number: bigint): Fork {
  for (const [key, fork] of FORKS_BY_BLOCK) {
    if (begun(config.forkBlocks[key], number))
      return fork === 'constantinople' ? constantinople(config) : fork
  }
  return 'frontier'
}

/**
 * Where Petersburg has no block of its own it came together with Constantinople, as geth reads it.
 */
function constantinople(config: ChainConfig): Fork {
  return config.forkBlocks.petersburgBlock === undefined ? 'constantinoplefix' : 'constantinople'
}

function isMergedByNumber(config: ChainConfig, number: bigint): boolean {
  return (
    begun(config.forkBlocks.mergeNetsplitBlock, number) || config.terminalTotalDifficulty === 0n
  )
}

function begun(start: bigint | undefined, at: bigint): boolean {
  return start !== undefined && at >= start
}
