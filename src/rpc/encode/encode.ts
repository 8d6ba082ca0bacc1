/** Ethereum's two ways to write values in JSON: quantities and data (EIP-1474). */
import { bytesToHex, type Hex } from '../../lib/bytes.ts'

/** Hex without leading zeros; 0 is `0x0`. */
export function quantity(value: bigint | number): Hex {
  return `0x${value.toString(16)}`
}

/** Hex of all bytes, in order. */
export function data(bytes: Uint8Array): Hex {
  return bytesToHex(bytes)
}
