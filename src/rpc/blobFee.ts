/** The price of blob gas (EIP-4844, EIP-7691, EIP-7918), which a chain has from Cancun on. */
import { nextBaseFee } from '../block/baseFee.ts'
import type { Header } from '../block/header.ts'
import type { BlobParameters, ChainConfig, ForkTimeKey } from '../chain/genesis/config.ts'

/** EIP-4844. */
export const GAS_PER_BLOB = 131_072n
const MIN_BLOB_BASE_FEE = 1n
/** EIP-7918: execution gas a blob is worth at least. */
const BLOB_BASE_COST = 8_192n

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

/** Wei per blob gas in the block of this header; `undefined` before Cancun. */
export function blobBaseFee(config: ChainConfig, header: Header): bigint | undefined {
  const parameters = blobParametersAt(config, header.timestamp)
  if (parameters === undefined || header.excessBlobGas === undefined) return undefined
  return feeOfExcess(header.excessBlobGas, parameters)
}

/** Wei per blob gas that a child of this header would have. */
export function nextBlobBaseFee(config: ChainConfig, header: Header): bigint | undefined {
  const parameters = blobParametersAt(config, header.timestamp)
  if (parameters === undefined || header.excessBlobGas === undefined) return undefined
  return feeOfExcess(nextExcess(config, header, parameters), parameters)
}

function nextExcess(config: ChainConfig, header: Header, parameters: BlobParameters): bigint {
  const used = header.blobGasUsed ?? 0n
  const excess = header.excessBlobGas ?? 0n
  const target = BigInt(parameters.target) * GAS_PER_BLOB
  if (excess + used < target) return 0n
  if (isReserved(config, header, parameters)) {
    const { max } = parameters
    return excess + (used * BigInt(max - parameters.target)) / BigInt(max)
  }
  return excess + used - target
}

/** EIP-7918, Osaka: while blobs cost less than their share of execution gas, their price falls no further. */
function isReserved(config: ChainConfig, header: Header, parameters: BlobParameters): boolean {
  const { osakaTime } = config.forkTimes
  if (osakaTime === undefined || header.timestamp < osakaTime) return false
  const blobFee = feeOfExcess(header.excessBlobGas ?? 0n, parameters)
  return BLOB_BASE_COST * nextBaseFee(header) > GAS_PER_BLOB * blobFee
}

/** EIP-4844, fake_exponential: MIN_BLOB_BASE_FEE * e ** (excess / fraction), by its Taylor series. */
function feeOfExcess(excess: bigint, { baseFeeUpdateFraction }: BlobParameters): bigint {
  let sum = 0n
  let term = MIN_BLOB_BASE_FEE * baseFeeUpdateFraction
  for (let i = 1n; term > 0n; i++) {
    sum += term
    term = (term * excess) / (baseFeeUpdateFraction * i)
  }
  return sum / baseFeeUpdateFraction
}
