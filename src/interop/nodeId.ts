/**
 * How a node of gossipsub-interop knows which it is, and who the others are: all follow from a
 * number.
 */
import { peerIdOfSeed } from '../p2p/peers/peerKey.ts'

/** The reference implementations keep ids in 32 bits with a sign. */
export const MAX_NODE_ID = 2 ** 31 - 1

const SEED_BYTES = 32
/** `node7`, alone or before a domain. */
const HOST_NAME = /^node(\d{1,10})(?:\.|$)/

/** The id in a host name such as `node7`; throws an Error for another name. */
export function nodeIdOfHost(hostName: string): number {
  const [, digits = ''] = HOST_NAME.exec(hostName) ?? []
  const id = digits === '' ? Number.NaN : Number(digits)
  if (id <= MAX_NODE_ID) return id
  throw new Error(`the host is called ${JSON.stringify(hostName)}, not node0, node1 and so on`)
}

/**
 * The Ed25519 seed of a node: its id, little-endian, and zeros. Anybody can make it; it is no
 * secret.
 */
export function seedOfNode(id: number): Uint8Array {
  const seed = new Uint8Array(SEED_BYTES)
  new DataView(seed.buffer).setUint32(0, id, true)
  return seed
}

/** The peer id of a node. */
export function peerIdOfNode(id: number): Promise<string> {
  return peerIdOfSeed(seedOfNode(id))
}
