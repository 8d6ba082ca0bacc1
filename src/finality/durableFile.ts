/**
 * Small files that are written whole: after a crash at any instant there is the old one or the new
 * one.
 */
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCodeOf } from '../lib/files/errorCode.ts'

/**
 * Resolves when the file, under its name, is on the disk. Rejects where the system does not do
 * that.
 */
export async function writeDurably(path: string, content: Uint8Array): Promise<void> {
  const partial = `${path}.partial`
  const file = await open(partial, 'w')
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(partial, path)
  const directory = await open(dirname(path), 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** The content; `undefined` where there is no such file. Rejects where it cannot be read. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
