import { addressOfPublicKey, type Address } from '../../src/crypto/address.ts'
import { keccak256 } from '../../src/crypto/keccak.ts'
import { secp256k1 } from '../../src/crypto/secp256k1.ts'

export interface TestAccount {
  readonly privateKey: Uint8Array
  readonly address: Address
}

/**
 * The private key of number `index`: the same one in every run, a different one for every index.
 */
export function privateKey(index = 0): Uint8Array {
  return keccak256(new TextEncoder().encode(`grapevine test key ${index}`))
}

/** The key of number `index` and its address. */
export function account(index = 0): TestAccount {
  const key = privateKey(index)
  return { privateKey: key, address: addressOfPublicKey(secp256k1.publicKey(key)) }
}

/** The first `count` accounts. */
export function accounts(count: number): readonly TestAccount[] {
  return Array.from({ length: count }, (_, index) => account(index))
}
