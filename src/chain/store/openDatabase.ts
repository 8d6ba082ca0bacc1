/**
 * Opens the store of a chain, whatever state it is in: sound, or repaired, or, if neither can be, a
 * new one with the old one in quarantine. Only a store of another chain, of other rules, or of
 * another version, is refused.
 */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../lib/assert.ts'
import { bytesToBigint, bytesToHex, hexToBytes } from '../../lib/bytes.ts'
import type { Logger } from '../../lib/log.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../../lib/rlp.ts'
import { Database } from './database.ts'
import { DataDirError } from './dataDirError.ts'
import type { Genesis } from '../genesis/genesis.ts'
import type { LedgerKind } from '../ledgerKind.ts'
import { configConflict, encodeConfig, isKeptConfig } from './keptConfig.ts'
import type { Quarantine } from './quarantine.ts'
import { newestPlace } from './storeCheck.ts'
import { FORMAT_KEY, openRecord, sealRecord } from './storedRecords.ts'

/** Which database is opened, and for which chain. */
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
  const { genesis, ledger } = options
  const record = database.get(FORMAT_KEY)
  if (record === undefined && !(await database.isEmpty()))
    throw new Error('nothing says which chain it holds')
  const config = record && checkOwner(readFormat(record), options)
  if (config !== undefined && isKeptConfig(config, genesis.config)) return
  if (config !== undefined) await checkConfig(database, config, options)
  database.write([[FORMAT_KEY, sealRecord(FORMAT_KEY, encodeFormat(genesis, ledger))]])
}

interface Format {
  readonly version: bigint
  readonly genesisHash: string
  readonly ledger: string
  /** `undefined` in a store that was made before rules were kept. */
  readonly config: RlpItem | undefined
}

function readFormat(record: Uint8Array): Format {
  const payload = openRecord(FORMAT_KEY, record)
  const item = payload && decodeRlp(payload)
  const [version, hash, ledger, config] = Array.isArray(item) ? item : []
  const isWhole =
    version instanceof Uint8Array && hash instanceof Uint8Array && ledger instanceof Uint8Array
  if (!isWhole) throw new Error('what says which chain it holds is damaged')
  return {
    version: bytesToBigint(version),
    genesisHash: bytesToHex(hash),
    ledger: new TextDecoder().decode(ledger),
    config,
  }
}

/** The rules it was made with; throws where it is not of this genesis and ledger. */
function checkOwner(format: Format, options: OpenDatabaseOptions): RlpItem | undefined {
  const { genesis, ledger, dataDir } = options
  if (format.version !== BigInt(FORMAT_VERSION))
    throw new DataDirError(`${dataDir} was written by another version of this program`)
  if (format.genesisHash !== genesis.hash)
    throw new DataDirError(
      `${dataDir} holds the chain with genesis ${format.genesisHash}, not ${genesis.hash}: give its file with --genesis, or another --data-dir`,
    )
  if (format.ledger !== ledger)
    throw new DataDirError(
      `${dataDir} was made with --ledger ${format.ledger}: give that, or another --data-dir`,
    )
  return format.config
}

/**
 * Throws where the chain on disk was made by other rules: its blocks are good, and would be
 * refused.
 */
async function checkConfig(
  database: Database,
  kept: RlpItem,
  { genesis, dataDir }: OpenDatabaseOptions,
): Promise<void> {
  const conflict = configConflict(kept, genesis.config, await newestPlace(database, genesis))
  if (conflict !== undefined)
    throw new DataDirError(
      `${dataDir} holds a chain made with ${conflict}: give its genesis file with --genesis, or another --data-dir`,
    )
}

function encodeFormat({ hash, config }: Genesis, ledger: LedgerKind): Uint8Array {
  const text = new TextEncoder().encode(ledger)
  return encodeRlp([Uint8Array.of(FORMAT_VERSION), hexToBytes(hash), text, encodeConfig(config)])
}
