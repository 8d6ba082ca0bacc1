import { parseAddress, type Address } from '../crypto/address.ts'
import { atLeast, FORKS, type Fork } from '../tx/fork.ts'

/** Addresses at which a fork has built-in code, with the fork that brought them: from, to (inclusive). */
const RANGES: readonly { readonly since: Fork; readonly from: number; readonly to: number }[] = [
  { since: 'frontier', from: 0x01, to: 0x04 },
  { since: 'byzantium', from: 0x05, to: 0x08 },
  { since: 'istanbul', from: 0x09, to: 0x09 },
  { since: 'cancun', from: 0x0a, to: 0x0a },
  { since: 'prague', from: 0x0b, to: 0x11 },
  { since: 'osaka', from: 0x100, to: 0x100 },
]

const BY_FORK = new Map(FORKS.map((fork) => [fork, precompilesOf(fork)]))

/** Whether a call to `address` runs code built into the clients at this fork. */
export function isPrecompile(address: Address, fork: Fork): boolean {
  return BY_FORK.get(fork)?.has(address) === true
}

function precompilesOf(fork: Fork): ReadonlySet<Address> {
  const addresses = new Set<Address>()
  for (const { since, from, to } of RANGES) {
    for (let at = from; at <= to && atLeast(fork, since); at++) {
      const address = parseAddress(`0x${at.toString(16).padStart(40, '0')}`)
      if (address !== undefined) addresses.add(address)
    }
  }
  return addresses
}
