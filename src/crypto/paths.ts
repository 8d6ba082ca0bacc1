import { keccakPath, type KeccakPath } from './keccak.ts'
import { secp256k1, type SecpPath } from './secp256k1.ts'

/**
 * Which implementations run in this process. Printed with every measurement: they differ in speed
 * up to 30 times.
 */
export function cryptoPaths(): { recover: SecpPath; keccak: KeccakPath } {
  return { recover: secp256k1.path, keccak: keccakPath }
}
