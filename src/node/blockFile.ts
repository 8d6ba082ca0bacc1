/** Files of blocks, plain or gzipped: read piece by piece, written whole or not at all. */
import { once } from 'node:events'
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
import { createGunzip, createGzip, type Gunzip } from 'node:zlib'
import { messageOf } from '../lib/assert.ts'
import { writeError } from '../lib/files/writeError.ts'
import { SettingsError } from './settings/settingsError.ts'

/** A file of blocks that is open for reading. */
export interface BlockFile {
  /** The bytes of the blocks. */
  readonly pieces: AsyncIterable<Uint8Array>
  readonly totalBytes: number
  /** Of the file, so far; out of `totalBytes`. */
  readBytes(): number
}

const PIECE_BYTES = 256 * 1024
/** What a piece becomes is held at once: a thousand times as much at most. */
const GZIP_PIECE_BYTES = 32 * 1024
const GZIP_MAGIC = [0x1f, 0x8b] as const

/**
 * Opens a file of blocks, whose first bytes tell whether it is gzipped. Throws a
 * {@link SettingsError} of one line.
 */
export function openBlockFile(path: string): BlockFile {
  const { totalBytes, isGzip } = look(path)
  const highWaterMark = isGzip ? GZIP_PIECE_BYTES : PIECE_BYTES
  const file = createReadStream(path, { highWaterMark })
  const pieces = isGzip ? gunzipped(file) : file
  return { pieces, totalBytes, readBytes: () => file.bytesRead }
}

/**
 * Writes `pieces` to `path`, gzipped if its name ends in .gz. An ordinary file appears under its
 * name when it is whole. Throws a {@link writeError} of one line.
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
    if (error instanceof SettingsError) throw error
    throw writeError(path, error)
  }
}

function look(path: string): { readonly totalBytes: number; readonly isGzip: boolean } {
  try {
    const status = statSync(path)
    if (status.isDirectory()) throw new Error('it is a directory')
    return { totalBytes: status.size, isGzip: status.isFile() && hasGzipMagic(path) }
  } catch (error) {
    throw new SettingsError(`cannot read ${path}: ${messageOf(error)}`)
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
 * What a gzipped file holds, up to where it is broken; then throws. Each piece is decompressed
 * wholly before the next: a stream that fails (in Node 24) throws away what nobody has read yet,
 * which may be all of the file.
 */
async function* gunzipped(file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip()
  const failed = failureOf(gunzip)
  const plain: Uint8Array[] = []
  gunzip.on('data', (piece: Uint8Array) => plain.push(piece))
  for await (const piece of file) {
    const failure = await Promise.race([written(gunzip, piece), failed])
    yield* plain.splice(0)
    if (failure !== undefined) throw failure
  }
  gunzip.end()
  const failure = await Promise.race([once(gunzip, 'end'), failed])
  yield* plain.splice(0)
  if (failure instanceof Error) throw failure
}

/** A failure may come at any moment: unheard, it would end the process. */
function failureOf(stream: Gunzip): Promise<Error> {
  return new Promise((resolve) => stream.on('error', resolve))
}

/** Resolves when all of a piece is decompressed. */
function written(stream: Gunzip, piece: Uint8Array): Promise<undefined> {
  return new Promise((resolve) => stream.write(piece, () => resolve(undefined)))
}

/** A pipe or a device cannot be renamed over. */
function isSpecial(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false })
  return status !== undefined && !status.isFile()
}
