/**
 * The rules that a data directory was made with, and whether other rules fit the chain in it. What
 * the chain has not reached may change: a fork that is still planned may be added, moved or given
 * up.
 */
import type { RlpItem } from '../../lib/rlp.ts'
import { FORK_BLOCKS, FORK_TIMES, type ChainConfig } from '../genesis/config.ts'
import type { ForkPlace } from '../genesis/forkId.ts'

/** By the path in a genesis file's `config`: one entry for everything that is given. */
type Entries = ReadonlyMap<string, string>

/** RLP: a list of [path, value], both as text. */
export function encodeConfig(config: ChainConfig): RlpItem {
  const encoder = new TextEncoder()
  return [...entriesOf(config)].map((entry) => entry.map((text) => encoder.encode(text)))
}

/** Whether `config` is what was kept, to the letter. */
export function isKeptConfig(kept: RlpItem, config: ChainConfig): boolean {
  return differences(decodeEntries(kept), entriesOf(config)).length === 0
}

/**
 * What `config` has otherwise than the chain that was kept, such as `chainId 1337, not 1338`;
 * `undefined` where it differs only in what the chain has not reached.
 *
 * @param reached the head of the kept chain.
 */
export function configConflict(
  kept: RlpItem,
  config: ChainConfig,
  reached: ForkPlace,
): string | undefined {
  const [before, after] = [decodeEntries(kept), entriesOf(config)]
  const path = differences(before, after).find(
    (path) => isReached(path, before, reached) || isReached(path, after, reached),
  )
  if (path === undefined) return undefined
  return `${path} ${before.get(path) ?? '(not given)'}, not ${after.get(path) ?? '(not given)'}`
}

function entriesOf(config: ChainConfig): Entries {
  const { clique, blobSchedule, depositContract, terminalTotalDifficulty } = config
  const given: readonly (readonly [string, bigint | string | undefined])[] = [
    ['chainId', config.chainId],
    ...FORK_BLOCKS.map(({ key }) => [key, config.forkBlocks[key]] as const),
    ...FORK_TIMES.map(({ key }) => [key, config.forkTimes[key]] as const),
    ['terminalTotalDifficulty', terminalTotalDifficulty],
    ['clique.period', clique?.periodS],
    ['clique.epoch', clique?.epoch],
    ...Object.entries(blobSchedule).map(
      ([fork, { target, max, baseFeeUpdateFraction }]) =>
        [blobPath(fork), `${target}/${max}/${baseFeeUpdateFraction}`] as const,
    ),
    ['depositContractAddress', depositContract],
  ]
  return new Map(
    given.flatMap(([path, value]) => (value === undefined ? [] : [[path, String(value)]])),
  )
}

function decodeEntries(item: RlpItem): Entries {
  const decoder = new TextDecoder()
  const pairs = item instanceof Uint8Array ? [] : item
  return new Map(
    pairs.flatMap((pair) => {
      const [path, value] = pair instanceof Uint8Array ? [] : pair
      const isPair = path instanceof Uint8Array && value instanceof Uint8Array
      return isPair ? [[decoder.decode(path), decoder.decode(value)]] : []
    }),
  )
}

function differences(before: Entries, after: Entries): string[] {
  const paths = new Set([...before.keys(), ...after.keys()])
  return [...paths].filter((path) => before.get(path) !== after.get(path))
}

/**
 * Forks and their blob parameters count from their block or time on, everything else from the
 * genesis on.
 */
function isReached(path: string, entries: Entries, { number, timestamp }: ForkPlace): boolean {
  const fork = FORK_TIMES.find(
    ({ key }) => path === key || path === blobPath(key.replace('Time', '')),
  )
  const isByNumber = FORK_BLOCKS.some(({ key }) => key === path)
  if (fork === undefined && !isByNumber) return true
  const start = entries.get(fork?.key ?? path)
  return start !== undefined && BigInt(start) <= (isByNumber ? number : timestamp)
}

function blobPath(fork: string): string {
  return `blobSchedule.${fork}`
}
