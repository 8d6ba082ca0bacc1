/**
 * The folder of a devnet: its genesis, and a directory for each peer. One network uses it at a
 * time, and its genesis stays what it is while there are peers that hold its chain.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DataDirError } from '../chain/store/dataDirError.ts'
import { lockDataDir, type DataLock } from '../chain/store/dataLock.ts'
import { UserError } from '../lib/userError.ts'
import { genesisTextOf, type GenesisOptions } from './accounts.ts'

/** A folder that this process owns. */
export interface NetworkFolder {
  readonly genesisFile: string
  /** Another network may use it from now on. */
  release(): Promise<void>
}

/**
 * Takes the folder, makes it where there is none, and writes the genesis of these options. Throws a
 * {@link UserError}, and changes nothing, if another network uses it or left peers of another
 * genesis there.
 */
export async function openNetworkFolder(options: GenesisOptions): Promise<NetworkFolder> {
  const { dir } = options
  const genesisFile = join(dir, 'genesis.json')
  const lock = await lockOf(dir)
  try {
    keepGenesis(dir, genesisFile, genesisTextOf(options))
  } catch (error) {
    await lock.release()
    throw error
  }
  return { genesisFile, release: () => lock.release() }
}

/** Where a peer keeps what it keeps, its log included. */
export function peerFolder(dir: string, index: number): string {
  return join(dir, `peer-${index}`)
}

const OTHER_FOLDER = 'give this network another folder (--dir)'

async function lockOf(dir: string): Promise<DataLock> {
  try {
    return await lockDataDir(dir, OTHER_FOLDER)
  } catch (error) {
    if (error instanceof DataDirError) throw new UserError(error.message)
    throw error
  }
}

function keepGenesis(dir: string, file: string, text: string): void {
  if (existsSync(peerFolder(dir, 0)) && existsSync(file) && readFileSync(file, 'utf8') !== text)
    throw new UserError(
      `${dir} holds a network of another genesis: start it with the options that it was made with, or ${OTHER_FOLDER}`,
    )
  writeFileSync(file, text)
}
