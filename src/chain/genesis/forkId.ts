import { crc32 } from 'node:zlib'
import { bigintToFixedBytes, bytesToHex, hexToBytes, type Hex } from '../../lib/bytes.ts'
import { FORK_BLOCKS, FORK_TIMES } from './config.ts'
import type { Genesis } from './genesis.ts'

/**
 * The 4 bytes that name a chain's rules at a time (Unix seconds), all forks by block number passed: the checksum of
 * the genesis hash and of every fork that changed the rules after it (EIP-2124, EIP-6122).
 */
export function forkHash({ config, hash, header }: Genesis, timestamp: bigint): Hex {
  const blocks = FORK_BLOCKS.map(({ key }) => config.forkBlocks[key] ?? 0n)
  const times = FORK_TIMES.map(({ key }) => config.forkTimes[key] ?? 0n).filter(
    (time) => time > header.timestamp && time <= timestamp,
  )
  let checksum = crc32(hexToBytes(hash))
  for (const fork of [...passed(blocks), ...passed(times)])
    checksum = crc32(bigintToFixedBytes(fork, 8), checksum)
  return bytesToHex(bigintToFixedBytes(BigInt(checksum), 4))
}

/** Those that are not of the genesis, each once, in order. */
function passed(forks: readonly bigint[]): bigint[] {
  const later = new Set(forks.filter((fork) => fork > 0n))
  return [...later].sort((a, b) => Number(a - b))
}
