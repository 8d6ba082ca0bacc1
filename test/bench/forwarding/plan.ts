/** What one run sends: read from a file, so that nobody signs while the clock runs. */
import { readFileSync, writeFileSync } from 'node:fs'
import { bytesToHex, hexToBytes } from '../../../src/lib/bytes.ts'

/** Sent by the stage to each actor as its arguments. */
export interface Plan {
  readonly topic: string
  readonly file: string
  /** How many there are. */
  readonly count: number
  /** So many of them come before the clock starts. */
  readonly warmUp: number
  /** Accounts that send them, all funded. */
  readonly senders: number
}

/**
 * Sent and not yet delivered: enough to keep every queue busy, little enough that even a starved
 * verifier answers all of it within its deadline. What it gave up would be a gap, and no later
 * nonce of that sender would come through.
 */
export const WINDOW = 512
/** Deliveries are told in groups, so that telling them costs nothing. */
export const DELIVERED_EVERY = 32

/**
 * Publisher and receiver: when the node in the middle has both in its mesh, the streams of both are
 * up.
 */
export const EDGES = 2

export function planOfArguments(): Plan {
  return JSON.parse(process.argv[2] ?? '{}') as Plan
}

/** One line of hex for each: their lengths differ by the zeros that signatures begin with. */
export function writeTxs(file: string, raws: readonly Uint8Array[]): void {
  writeFileSync(file, raws.map(bytesToHex).join('\n'))
}

export function readTxs({ file }: Plan): readonly Uint8Array[] {
  return readFileSync(file, 'utf8').split('\n').map(hexToBytes)
}
