/**
 * Opens the store of a chain, whatever state it is in: sound, or repaired, or, if neither can be, a new one with the old
 * one in quarantine. Only a store of another chain, or of another version, is refused.
 */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../lib/assert.ts'
import { bytesToBigint, bytesToHex, hexToBytes } from '../../lib/bytes.ts'
import type { Logger } from '../../lib/log.ts'
import { decodeRlp, encodeRlp } from '../../lib/rlp.ts'
import { Database } from './database.ts'
import { DataDirError } from './dataDirError.ts'
import type { Genesis } from '../genesis/genesis.ts'
import type { LedgerKind } from '../ledgerKind.ts'
import type { Quarantine } from './quarantine.ts'
import { FORMAT_KEY, openRecord, sealRecord } from './storedRecords.ts'

export interface OpenDatabaseOptions {
  readonly dataDir: string
  readonly genesis: Genesis
  readonly ledger: LedgerKind
  readonly quarantine: Quarantine
  readonly log: Logger
}

const DIRECTORY = 'chain'
/** Where the store's own repair puts what it cannot keep. */
const LOST = 'lost'
/** Changes whenever a record of an older version would be read wrongly. */
const FORMAT_VERSION = 1

/** Every one of these was left by a failed write or a damaged disk, and is tried in order. */
const ATTEMPTS = ['as it is', 'repaired', 'anew'] as const
type Attempt = (typeof ATTEMPTS)[number]

/**
 * @param check reads what must be readable; where it throws, the store counts as damaged.
 */
export async function openDatabase<T>(
  options: OpenDatabaseOptions,
  check: (database: Database) => Promise<T>,
): Promise<{ readonly database: Database; readonly checked: T }> {
  const location = join(options.dataDir, DIRECTORY)
  const first = Database.isMarked(location) ? 1 : 0
  for (const attempt of ATTEMPTS.slice(first)) {
    const opened = await tryOpen(options, location, attempt, check)
    if (!('damage' in opened)) return opened
    options.log.warn('the store of the chain is damaged', { attempt, reason: opened.damage })
  }
  throw new Error(`cannot make a store in ${location}`)
}

async function tryOpen<T>(
  options: OpenDatabaseOptions,
  location: string,
  attempt: Attempt,
  check: (database: Database) => Promise<T>,
) {
  let database: Database | undefined
  try {
    await prepare(options, location, attempt)
    database = await Database.open(location, options.log)
    await checkFormat(database, options)
    return { database, checked: await check(database) }
  } catch (error) {
    await database?.close()
    if (error instanceof DataDirError || attempt === 'anew') throw error
    return { damage: messageOf(error) }
  }
}

async function prepare(
  { quarantine }: OpenDatabaseOptions,
  location: string,
  attempt: Attempt,
): Promise<void> {
  if (attempt === 'as it is') return
  if (attempt === 'repaired') {
    await Database.repair(location)
    const lost = join(location, LOST)
    if (existsSync(lost)) await quarantine.take(lost)
    return
  }
  if (existsSync(location)) await quarantine.take(location)
  await rm(`${location}.damaged`, { force: true })
}

/** Writes down whose store a new one is; throws where it is another's, or where nothing says so. */
async function checkFormat(database: Database, options: OpenDatabaseOptions): Promise<void> {
  const { genesis, ledger, dataDir } = options
  const record = database.get(FORMAT_KEY)
  if (record === undefined) {
    if (!(await database.isEmpty())) throw new Error('nothing says which chain it holds')
    database.write([[FORMAT_KEY, sealRecord(FORMAT_KEY, encodeFormat(genesis, ledger))]])
    return
  }
  const payload = openRecord(FORMAT_KEY, record)
  const item = payload && decodeRlp(payload)
  if (!Array.isArray(item)) throw new Error('what says which chain it holds is damaged')
  const [version, hash, kept] = item.filter((field) => field instanceof Uint8Array)
  if (version === undefined || hash === undefined || kept === undefined)
    throw new Error('what says which chain it holds is damaged')
  if (bytesToBigint(version) !== BigInt(FORMAT_VERSION))
    throw new DataDirError(`${dataDir} was written by another version of this program`)
  if (bytesToHex(hash) !== genesis.hash)
    throw new DataDirError(
      `${dataDir} holds the chain with genesis ${bytesToHex(hash)}, not ${genesis.hash}: give its file with --genesis, or another --data-dir`,
    )
  const keptLedger = new TextDecoder().decode(kept)
  if (keptLedger !== ledger)
    throw new DataDirError(
      `${dataDir} was made with --ledger ${keptLedger}: give that, or another --data-dir`,
    )
}

function encodeFormat(genesis: Genesis, ledger: LedgerKind): Uint8Array {
  const text = new TextEncoder().encode(ledger)
  return encodeRlp([Uint8Array.of(FORMAT_VERSION), hexToBytes(genesis.hash), text])
}
