/**
 * One owner for a data directory.
 *
 * The lock is that of the operating system on a file: it goes with its process however that ends,
 * so it is never stale, and of two who ask at once exactly one gets it. Node itself offers none;
 * the embedded store takes one when it opens, so an empty store stands in for it. `owner.json`
 * beside it only says whom the refused one can look for.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { makeDirectory } from '../../lib/files/makeDirectory.ts'
import { DataDirError } from './dataDirError.ts'
import { errorCodeOf } from '../../lib/files/errorCode.ts'

/** The ownership of a data directory by this process. */
export interface DataLock {
  release(): Promise<void>
}

const LOCK_DIRECTORY = 'lock'
const OWNER_FILE = 'owner.json'
/** The smallest that the store takes: nothing is ever written to it. */
const BUFFER_BYTES = 65_536

/**
 * Throws a {@link DataDirError} if another process, or this one, owns the directory already.
 *
 * @param instead what the refused one can do but end the other.
 */
export async function lockDataDir(
  dataDir: string,
  instead = 'give this node another --data-dir',
): Promise<DataLock> {
  makeDirectory(dataDir)
  const lock = await openLock(dataDir, instead)
  const owner = { pid: process.pid, startedMs: Math.round(performance.timeOrigin) }
  await writeFile(join(dataDir, OWNER_FILE), `${JSON.stringify(owner)}\n`)
  return { release: () => lock.close() }
}

async function openLock(dataDir: string, instead: string): Promise<ClassicLevel> {
  const location = join(dataDir, LOCK_DIRECTORY)
  try {
    return await open(location)
  } catch (error) {
    if (errorCodeOf(error) === 'LEVEL_LOCKED') throw await refusal(dataDir, instead)
  }
  await rm(location, { recursive: true, force: true })
  return open(location)
}

async function open(location: string): Promise<ClassicLevel> {
  const lock = new ClassicLevel(location, { writeBufferSize: BUFFER_BYTES })
  await lock.open()
  return lock
}

async function refusal(dataDir: string, instead: string): Promise<DataDirError> {
  const owner = await readFile(join(dataDir, OWNER_FILE), 'utf8').catch(() => '')
  const pid = /"pid":(\d+)/.exec(owner)?.[1]
  const who = pid === undefined ? 'another process' : `process ${pid}`
  return new DataDirError(`${dataDir} is in use by ${who}: end it first, or ${instead}`)
}
