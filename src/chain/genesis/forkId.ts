/**
 * A chain's rules in 4 bytes: the CRC-32 of the genesis hash and of the number or time of every
 * fork that changed the rules since (EIP-2124, EIP-6122). What a chain has from its genesis on is
 * not in it: see genesisRules.ts.
 */
import { crc32 } from 'node:zlib'
import { bigintToFixedBytes, bytesToHex, hexToBytes, type Hex } from '../../lib/bytes.ts'
import { FORK_BLOCKS, FORK_TIMES } from './config.ts'
import type { Genesis } from './genesis.ts'

/** The rules of a chain at a block, and where they change next as far as its owner knows. */
export interface ForkId {
  /** 4 bytes. */
  readonly hash: Hex
  /** The number or time (Unix seconds) of the next fork; 0 where none is known. */
  readonly next: bigint
}

/** A block as forks see it: its number, and its time in Unix seconds. */
export interface ForkPlace {
  readonly number: bigint
  readonly timestamp: bigint
}

interface Step {
  readonly by: keyof ForkPlace
  readonly start: bigint
}

interface Rules {
  readonly steps: readonly Step[]
  /** One more than there are steps: before the first, and after each. */
  readonly sums: readonly Hex[]
}

type Chain = Pick<Genesis, 'config' | 'hash' | 'header'>

/**
 * Numbers below this are of blocks, others are times, as geth tells them apart: 2015, before any
 * chain's first fork by time.
 */
const FIRST_TIME = 1_438_269_973n

/** The rules after `place`. */
export function forkIdAt(chain: Chain, place: ForkPlace): ForkId {
  const { steps, sums } = rulesOf(chain)
  const passed = countPassed(steps, place)
  return { hash: sums[passed] ?? '0x', next: steps[passed]?.start ?? 0n }
}

/** The checksum alone, all forks by block number passed, at a time in Unix seconds. */
export function forkHash(chain: Chain, timestamp: bigint): Hex {
  return forkIdAt(chain, { number: 2n ** 64n, timestamp }).hash
}

/**
 * Why a peer of this fork id cannot be on our chain for long, in a sentence; `undefined` where it
 * can: it has our rules, or has them further on (EIP-2124, rules 1 to 4).
 *
 * @param place our head.
 */
export function forkIdMismatch(chain: Chain, place: ForkPlace, theirs: ForkId): string | undefined {
  const { steps, sums } = rulesOf(chain)
  const passed = countPassed(steps, place)
  const at = sums.indexOf(theirs.hash)
  if (at === -1) return 'it has rules that are unknown here'
  if (at > passed) return undefined
  if (at < passed)
    return steps[at]?.start === theirs.next ? undefined : 'it does not know a fork that we passed'
  return hasPassed(place, theirs.next)
    ? `it knows a fork at ${theirs.next}, which we passed`
    : undefined
}

function hasPassed({ number, timestamp }: ForkPlace, next: bigint): boolean {
  return next > 0n && (number >= next || (next > FIRST_TIME && timestamp >= next))
}

/** Every status that is sent or checked asks for them, and a genesis never changes. */
const computed = new WeakMap<Chain, Rules>()

function rulesOf(chain: Chain): Rules {
  const known = computed.get(chain)
  if (known !== undefined) return known
  const steps = stepsOf(chain)
  const rules = { steps, sums: checksums(chain, steps) }
  computed.set(chain, rules)
  return rules
}

/** The forks after the genesis, each start once, in order. */
function stepsOf({ config, header }: Chain): readonly Step[] {
  const blocks = FORK_BLOCKS.map(({ key }) => config.forkBlocks[key] ?? 0n)
  const times = FORK_TIMES.map(({ key }) => config.forkTimes[key] ?? 0n)
  return [
    ...starts(blocks, 0n).map((start) => ({ by: 'number', start }) as const),
    ...starts(times, header.timestamp).map((start) => ({ by: 'timestamp', start }) as const),
  ]
}

function starts(forks: readonly bigint[], genesis: bigint): bigint[] {
  const later = new Set(forks.filter((fork) => fork > genesis))
  return [...later].sort((a, b) => (a < b ? -1 : 1))
}

function countPassed(steps: readonly Step[], place: ForkPlace): number {
  const next = steps.findIndex(({ by, start }) => place[by] < start)
  return next === -1 ? steps.length : next
}

function checksums({ hash }: Chain, steps: readonly Step[]): readonly Hex[] {
  let checksum = crc32(hexToBytes(hash))
  const sums = [checksum]
  for (const { start } of steps) {
    checksum = crc32(bigintToFixedBytes(start, 8), checksum)
    sums.push(checksum)
  }
  return sums.map((sum) => bytesToHex(bigintToFixedBytes(BigInt(sum), 4)))
}
