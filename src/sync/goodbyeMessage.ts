/**
 * The `goodbye` message: why the sender is about to disconnect the receiver.
 *
 * Wire: a request RLP [code, text]; the answer has no frame. The code is one of
 * {@link GOODBYE_CODES}; the text is for people, at most 224 bytes. Codes below 128 mean what they
 * mean in the consensus layer's `goodbye` (ethereum/consensus-specs, p2p-interface), and so does
 * 128 upwards where a code exists there.
 */
import { bytesToBigint, bigintToBytes } from '../lib/bytes.ts'
import { printable } from '../lib/plainText.ts'
import { decodeRlp, encodeRlp } from '../lib/rlp.ts'

/** The reasons that have a name here, and their numbers on the wire. */
export const GOODBYE_CODES = {
  /** The sender stops. */
  shutdown: 1,
  /** The peer is of another network. */
  'other-network': 2,
  /** The peer broke a protocol. */
  fault: 3,
  /** The peer gave no status in time: the sender cannot verify its network. */
  'no-status': 128,
} as const

/** Why a peer is disconnected. */
export type GoodbyeReason = keyof typeof GOODBYE_CODES

/** A goodbye as it travels between two peers. */
export interface Goodbye {
  /** Codes of other programs may be unknown here. */
  readonly code: number
  /** For people; plain characters. */
  readonly text: string
}

const MAX_TEXT_BYTES = 224

/** A goodbye in its form on the wire; a text that is too long is cut off. */
export function encodeGoodbye({ code, text }: Goodbye): Uint8Array {
  const bytes = new TextEncoder().encode(text).subarray(0, MAX_TEXT_BYTES)
  return encodeRlp([bigintToBytes(BigInt(code)), bytes])
}

/** Reads a goodbye; `undefined` for anything else. Never throws. */
export function decodeGoodbye(data: Uint8Array): Goodbye | undefined {
  const items = decodeRlp(data)
  if (typeof items === 'string' || items instanceof Uint8Array || items.length !== 2)
    return undefined
  const [code, text] = items
  if (!(code instanceof Uint8Array) || !(text instanceof Uint8Array)) return undefined
  if (code.length > 2 || code[0] === 0 || text.length > MAX_TEXT_BYTES) return undefined
  return { code: Number(bytesToBigint(code)), text: printable(text) }
}

/** The name of a code, or its number where it has none here. */
export function goodbyeName(code: number): string {
  const known = Object.entries(GOODBYE_CODES).find(([, number]) => number === code)
  return known?.[0] ?? `code ${code}`
}
