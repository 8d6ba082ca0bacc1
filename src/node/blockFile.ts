/** Files of blocks, plain or gzipped: read piece by piece, written whole or not at all. */
import {
  closeSync,
  createReadStream,
  createWriteStream,
  openSync,
  readSync,
  statSync,
} from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { messageOf } from '../lib/assert.ts'
import { ConfigError } from './config.ts'

export interface BlockFile {
  /** The bytes of the blocks. */
  readonly pieces: AsyncIterable<Uint8Array>
  readonly totalBytes: number
  /** Of the file, so far; out of `totalBytes`. */
  readBytes(): number
}

const PIECE_BYTES = 256 * 1024
const GZIP_MAGIC = [0x1f, 0x8b] as const

/** Opens a file of blocks, whose first bytes tell whether it is gzipped. Throws a {@link ConfigError} of one line. */
export function openBlockFile(path: string): BlockFile {
  const { totalBytes, isGzip } = look(path)
  const file = createReadStream(path, { highWaterMark: PIECE_BYTES })
  const pieces = isGzip ? gunzipped(file) : file
  return { pieces, totalBytes, readBytes: () => file.bytesRead }
}

/**
 * Writes `pieces` to `path`, gzipped if its name ends in .gz. An ordinary file appears under its name when it is whole.
 * Throws a {@link ConfigError} of one line.
 */
export async function writeBlockFile(path: string, pieces: Iterable<Uint8Array>): Promise<void> {
  const target = isSpecial(path) ? path : `${path}.partial`
  try {
    const out = createWriteStream(target)
    if (path.endsWith('.gz')) await pipeline(Readable.from(pieces), createGzip(), out)
    else await pipeline(Readable.from(pieces), out)
    if (target !== path) await rename(target, path)
  } catch (error) {
    if (target !== path) await rm(target, { force: true })
    if (error instanceof ConfigError) throw error
    throw new ConfigError(`cannot write ${path}: ${messageOf(error)}`)
  }
}

function look(path: string): { readonly totalBytes: number; readonly isGzip: boolean } {
  try {
    const status = statSync(path)
    if (status.isDirectory()) throw new Error('it is a directory')
    return { totalBytes: status.size, isGzip: status.isFile() && hasGzipMagic(path) }
  } catch (error) {
    throw new ConfigError(`cannot read ${path}: ${messageOf(error)}`)
  }
}

function hasGzipMagic(path: string): boolean {
  const file = openSync(path, 'r')
  try {
    const first = new Uint8Array(GZIP_MAGIC.length)
    readSync(file, first)
    return GZIP_MAGIC.every((byte, index) => first[index] === byte)
  } finally {
    closeSync(file)
  }
}

/**
 * The failure of either stream is that of the iteration. It may come before the first piece is asked for: unheard, it
 * would end the process.
 */
function gunzipped(file: Readable): Readable {
  const plain = createGunzip()
  plain.on('error', () => {})
  file.on('error', (error) => plain.destroy(error))
  return file.pipe(plain)
}

/** A pipe or a device cannot be renamed over. */
function isSpecial(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false })
  return status !== undefined && !status.isFile()
}
