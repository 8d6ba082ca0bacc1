import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey, PrivateKey } from '@libp2p/interface'
import { messageOf } from '../../lib/assert.ts'
import { makeDirectory } from '../../lib/makeDirectory.ts'

/** The node's key inside its data directory: protobuf of libp2p, binary. Who has it can speak as this peer. */
export const PEER_KEY_FILE = 'peer.key'

/** The key kept in `dataDir`, made there on the first start; a new one each time if no directory is given. */
export async function peerKey(dataDir: string | undefined): Promise<PrivateKey> {
  if (dataDir === undefined) return generateKeyPair('Ed25519')
  const path = join(dataDir, PEER_KEY_FILE)
  return (await readKey(path)) ?? (await createKey(dataDir, path))
}

async function readKey(path: string): Promise<PrivateKey | undefined> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return undefined
    throw new Error(`cannot read the peer key ${path}: ${messageOf(error)}`)
  })
  if (bytes === undefined) return undefined
  try {
    return privateKeyFromProtobuf(bytes)
  } catch {
    throw new Error(`${path} is not a peer key: move it away and a new one is made`)
  }
}

/** Exclusive creation: of two nodes started on one directory at once, the second reads what the first wrote. */
async function createKey(dataDir: string, path: string): Promise<PrivateKey> {
  const key: Ed25519PrivateKey = await generateKeyPair('Ed25519')
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
    const other = isCode(error, 'EEXIST') ? await readKey(path) : undefined
    if (other !== undefined) return other
    throw new Error(`cannot write the peer key ${path}: ${messageOf(error)}`, { cause: error })
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
