/**
 * Where a damaged part of a data directory goes: out of the way, and still there for whoever wants
 * to look.
 */
import { appendFile, mkdir, rename, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Clock } from '../../lib/clock.ts'

/** One opening's quarantine: a directory that is made when the first thing goes there. */
export class Quarantine {
  readonly directory: string

  constructor(dataDir: string, clock: Pick<Clock, 'wallMs'>) {
    const time = new Date(clock.wallMs()).toISOString().replaceAll(/[:.]/g, '-')
    this.directory = join(dataDir, `quarantine-${time}`)
  }

  /** Moves a file or directory of the data directory here. */
  async take(path: string): Promise<void> {
    await mkdir(this.directory, { recursive: true })
    await rename(path, join(this.directory, basename(path)))
  }

  /** Keeps bytes in a file here. */
  async save(file: string, bytes: Uint8Array): Promise<void> {
    await mkdir(this.directory, { recursive: true })
    await writeFile(join(this.directory, file), bytes)
  }

  /**
   * Adds records to a file here: each is the lengths of key and value (4 bytes each, highest
   * first), key, value.
   */
  async append(file: string, records: readonly (readonly [Uint8Array, Uint8Array])[]) {
    if (records.length === 0) return
    await mkdir(this.directory, { recursive: true })
    await appendFile(join(this.directory, file), Buffer.concat(records.flatMap(framed)))
  }
}

function framed([key, value]: readonly [Uint8Array, Uint8Array]): Uint8Array[] {
  const lengths = Buffer.alloc(8)
  lengths.writeUInt32BE(key.length, 0)
  lengths.writeUInt32BE(value.length, 4)
  return [lengths, key, value]
}
