import type { Address } from '../../crypto/address.ts'
import { keccak256 } from '../../crypto/keccak.ts'

const ascii = new TextEncoder()

/** The address with the letters' case as its checksum (EIP-55), as geth writes the keys of txpool_content. */
export function checksumAddress(address: Address): string {
  const digits = address.slice(2)
  const digest = keccak256(ascii.encode(digits))
  const mixed = Array.from(digits, (digit, index) => {
    const byte = digest[index >> 1] ?? 0
    const nibble = index % 2 === 0 ? byte >> 4 : byte & 15
    return nibble >= 8 ? digit.toUpperCase() : digit
  })
  return `0x${mixed.join('')}`
}
