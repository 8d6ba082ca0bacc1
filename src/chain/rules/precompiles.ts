import { parseAddress, ZERO_ADDRESS, type Address } from '../../crypto/address.ts'
import { atLeast, FORKS, type Fork } from '../../tx/fork.ts'

/** Code built into the clients, under the name that EIP-7910 gives it. */
export interface Precompile {
  readonly name: string
  readonly address: Address
  readonly since: Fork
}

const PRECOMPILES: readonly Precompile[] = [
  precompile('ECREC', 0x01, 'frontier'),
  precompile('SHA256', 0x02, 'frontier'),
  precompile('RIPEMD160', 0x03, 'frontier'),
  precompile('ID', 0x04, 'frontier'),
  precompile('MODEXP', 0x05, 'byzantium'),
  precompile('BN254_ADD', 0x06, 'byzantium'),
  precompile('BN254_MUL', 0x07, 'byzantium'),
  precompile('BN254_PAIRING', 0x08, 'byzantium'),
  precompile('BLAKE2F', 0x09, 'istanbul'),
  precompile('KZG_POINT_EVALUATION', 0x0a, 'cancun'),
  precompile('BLS12_G1ADD', 0x0b, 'prague'),
  precompile('BLS12_G1MSM', 0x0c, 'prague'),
  precompile('BLS12_G2ADD', 0x0d, 'prague'),
  precompile('BLS12_G2MSM', 0x0e, 'prague'),
  precompile('BLS12_PAIRING_CHECK', 0x0f, 'prague'),
  precompile('BLS12_MAP_FP_TO_G1', 0x10, 'prague'),
  precompile('BLS12_MAP_FP2_TO_G2', 0x11, 'prague'),
  precompile('P256VERIFY', 0x100, 'osaka'),
]

const BY_FORK = new Map(
  FORKS.map((fork) => [fork, new Set(precompilesAt(fork).map(({ address }) => address))]),
)

/** Whether a call to `address` runs code built into the clients at this fork. */
export function isPrecompile(address: Address, fork: Fork): boolean {
  return BY_FORK.get(fork)?.has(address) === true
}

/** All that a fork has, by address. */
export function precompilesAt(fork: Fork): readonly Precompile[] {
  return PRECOMPILES.filter(({ since }) => atLeast(fork, since))
}

function precompile(name: string, at: number, since: Fork): Precompile {
  const address = parseAddress(`0x${at.toString(16).padStart(40, '0')}`) ?? ZERO_ADDRESS
  return { name, address, since }
}
