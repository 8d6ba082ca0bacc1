/** Where the journal of own transactions comes from. */
import { join } from 'node:path'
import { Quarantine } from '../chain/store/quarantine.ts'
import { messageOf } from '../lib/assert.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { Journal, type JournalSync, type OwnJournal } from '../mempool/journal.ts'

/** Inside the data directory. */
export const JOURNAL_FILE = 'own.journal'

/** A journal that was opened, and what it held. */
export interface OpenedJournal {
  readonly journal: OwnJournal
  /** What it holds, oldest first: raw transactions. */
  readonly payloads: readonly Uint8Array[]
}

/** Where the journal is and how it is kept. */
export interface OpenJournalOptions {
  readonly dataDir: string
  readonly sync: JournalSync
  readonly clock: Clock
  readonly log: Logger
}

/** Opens the journal; `undefined`, and a line in the log, where it cannot be used. */
export async function openJournal(options: OpenJournalOptions): Promise<OpenedJournal | undefined> {
  const { dataDir, sync, clock, log } = options
  const path = join(dataDir, JOURNAL_FILE)
  try {
    return await Journal.open({
      path,
      sync,
      quarantine: new Quarantine(dataDir, clock),
      clock,
      log,
    })
  } catch (error) {
    log.error('the journal cannot be used: own transactions are not kept', {
      path,
      reason: messageOf(error),
    })
    return undefined
  }
}
