import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  generateKeyPair,
  generateKeyPairFromSeed,
  privateKeyFromProtobuf,
  privateKeyToProtobuf,
} from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey, PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { messageOf } from '../../lib/assert.ts'
import { errorCodeOf } from '../../lib/files/errorCode.ts'
import { makeDirectory } from '../../lib/files/makeDirectory.ts'
import { UserError } from '../../lib/userError.ts'
import { writeError } from '../../lib/files/writeError.ts'

/**
 * The node's key inside its data directory: protobuf of libp2p, binary. Who has it can speak as
 * this peer.
 */
export const PEER_KEY_FILE = 'peer.key'

/** The id of the peer whose key follows from 32 bytes. */
export async function peerIdOfSeed(seed: Uint8Array): Promise<string> {
  return peerIdFromPrivateKey(await keyFromSeed(seed)).toString()
}

/** The key that follows from 32 bytes. Not for secrets. */
export function keyFromSeed(seed: Uint8Array): Promise<Ed25519PrivateKey> {
  return generateKeyPairFromSeed('Ed25519', seed)
}

/**
 * The key kept in `dataDir`, made there on the first start; a new one each time if no directory is
 * given.
 */
export async function peerKey(dataDir: string | undefined): Promise<PrivateKey> {
  if (dataDir === undefined) return generateKeyPair('Ed25519')
  const path = join(dataDir, PEER_KEY_FILE)
  return (await readKey(path)) ?? (await createKey(dataDir, path, await generateKeyPair('Ed25519')))
}

/** The id of the peer whose key is kept in `dataDir`; the key is made there if there is none. */
export async function peerIdIn(dataDir: string): Promise<string> {
  return peerIdFromPrivateKey(await peerKey(dataDir)).toString()
}

/**
 * Puts the key that follows from 32 bytes into `dataDir`, unless one is kept there. Not for
 * secrets.
 */
export async function placeSeededKey(dataDir: string, seed: Uint8Array): Promise<void> {
  const path = join(dataDir, PEER_KEY_FILE)
  const key = await keyFromSeed(seed)
  if ((await readKey(path)) === undefined) await createKey(dataDir, path, key)
}

async function readKey(path: string): Promise<PrivateKey | undefined> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (errorCodeOf(error) === 'ENOENT') return undefined
    throw new UserError(`cannot read the peer key ${path}: ${messageOf(error)}`)
  })
  if (bytes === undefined) return undefined
  try {
    return privateKeyFromProtobuf(bytes)
  } catch {
    throw new UserError(`${path} is not a peer key: move it away and a new one is made`)
  }
}

/**
 * Exclusive creation: of two nodes started on one directory at once, the second reads what the
 * first wrote.
 */
async function createKey(
  dataDir: string,
  path: string,
  key: Ed25519PrivateKey,
): Promise<PrivateKey> {
  try {
    makeDirectory(dataDir)
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(privateKeyToProtobuf(key))
      await file.sync()
    } finally {
      await file.close()
    }
    return key
  } catch (error) {
    const other = errorCodeOf(error) === 'EEXIST' ? await readKey(path) : undefined
    if (other !== undefined) return other
    throw writeError(`the peer key ${path}`, error)
  }
}
