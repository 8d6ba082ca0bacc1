import { keccak256 } from '../../crypto/keccak.ts'
import { bigintToBytes, bytesToHex, type Hex } from '../../lib/bytes.ts'
import { encodeRlp, type RlpItem } from '../../lib/rlp.ts'
import { DEFAULT_CHECKPOINT_INTERVAL } from '../limits.ts'
import { FORK_TIMES, type ChainConfig } from './config.ts'
import { forkAt } from './forks.ts'
import type { Genesis } from './genesis.ts'

/**
 * The rules that a chain has from its genesis on, in 4 bytes. Neither the genesis hash nor the fork
 * id tells them apart: which fork the genesis is in, Clique's period and epoch (EIP-225), the
 * blocks between two checkpoints of finality, and the blob parameters (EIP-7840).
 *
 * The first bytes of the Keccak-256 hash of RLP [fork, [period, epoch, interval], [[target, max,
 * fraction], ...]], the fork as its name in lower case, both lists empty where there is none.
 */
export function genesisRules(
  genesis: Pick<Genesis, 'config' | 'header'>,
  checkpointInterval = DEFAULT_CHECKPOINT_INTERVAL,
): Hex {
  const known = computed.get(genesis)
  if (known?.checkpointInterval === checkpointInterval) return known.rules
  const rules = computeRules(genesis, checkpointInterval)
  computed.set(genesis, { checkpointInterval, rules })
  return rules
}

/** Every status that is sent or checked asks for them, and a genesis never changes. */
const computed = new WeakMap<object, { readonly checkpointInterval: number; readonly rules: Hex }>()

function computeRules(
  { config, header }: Pick<Genesis, 'config' | 'header'>,
  checkpointInterval: number,
): Hex {
  const fork = new TextEncoder().encode(forkAt(config, 0n, header.timestamp))
  const { clique } = config
  const seals =
    clique === undefined
      ? []
      : [clique.periodS, clique.epoch, BigInt(checkpointInterval)].map(bigintToBytes)
  const text = encodeRlp([fork, seals, blobItems(config, header.timestamp)])
  return bytesToHex(keccak256(text).subarray(0, 4))
}

/** The parameters of the forks by time that the genesis is in, in their order. */
function blobItems({ forkTimes, blobSchedule }: ChainConfig, timestamp: bigint): RlpItem[] {
  return FORK_TIMES.flatMap(({ key }) => {
    const start = forkTimes[key]
    const blobs = blobSchedule[key.replace('Time', '')]
    if (start === undefined || start > timestamp || blobs === undefined) return []
    const { target, max, baseFeeUpdateFraction } = blobs
    return [[BigInt(target), BigInt(max), baseFeeUpdateFraction].map(bigintToBytes)]
  })
}
