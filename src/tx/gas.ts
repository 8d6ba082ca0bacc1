/** What a transaction costs before it does anything, by fork. Amounts in gas. */
import { atLeast, FORKS, type Fork } from './fork.ts'
import type { Tx } from './tx.ts'

/** Yellow Paper, appendix G, G_transaction. */
export const TRANSFER_GAS = 21_000n

/** EIP-4844, blob gas. */
export const GAS_PER_BLOB = 131_072n

/** EIP-2. */
const CREATION_GAS = 32_000
const ZERO_BYTE_GAS = 4
/** EIP-2930. */
const ACCESS_ADDRESS_GAS = 2_400
const ACCESS_KEY_GAS = 1_900
/**
 * EIP-7702, PER_EMPTY_ACCOUNT_COST: what each authorization is charged before it is known to be
 * cheaper.
 */
const AUTHORIZATION_GAS = 25_000
/** EIP-7623: a zero byte of data is one token, any other is four. */
const TOKENS_PER_NONZERO_BYTE = 4

interface GasSchedule {
  /** For making a contract: from Homestead on (EIP-2). */
  readonly creation: number
  /** 68, and 16 from Istanbul on (EIP-2028). */
  readonly nonZeroByte: number
  /** For each 32 bytes of initcode: from Shanghai on (EIP-3860). */
  readonly initcodeWord: number
  /** The least a token of data costs: from Prague on (EIP-7623). */
  readonly floorPerToken: number
}

const SCHEDULES = Object.fromEntries(FORKS.map((fork) => [fork, scheduleOf(fork)])) as Readonly<
  Record<Fork, GasSchedule>
>

function scheduleOf(fork: Fork): GasSchedule {
  return {
    creation: atLeast(fork, 'homestead') ? CREATION_GAS : 0,
    nonZeroByte: atLeast(fork, 'istanbul') ? 16 : 68,
    initcodeWord: atLeast(fork, 'shanghai') ? 2 : 0,
    floorPerToken: atLeast(fork, 'prague') ? 10 : 0,
  }
}

/** Gas that is charged before execution; a gas limit below it makes the transaction invalid. */
export function intrinsicGas(tx: Tx, fork: Fork): bigint {
  const schedule = SCHEDULES[fork]
  const nonZero = countNonZero(tx.data)
  const zero = tx.data.length - nonZero
  let gas = zero * ZERO_BYTE_GAS + nonZero * schedule.nonZeroByte + accessListGas(tx)
  if (tx.to === undefined)
    gas += schedule.creation + schedule.initcodeWord * Math.ceil(tx.data.length / 32)
  gas += (tx.authorizationList?.length ?? 0) * AUTHORIZATION_GAS
  return TRANSFER_GAS + BigInt(gas)
}

/**
 * The least a transaction must allow for and pays in the end, by its data (EIP-7623); 0 before
 * Prague.
 */
export function floorGas(tx: Tx, fork: Fork): bigint {
  const { floorPerToken } = SCHEDULES[fork]
  if (floorPerToken === 0) return 0n
  const nonZero = countNonZero(tx.data)
  const tokens = tx.data.length - nonZero + nonZero * TOKENS_PER_NONZERO_BYTE
  return TRANSFER_GAS + BigInt(tokens * floorPerToken)
}

/**
 * The least gas a transaction uses in a block: what is charged before execution, less the most that
 * can be refunded (half, from London on a fifth: EIP-3529), and no less than the floor of its data.
 */
export function leastGasUsed(tx: Tx, fork: Fork): bigint {
  const intrinsic = intrinsicGas(tx, fork)
  const afterRefund = intrinsic - intrinsic / (atLeast(fork, 'london') ? 5n : 2n)
  const floor = floorGas(tx, fork)
  return afterRefund > floor ? afterRefund : floor
}

/** EIP-4844: the blob gas that a transaction uses; 0 for one without blobs. */
export function blobGasOf({ blobVersionedHashes = [] }: Tx): bigint {
  return BigInt(blobVersionedHashes.length) * GAS_PER_BLOB
}

function accessListGas(tx: Tx): number {
  let gas = 0
  for (const entry of tx.accessList)
    gas += ACCESS_ADDRESS_GAS + ACCESS_KEY_GAS * entry.storageKeys.length
  return gas
}

function countNonZero(data: Uint8Array): number {
  let count = 0
  for (const byte of data) if (byte !== 0) count++
  return count
}

/**
 * What a producer earns per gas at `baseFee`, in wei (EIP-1559). Negative if the fee cap does not
 * reach the base fee: then the number says how far it is from being executable.
 */
export function effectiveTip(tx: Tx, baseFee: bigint): bigint {
  const overBaseFee = tx.maxFeePerGas - baseFee
  return tx.maxPriorityFeePerGas < overBaseFee ? tx.maxPriorityFeePerGas : overBaseFee
}
