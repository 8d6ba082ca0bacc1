/** Where the chain of a node comes from: every command that needs one opens it here. */
import type { Block } from '../block/block.ts'
import { Chain } from '../chain/chain.ts'
import type { DatabaseStatus } from '../chain/store/database.ts'
import { DataDirError } from '../chain/store/dataDirError.ts'
import { lockDataDir, type DataLock } from '../chain/store/dataLock.ts'
import type { Genesis } from '../chain/genesis/genesis.ts'
import type { LedgerKind } from '../chain/ledgerKind.ts'
import { observationLimits } from '../chain/limits.ts'
import { ObservedAccounts } from '../chain/observedAccounts.ts'
import { openStoredChain, type StoredChain } from '../chain/store/storedChain.ts'
import { messageOf } from '../lib/assert.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { SettingsError } from './settings/settingsError.ts'

/** Which chain it is and where it is kept. */
export interface OpenChainOptions {
  readonly genesis: Genesis
  readonly ledger: LedgerKind
  /** Blocks from one checkpoint of finality to the next. */
  readonly checkpointInterval?: number
  /** Kept nowhere if empty. */
  readonly dataDir: string
  readonly clock: Clock
  readonly log: Logger
  /**
   * For whoever asks about accounts: where nothing is executed the blocks are looked at for them.
   */
  readonly observesAccounts?: boolean
  /**
   * A directory that cannot be read or written is no reason to end: it is said, and the chain is in
   * memory.
   */
  readonly mayForget?: boolean
}

/** A chain that was opened, with the store behind it. */
export interface OpenedChain {
  readonly chain: Chain
  /** The data directory, which this process owns now; `undefined` where nothing is kept. */
  readonly keptIn: string | undefined
  /** How the store on disk does, if there is one. */
  status(): DatabaseStatus | undefined
  /** Resolves when everything taken in so far is written. */
  flushed(): Promise<void>
  /** Writes what is not written yet and gives the directory free. */
  close(): Promise<void>
}

/**
 * Opens the chain of a data directory. Rejects with a SettingsError of one line where that cannot
 * be.
 */
export async function openChain(options: OpenChainOptions): Promise<OpenedChain> {
  const { genesis, ledger, checkpointInterval, observesAccounts = false } = options
  const isObserved = ledger === 'none' && observesAccounts
  const accounts = isObserved ? new ObservedAccounts(genesis) : undefined
  const opened =
    (options.dataDir === '' ? undefined : await openKept(options, accounts)) ??
    inMemory(
      new Chain({
        genesis,
        ledger,
        ...(checkpointInterval !== undefined && { checkpointInterval }),
        ...(accounts && { accounts }),
      }),
    )
  if (accounts) replay(opened.chain, accounts)
  return opened
}

function inMemory(chain: Chain): OpenedChain {
  const nothing = async (): Promise<void> => {}
  return { chain, keptIn: undefined, status: () => undefined, flushed: nothing, close: nothing }
}

/** `undefined` where the directory cannot be used and need not. */
async function openKept(
  options: OpenChainOptions,
  accounts: ObservedAccounts | undefined,
): Promise<OpenedChain | undefined> {
  const { dataDir, log, mayForget = false } = options
  try {
    const lock = await lockDataDir(dataDir)
    const stored = await openUnder(lock, options, accounts)
    return {
      chain: stored.chain,
      keptIn: dataDir,
      status: () => stored.status(),
      flushed: () => stored.flushed(),
      close: async () => {
        await stored.close()
        await lock.release()
      },
    }
  } catch (error) {
    if (error instanceof DataDirError) throw new SettingsError(`--data-dir: ${error.message}`)
    const reason = messageOf(error)
    if (!mayForget) throw new SettingsError(`--data-dir: cannot use ${dataDir}: ${reason}`)
    log.error('the data directory cannot be used: nothing is kept', { dataDir, reason })
    return undefined
  }
}

async function openUnder(
  lock: DataLock,
  options: OpenChainOptions,
  accounts: ObservedAccounts | undefined,
): Promise<StoredChain> {
  try {
    return await openStoredChain({ ...options, ...(accounts && { accounts }) })
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** Shows the newest blocks of a chain that was kept to who observes its accounts. */
function replay(chain: Chain, accounts: ObservedAccounts): void {
  accounts.follow([], newestBlocks(chain), (hash) => chain.senders(hash))
}

/** Oldest first. */
function newestBlocks(chain: Chain): Block[] {
  const { maxReplayedBlocks, maxReplayedBytes } = observationLimits
  const blocks: Block[] = []
  let bytes = 0
  let block: Block | undefined = chain.head
  while (block !== undefined && blocks.length < maxReplayedBlocks && bytes < maxReplayedBytes) {
    blocks.push(block)
    bytes += block.raw.length
    block = chain.blockByNumber(block.header.number - 1n)
  }
  return blocks.reverse()
}
