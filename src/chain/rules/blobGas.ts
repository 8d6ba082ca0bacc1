/** Blob gas and its price (EIP-4844, EIP-7691, EIP-7918), which a chain has from Cancun on. */
import type { Header } from '../../block/header.ts'
import { GAS_PER_BLOB } from '../../tx/gas.ts'
import type { BlobParameters, ChainConfig, ForkTimeKey } from '../genesis/config.ts'

/** EIP-4844, wei per blob gas. */
const MIN_BLOB_BASE_FEE = 1n
/** EIP-7918: execution gas a blob is worth at least. */
const BLOB_BASE_COST = 8_192n
/** Where the price stops, wei per blob gas: no fee cap is higher, since it has 256 bits. */
export const MAX_BLOB_BASE_FEE = 2n ** 256n - 1n
/**
 * The price is past its end where the excess is so many times the fraction: e ** 178 is over 2 **
 * 256.
 */
const SATURATED_AT = 178n

/** Which fork's blob parameters hold, latest first. */
const BLOB_FORKS: readonly (readonly [ForkTimeKey, string])[] = [
  ['bpo5Time', 'bpo5'],
  ['bpo4Time', 'bpo4'],
  ['bpo3Time', 'bpo3'],
  ['bpo2Time', 'bpo2'],
  ['bpo1Time', 'bpo1'],
  ['osakaTime', 'osaka'],
  ['pragueTime', 'prague'],
  ['cancunTime', 'cancun'],
]

type BlobHeader = Pick<Header, 'timestamp' | 'baseFeePerGas' | 'blobGasUsed' | 'excessBlobGas'>

/** The parameters at a time (Unix seconds); `undefined` before Cancun. */
export function blobParametersAt(
  config: ChainConfig,
  timestamp: bigint,
): BlobParameters | undefined {
  const begun = BLOB_FORKS.find(([key, name]) => {
    const start = config.forkTimes[key]
    return start !== undefined && timestamp >= start && config.blobSchedule[name] !== undefined
  })
  return begun && config.blobSchedule[begun[1]]
}

/** The most blob gas that a block of this time (Unix seconds) may use; 0 before Cancun. */
export function maxBlobGas(config: ChainConfig, timestamp: bigint): bigint {
  return BigInt(blobParametersAt(config, timestamp)?.max ?? 0) * GAS_PER_BLOB
}

/** Wei per blob gas in the block of this header; `undefined` before Cancun. */
export function blobBaseFee(config: ChainConfig, header: BlobHeader): bigint | undefined {
  const parameters = blobParametersAt(config, header.timestamp)
  if (parameters === undefined || header.excessBlobGas === undefined) return undefined
  return feeOfExcess(header.excessBlobGas, parameters)
}

/** Wei per blob gas that a child of this header would have under the same parameters. */
export function nextBlobBaseFee(config: ChainConfig, header: BlobHeader): bigint | undefined {
  const parameters = blobParametersAt(config, header.timestamp)
  if (parameters === undefined || header.excessBlobGas === undefined) return undefined
  return feeOfExcess(nextExcessBlobGas(config, header, header.timestamp), parameters)
}

/**
 * The excess blob gas that a child of `parent` must have at its time (Unix seconds), by the
 * parameters of that time. The first Cancun block counts a parent without blob gas as one of 0. 0
 * before Cancun.
 */
export function nextExcessBlobGas(
  config: ChainConfig,
  parent: BlobHeader,
  timestamp: bigint,
): bigint {
  const parameters = blobParametersAt(config, timestamp)
  if (parameters === undefined) return 0n
  const { blobGasUsed: used = 0n, excessBlobGas: excess = 0n } = parent
  const target = BigInt(parameters.target) * GAS_PER_BLOB
  if (excess + used < target) return 0n
  if (!hasReservePrice(config, timestamp) || !isBelowReserve(parent, parameters))
    return excess + used - target
  const max = BigInt(parameters.max) * GAS_PER_BLOB
  return max === 0n ? excess : excess + (used * (max - target)) / max
}

function hasReservePrice({ forkTimes: { osakaTime } }: ChainConfig, timestamp: bigint): boolean {
  return osakaTime !== undefined && timestamp >= osakaTime
}

/**
 * EIP-7918, Osaka: while blobs cost less than their share of execution gas, their price falls no
 * further.
 */
function isBelowReserve(parent: BlobHeader, parameters: BlobParameters): boolean {
  const blobFee = feeOfExcess(parent.excessBlobGas ?? 0n, parameters)
  return BLOB_BASE_COST * (parent.baseFeePerGas ?? 0n) > GAS_PER_BLOB * blobFee
}

/**
 * EIP-4844, fake_exponential: MIN_BLOB_BASE_FEE * e ** (excess / fraction), by its Taylor series,
 * at most {@link MAX_BLOB_BASE_FEE}. The series has some hundred terms at most, whatever a header
 * or a genesis says.
 */
function feeOfExcess(excess: bigint, { baseFeeUpdateFraction }: BlobParameters): bigint {
  if (excess >= baseFeeUpdateFraction * SATURATED_AT) return MAX_BLOB_BASE_FEE
  let sum = 0n
  let term = MIN_BLOB_BASE_FEE * baseFeeUpdateFraction
  for (let i = 1n; term > 0n; i++) {
    sum += term
    term = (term * excess) / (baseFeeUpdateFraction * i)
  }
  const fee = sum / baseFeeUpdateFraction
  return fee < MAX_BLOB_BASE_FEE ? fee : MAX_BLOB_BASE_FEE
}
