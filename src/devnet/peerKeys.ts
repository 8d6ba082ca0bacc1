import { keccak256 } from '../crypto/keccak.ts'
import { placeSeededKey } from '../p2p/peers/peerKey.ts'

/**
 * Puts the key of a peer that follows from the seed of a run into its directory, unless it has one.
 */
export function placePeerKey(dataDir: string, seed: number, index: number): Promise<void> {
  const text = `grapevine peer ${seed} ${index}`
  return placeSeededKey(dataDir, keccak256(new TextEncoder().encode(text)))
}
