/**
 * What `grapevine submit` is to hand over: raw transactions as they were given, or a load that is
 * signed here.
 */
import { readFileSync } from 'node:fs'
import { DEVNET_MNEMONIC, mnemonicAccount } from '../../crypto/accounts.ts'
import { keccak256Hash } from '../../crypto/keccak.ts'
import type { PeerPort } from '../../instrument/port.ts'
import { signedSteadyLoad } from '../../instrument/steadyLoad.ts'
import type { PlannedTx, TxTarget } from '../../instrument/workload.ts'
import { bytesToHex, parseHex, type Hex } from '../../lib/bytes.ts'
import { decodeTx, isTxDefect } from '../../tx/decodeTx.ts'
import { recoverSender } from '../../tx/signature.ts'
import { UserError } from '../../lib/userError.ts'

/** The options of a load that is signed here. */
export interface LoadFlags {
  readonly count?: number
  readonly rate: number
  readonly senders: number
  readonly size: number
}

/** Stands for standard input where a file is named. */
const STANDARD_INPUT = '-'

/**
 * Raw transactions of the command line and of a file, in that order. Throws a UserError that names
 * the first wrong one.
 */
export function rawTransactions(raw: readonly string[], file: string | undefined): Hex[] {
  const given = raw.map((text) => rawOf(text, 'the command line'))
  if (file === undefined) return given
  const name = file === STANDARD_INPUT ? 'standard input' : file
  const lines = readLines(file).flatMap((line, index) =>
    line === '' ? [] : [rawOf(line, `line ${index + 1} of ${name}`)],
  )
  if (lines.length === 0) throw new UserError(`--file: ${name} holds no transaction`)
  return [...given, ...lines]
}

/**
 * Those of one sender go to one target, so that their nonces arrive in order; senders take the
 * targets in turn.
 */
export function planRaw(
  raw: readonly Hex[],
  targets: readonly TxTarget[],
  ratePerS: number,
): PlannedTx[] {
  const positions = new Map<string, number>()
  return raw.map((text, index) => {
    const bytes = parseHex(text) ?? Uint8Array.of()
    const tx = decodeTx(bytes)
    const who = (isTxDefect(tx) ? undefined : recoverSender(tx)) ?? `unknown ${index}`
    const sender = positions.get(who) ?? positions.size
    positions.set(who, sender)
    const target = targets[sender % targets.length]
    if (target === undefined) throw new UserError('--rpc: expected at least one URL')
    return {
      hash: keccak256Hash(bytes),
      raw: text,
      target,
      sender,
      dueMs: (index * 1000) / ratePerS,
    }
  })
}

/** A load signed by the devnet accounts. */
export async function planSigned(
  { rate, senders, size, count = 0 }: LoadFlags,
  targets: readonly PeerPort[],
): Promise<PlannedTx[]> {
  const privateKeys = Array.from({ length: Math.min(senders, count) }, (_, index) =>
    bytesToHex(mnemonicAccount(DEVNET_MNEMONIC, index).privateKey),
  )
  return signedSteadyLoad({ count, ratePerS: rate, dataBytes: size, privateKeys, targets })
}

function rawOf(text: string, place: string): Hex {
  if (parseHex(text) === undefined || text === '0x')
    throw new UserError(`not a raw transaction in 0x-prefixed hex: ${text.slice(0, 60)} (${place})`)
  return text as Hex
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file === STANDARD_INPUT ? 0 : file, 'utf8')
      .split('\n')
      .map((line) => line.trim())
  } catch {
    throw new UserError(`--file: cannot read ${file}`)
  }
}
