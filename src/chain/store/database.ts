/**
 * The embedded store (LevelDB): records by key, written behind the node's back.
 *
 * - `write` only queues, in the store's own memory: the bytes are copied. Groups are written in
 *   their order, each whole or not at all, so whenever the process ends, what is on disk is what
 *   had been queued up to some moment.
 * - The first write that fails is the last one tried: a gap would be worse than an end. The node
 *   goes on from memory.
 * - A record that cannot be read is missing; the store is marked, so that the next opening repairs
 *   it.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { nextTurn } from '../../lib/turns.ts'
import { ClassicLevel, type ChainedBatch } from 'classic-level'
import { messageOf } from '../../lib/assert.ts'
import type { Logger } from '../../lib/log.ts'
import { errorCodeOf } from '../../lib/files/errorCode.ts'
import { storeLimits } from '../limits.ts'

/** A key with its value; `undefined` deletes. */
export type RecordWrite = readonly [key: Uint8Array, value: Uint8Array | undefined]

/** How the database does. */
export interface DatabaseStatus {
  /** False from the first write that failed. */
  readonly isWritable: boolean
  /** Queued and not yet written. */
  readonly waitingBytes: number
  /** Reads that found a damaged record. */
  readonly damagedReads: number
}

type Level = ClassicLevel<Uint8Array, Uint8Array>

/** Groups that are written together. */
interface Batch {
  readonly records: ChainedBatch<Level, Uint8Array, Uint8Array>
  bytes: number
}

/** Records on disk by key, written in the background in order. */
export class Database {
  readonly #level: Level
  readonly #location: string
  readonly #log: Logger
  /** Oldest first; the last one takes more until it is large or its turn comes. */
  #batches: Batch[] = []
  #waitingBytes = 0
  #writing: Promise<void> | undefined
  #failure: string | undefined
  #damagedReads = 0

  private constructor(level: Level, location: string, log: Logger) {
    this.#level = level
    this.#location = location
    this.#log = log
  }

  /** Opens or makes the store in a directory; rejects with the store's own error. */
  static async open(location: string, log: Logger): Promise<Database> {
    const level: Level = new ClassicLevel(location, {
      keyEncoding: 'view',
      valueEncoding: 'view',
      compression: false,
      writeBufferSize: storeLimits.bufferBytes,
    })
    await level.open()
    return new Database(level, location, log)
  }

  /** Whether a record could not be read since the store was opened or repaired last. */
  static isMarked(location: string): boolean {
    return existsSync(markOf(location))
  }

  /**
   * Brings a damaged store to where it opens; what cannot be kept is moved to `lost` in its
   * directory.
   */
  static async repair(location: string): Promise<void> {
    await ClassicLevel.repair(location)
    await rm(markOf(location), { force: true })
  }

  get status(): DatabaseStatus {
    return {
      isWritable: this.#failure === undefined,
      waitingBytes: this.#waitingBytes,
      damagedReads: this.#damagedReads,
    }
  }

  /**
   * What is on disk; `undefined` where there is nothing, where it cannot be read and where the
   * store is closed. What waits is not seen.
   */
  get(key: Uint8Array): Uint8Array | undefined {
    if (this.#level.status !== 'open') return undefined
    try {
      const value = this.#level.getSync(key)
      return value && plain(value)
    } catch (error) {
      this.noteDamage(messageOf(error))
      return undefined
    }
  }

  /**
   * The records from one key to below another, in the order of keys. Rejects where they cannot be
   * read.
   */
  async *range(
    from: Uint8Array,
    end: Uint8Array,
  ): AsyncGenerator<readonly [Uint8Array, Uint8Array], void, undefined> {
    for await (const [key, value] of this.#level.iterator({ gte: from, lt: end }))
      yield [plain(key), plain(value)]
  }

  /** The last key from one to below another. */
  async lastKey(from: Uint8Array, end: Uint8Array): Promise<Uint8Array | undefined> {
    for await (const key of this.#level.keys({ gte: from, lt: end, reverse: true, limit: 1 }))
      return key
    return undefined
  }

  async isEmpty(): Promise<boolean> {
    for await (const _ of this.#level.keys({ limit: 1 })) return false
    return true
  }

  /**
   * Queues records to be written together. They are read one by one, each before the next is asked
   * for.
   */
  write(records: Iterable<RecordWrite>): void {
    if (this.#failure !== undefined) return
    try {
      this.#waitingBytes += put(records, this.#openBatch())
    } catch (error) {
      return this.#fail(messageOf(error))
    }
    if (this.#waitingBytes > storeLimits.maxWaitingBytes) this.#fail('the disk does not keep up')
    else this.#writing ??= this.#writeAll()
  }

  /** Resolves when everything queued so far is written, or given up. */
  async flushed(): Promise<void> {
    await this.#writing
  }

  async close(): Promise<void> {
    await this.flushed()
    await this.#level.close()
  }

  /** A record is not what was written: said once, and repaired at the next opening. */
  noteDamage(message: string): void {
    this.#damagedReads++
    if (this.#damagedReads > 1) return
    this.#log.error('a record on disk is damaged; the store is repaired at the next start', {
      reason: message,
    })
    this.#mark()
  }

  #openBatch(): Batch {
    const last = this.#batches.at(-1)
    if (last !== undefined && last.bytes < storeLimits.batchBytes) return last
    const batch = { records: this.#level.batch(), bytes: 0 }
    this.#batches.push(batch)
    return batch
  }

  /** After what is being handled now, so that it is not held up and its writes go together. */
  async #writeAll(): Promise<void> {
    await nextTurn()
    try {
      for (let batch = this.#batches.shift(); batch !== undefined; batch = this.#batches.shift()) {
        await batch.records.write()
        if (this.#failure === undefined) this.#waitingBytes -= batch.bytes
      }
    } catch (error) {
      this.#fail(messageOf(error))
      if (errorCodeOf(error) === 'LEVEL_CORRUPTION') this.#mark()
    } finally {
      this.#writing = undefined
    }
  }

  #fail(message: string): void {
    if (this.#failure !== undefined) return
    this.#failure = message
    this.#batches = []
    this.#waitingBytes = 0
    this.#log.error(
      'the chain is not kept on disk any more: the node goes on from memory; start it again when the disk can be written',
      { reason: message },
    )
  }

  #mark(): void {
    try {
      writeFileSync(markOf(this.#location), '')
    } catch (error) {
      this.#log.warn('cannot mark the damaged store', { reason: messageOf(error) })
    }
  }
}

/** Adds a group to a batch and answers its bytes. */
function put(records: Iterable<RecordWrite>, batch: Batch): number {
  let bytes = 0
  for (const [key, value] of records) {
    if (value === undefined) batch.records.del(key)
    else batch.records.put(key, value)
    bytes += key.length + (value?.length ?? 0)
  }
  batch.bytes += bytes
  return bytes
}

/**
 * The store answers Buffers, whose methods differ from those of the bytes that everybody else
 * handles.
 */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

function markOf(location: string): string {
  return `${location}.damaged`
}
