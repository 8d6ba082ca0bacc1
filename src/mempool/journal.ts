/**
 * The journal of own transactions: a file to which each is appended, so that it outlives the
 * process.
 *
 * - Appending only queues; what is queued in one turn of the event loop, or while the last piece is
 *   being written, goes to the file in one piece. `written` waits for that. From then on a
 *   transaction survives the end of the process; that of the machine, as the sync policy says.
 * - Now and then the file is written anew with what still matters, beside the old one, and takes
 *   its name.
 * - If writing fails, it is said once, and the journal does nothing until rewriting works again.
 */
import { open, readFile, rename, truncate, writeFile, type FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { nextTurn } from '../lib/turns.ts'
import type { Quarantine } from '../chain/store/quarantine.ts'
import { errorCodeOf } from '../lib/files/errorCode.ts'
import { messageOf } from '../lib/assert.ts'
import type { Cancel, Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { JOURNAL_HEADER, readJournal, RecordPiece } from './journalFile.ts'
import { OWN_TX_LIMITS } from './ownTxLimits.ts'

/**
 * When what is written is forced to the disk: with each write, once a second, or when the system
 * likes.
 */
export const JOURNAL_SYNCS = ['always', 'interval', 'never'] as const
/** When what was written is forced to the disk. */
export type JournalSync = (typeof JOURNAL_SYNCS)[number]

/** Where a journal is and how it is kept. */
export interface JournalOptions {
  readonly path: string
  readonly sync: JournalSync
  /** Where a damaged end of the file goes. */
  readonly quarantine: Quarantine
  readonly clock: Clock
  readonly log: Logger
}

/** How a journal does. */
export interface JournalStatus {
  readonly isWritable: boolean
  /** Of the file. */
  readonly bytes: number
}

const SYNC_INTERVAL_MS = OWN_TX_LIMITS.journalSyncMs.value

/** What own transactions are written to, so that they survive the process. */
export interface OwnJournal {
  readonly status: JournalStatus
  append(payload: Uint8Array): void
  /** Resolves when everything appended so far is kept, or given up. */
  written(): Promise<void>
  /** Keeps these in place of all it holds. */
  rewrite(payloads: () => Iterable<Uint8Array>): Promise<void>
  close(): Promise<void>
}

/** The file of own transactions. */
export class Journal implements OwnJournal {
  readonly #options: JournalOptions
  /** Set while something is to be forced to the disk. */
  #syncDue: Cancel | undefined
  #file: FileHandle
  #bytes: number
  /**
   * What the next write takes; more comes to it until then. Two take turns: one fills while the
   * other is written.
   */
  #filling = new RecordPiece()
  #spare = new RecordPiece()
  #isWriteDue = false
  #rewrites = 0
  /** One thing at a time is done to the file. */
  #work: Promise<void> = Promise.resolve()
  #isWritable = true

  private constructor(options: JournalOptions, file: FileHandle, bytes: number) {
    this.#options = options
    this.#file = file
    this.#bytes = bytes
  }

  /**
   * Opens or makes the journal and answers what it holds, oldest first. A damaged end is cut off
   * and kept in quarantine. Rejects where the file cannot be written.
   */
  static async open(
    options: JournalOptions,
  ): Promise<{ readonly journal: Journal; readonly payloads: readonly Uint8Array[] }> {
    const { path, quarantine, log } = options
    const bytes = await readFile(path).catch((error: unknown) => {
      if (errorCodeOf(error) === 'ENOENT') return undefined
      throw error
    })
    const { payloads, goodBytes } = readJournal(bytes ?? new Uint8Array())
    if (bytes !== undefined && goodBytes < bytes.length) {
      log.warn('the journal of own transactions is damaged: kept up to the last good record', {
        kept: payloads.length,
        lostBytes: bytes.length - goodBytes,
        quarantine: quarantine.directory,
      })
      await quarantine.save(basename(path), bytes.subarray(goodBytes))
      await truncate(path, goodBytes)
    }
    if (goodBytes === 0) await writeFile(path, JOURNAL_HEADER)
    const file = await open(path, 'a')
    const journal = new Journal(options, file, Math.max(goodBytes, JOURNAL_HEADER.length))
    return { journal, payloads }
  }

  get status(): JournalStatus {
    return { isWritable: this.#isWritable, bytes: this.#bytes }
  }

  /** Queues a record. */
  append(payload: Uint8Array): void {
    if (!this.#isWritable) return
    this.#filling.add(payload)
    if (this.#isWriteDue) return
    this.#isWriteDue = true
    const rewrites = this.#rewrites
    this.#work = this.#work.then(nextTurn).then(() => this.#write(rewrites))
  }

  /**
   * Resolves when everything appended so far is in the file, and on the disk if the policy is
   * `always`; or given up.
   */
  written(): Promise<void> {
    return this.#work
  }

  /**
   * Writes the file anew with these records in place of all it holds and all that is queued; what
   * is appended from now on comes after them.
   */
  rewrite(payloads: () => Iterable<Uint8Array>): Promise<void> {
    this.#filling.clear()
    this.#isWriteDue = false
    this.#rewrites++
    this.#work = this.#work.then(() => this.#rewrite(payloads))
    return this.#work
  }

  async close(): Promise<void> {
    this.#syncDue?.()
    await this.#work
    this.#syncDue?.()
    if (this.#isWritable) await this.#file.datasync().catch(() => {})
    await this.#file.close().catch(() => {})
  }

  /**
   * @param rewrites how many there were when this write became due: one since then has taken what
   *   it was for.
   */
  async #write(rewrites: number): Promise<void> {
    if (rewrites !== this.#rewrites) return
    this.#isWriteDue = false
    const piece = this.#filling
    this.#filling = this.#spare
    if (this.#isWritable) await this.#append(piece.bytes)
    piece.clear()
    this.#spare = piece
  }

  async #append(bytes: Uint8Array): Promise<void> {
    try {
      await this.#file.appendFile(bytes)
      if (this.#options.sync === 'always') await this.#file.datasync()
      this.#bytes += bytes.length
      this.#planSync()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** The new file is complete and on the disk before it takes the name. */
  async #rewrite(payloads: () => Iterable<Uint8Array>): Promise<void> {
    const { path, log } = this.#options
    const fresh = `${path}.new`
    try {
      const piece = new RecordPiece()
      for (const payload of payloads()) piece.add(payload)
      const content = Buffer.concat([JOURNAL_HEADER, piece.bytes])
      await writeFile(fresh, content, { flush: true })
      await rename(fresh, path)
      await syncDirectory(dirname(path))
      const old = this.#file
      this.#file = await open(path, 'a')
      await old.close()
      this.#bytes = content.length
      if (!this.#isWritable) log.info('the journal of own transactions is written again')
      this.#isWritable = true
    } catch (error) {
      this.#fail(error)
    }
  }

  #planSync(): void {
    const { sync, clock } = this.#options
    if (sync !== 'interval') return
    this.#syncDue ??= clock.after(SYNC_INTERVAL_MS, () => {
      this.#syncDue = undefined
      if (this.#isWritable) this.#work = this.#work.then(() => this.#sync())
    })
  }

  async #sync(): Promise<void> {
    await this.#file.datasync().catch((error: unknown) => this.#fail(error))
  }

  #fail(error: unknown): void {
    if (!this.#isWritable) return
    this.#isWritable = false
    this.#options.log.error('own transactions are not kept on disk for now', {
      reason: messageOf(error),
    })
  }
}

/** So that the new name outlives the machine, where the system can do that. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
