/**
 * A chain that is kept in a data directory.
 *
 * Opening it reads every block of the newest ones, takes the newest snapshot of the accounts whose
 * root is that of its block, and imports the blocks above once more, which brings back head, states
 * and side blocks by the same rules as when they came. Where a record is damaged, what is below it
 * is kept, the rest goes to quarantine, and peers are asked for it like for any block that is
 * missing.
 */
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import { Chain } from '../chain.ts'
import type { ChainRoot } from '../chainOptions.ts'
import { storedGenesis } from './storedGenesis.ts'
import type { StoredBlock } from './blockStore.ts'
import type { Database, DatabaseStatus } from './database.ts'
import { DiskBlockStore, removal } from './diskBlockStore.ts'
import type { Genesis } from '../genesis/genesis.ts'
import type { LedgerKind } from '../ledgerKind.ts'
import { chainLimits, storeBounds, type ChainLimits } from '../limits.ts'
import type { ObservedAccounts } from '../observedAccounts.ts'
import { openDatabase } from './openDatabase.ts'
import { Quarantine } from './quarantine.ts'
import { listSnapshots, readSnapshot, SnapshotKeeper } from './stateSnapshots.ts'
import { dropFrom, firstDamaged, isCanonical } from './storeCheck.ts'
import {
  blockKey,
  decodeStoredBlock,
  END_OF_BLOCKS,
  firstBlockKey,
  hashOfBlockKey,
  numberOfKey,
  openRecord,
} from './storedRecords.ts'

/** Which chain is opened, and where it is kept. */
export interface StoredChainOptions {
  readonly dataDir: string
  readonly genesis: Genesis
  readonly ledger: LedgerKind
  readonly limits?: ChainLimits
  readonly checkpointInterval?: number
  readonly accounts?: ObservedAccounts
  readonly clock: Clock
  readonly log: Logger
}

/** A chain that is kept on disk. */
export interface StoredChain {
  readonly chain: Chain
  status(): DatabaseStatus
  /** Resolves when everything so far is on disk, or given up. */
  flushed(): Promise<void>
  /** Writes what is not written yet. */
  close(): Promise<void>
}

interface Restoring {
  readonly options: StoredChainOptions
  readonly database: Database
  readonly quarantine: Quarantine
}

/**
 * Opens the chain of a data directory. Rejects with a `DataDirError` where it is another chain's.
 */
export async function openStoredChain(options: StoredChainOptions): Promise<StoredChain> {
  const { dataDir, clock, log } = options
  const quarantine = new Quarantine(dataDir, clock)
  const { database, checked: damagedFrom } = await openDatabase(
    { ...options, quarantine },
    firstDamaged,
  )
  const restoring = { options, database, quarantine }
  if (damagedFrom !== undefined) await giveUpFrom(restoring, damagedFrom, 'a damaged record')
  const snapshots = await listSnapshots(database)
  const { chain, store } = await restore(restoring, snapshots)
  await store.restored()
  await database.flushed()
  const stopKeeping = new SnapshotKeeper({ chain, database, clock, kept: snapshots }).start()
  log.info('the chain was read from disk', { head: Number(chain.head.header.number) })
  return {
    chain,
    status: () => database.status,
    flushed: () => database.flushed(),
    close: async () => {
      stopKeeping()
      await database.close()
    },
  }
}

interface Restored {
  readonly chain: Chain
  readonly store: DiskBlockStore
}

async function restore(restoring: Restoring, snapshots: readonly bigint[]): Promise<Restored> {
  const { options, database } = restoring
  const { genesis, ledger, limits = chainLimits, accounts, checkpointInterval } = options
  const first = storedGenesis(genesis)
  const found = await newestBase(restoring, snapshots)
  const base = found?.stored ?? first
  const store = new DiskBlockStore({ database, genesis: first, base, bounds: storeBounds(limits) })
  const chain = new Chain({
    genesis,
    ledger,
    limits,
    store,
    ...(checkpointInterval !== undefined && { checkpointInterval }),
    ...(accounts && { accounts }),
    ...(found && { root: found.root }),
  })
  await replay(restoring, chain, base.block.header.number + 1n)
  return { chain, store }
}

/** The newest snapshot that is what its block says. */
async function newestBase(
  { database, options }: Restoring,
  snapshots: readonly bigint[],
): Promise<{ readonly stored: StoredBlock; readonly root: ChainRoot } | undefined> {
  for (const number of snapshots) {
    const snapshot = await readSnapshot(database, number)
    const key = snapshot && blockKey(number, snapshot.hash)
    const record = key && database.get(key)
    const stored = record && decodeRecord(key, record)
    if (snapshot !== undefined && stored !== undefined) {
      const { block, totalDifficulty } = stored
      const { state } = snapshot
      const isRight = state === undefined || state.root() === block.header.stateRoot
      if (isRight) return { stored, root: { block, totalDifficulty, state } }
    }
    options.log.warn('a snapshot of the accounts is damaged: an older one is taken', {
      block: Number(number),
    })
  }
  return undefined
}

/** Imports what was imported before, in the order of numbers. */
async function replay(restoring: Restoring, chain: Chain, from: bigint): Promise<void> {
  const { database } = restoring
  for await (const [key, record] of database.range(firstBlockKey(from), END_OF_BLOCKS)) {
    const stored = decodeRecord(key, record)
    const { block, senders = [] } = stored ?? {}
    const outcome = block && chain.import(block, senders)
    if (outcome?.status === 'imported' || outcome?.status === 'known') continue
    const number = numberOfKey(key)
    if (number === chain.head.header.number + 1n && isCanonical(database, key)) {
      const refusal = outcome?.status === 'refused' ? outcome.message : 'it is not readable'
      return giveUpFrom(restoring, number, refusal)
    }
    database.write(removal({ hash: hashOfBlockKey(key), header: { number } }))
  }
}

function decodeRecord(key: Uint8Array, record: Uint8Array): StoredBlock | undefined {
  const payload = openRecord(key, record)
  return payload && decodeStoredBlock(payload)
}

/**
 * Nothing is lost that was good: the blocks from there on are in quarantine, and come again from
 * peers.
 */
async function giveUpFrom(
  { database, quarantine, options }: Restoring,
  number: bigint,
  message: string,
): Promise<void> {
  await dropFrom(database, number, quarantine)
  options.log.warn('the chain on disk is kept up to a block; the rest is in quarantine', {
    keptUpTo: Number(number) - 1,
    quarantine: quarantine.directory,
    reason: message,
  })
}
