/** Peer ids of simulated nodes: each made once, so that all routers share it. */
import { createHash } from 'node:crypto'
import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { PeerId as Libp2pPeerId } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'

/** The id of a node; nobody has the private key, for nothing is signed. */
export function simPeerId(seed: number, index: number): Libp2pPeerId {
  const raw = createHash('sha256').update(`grapevine simulation ${seed} ${index}`).digest()
  return peerIdFromPublicKey(publicKeyFromRaw(new Uint8Array(raw)))
}
