import { bytesToHex, type Hex } from '../lib/bytes.ts'
import { keccak256 } from './keccak.ts'

/** The 20 bytes that name an account, as `0x`-prefixed lower-case hex. */
export type Address = Hex & { readonly __brand: 'Address' }

/** The address whose 20 bytes are all 0. */
export const ZERO_ADDRESS = `0x${'00'.repeat(20)}` as Address

/**
 * The account of a public key: the last 20 bytes of the hash of its 64 bytes (65 with the 04 prefix
 * are taken too).
 */
export function addressOfPublicKey(publicKey: Uint8Array): Address {
  const point = publicKey.length === 65 ? publicKey.subarray(1) : publicKey
  if (point.length !== 64)
    throw new RangeError(`addressOfPublicKey: expected 64 or 65 bytes, got ${publicKey.length}`)
  return `0x${bytesToHex(keccak256(point)).slice(26)}` as Address
}

/** Names 20 bytes as an {@link Address}. */
export function asAddress(bytes: Uint8Array): Address {
  if (bytes.length !== 20)
    throw new RangeError(`asAddress: an address has 20 bytes, got ${bytes.length}`)
  return bytesToHex(bytes) as Address
}

/** An address with the checksum in the case of its letters, as wallets show it (EIP-55). */
export function checksumAddress(address: Address): string {
  const digits = address.slice(2)
  const hash = bytesToHex(keccak256(new TextEncoder().encode(digits))).slice(2)
  const cased = digits
    .split('')
    .map((digit, at) => (Number.parseInt(hash.charAt(at), 16) >= 8 ? digit.toUpperCase() : digit))
  return `0x${cased.join('')}`
}

const ADDRESS_TEXT = /^0x[0-9a-fA-F]{40}$/

/** An {@link Address} from text of any case, `undefined` for every other value. */
export function parseAddress(text: unknown): Address | undefined {
  return typeof text === 'string' && ADDRESS_TEXT.test(text)
    ? (text.toLowerCase() as Address)
    : undefined
}
