import type { Address } from '../../crypto/address.ts'
import type { Hash } from '../../crypto/keccak.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import { MAX_BLOCKS_PER_SEAL, MAX_SEALS } from '../limits.ts'

/** Which blocks each signer has sealed at each height, as far as they may be relayed. */
export class SealCounts {
  readonly #blocks = new BoundedMap<string, readonly Hash[]>(MAX_SEALS)

  /**
   * Whether the block is one of the first that its signer sealed at this height; the same block
   * counts once.
   */
  admits(number: bigint, signer: Address, hash: Hash): boolean {
    const key = `${number} ${signer}`
    const blocks = this.#blocks.peek(key) ?? []
    if (blocks.includes(hash)) return true
    if (blocks.length >= MAX_BLOCKS_PER_SEAL) return false
    this.#blocks.set(key, [...blocks, hash])
    return true
  }
}
