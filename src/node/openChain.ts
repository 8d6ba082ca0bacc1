/** Where the chain of a node comes from: every command that needs one opens it here. */
import type { Block } from '../block/block.ts'
import { Chain } from '../chain/chain.ts'
import type { Genesis } from '../chain/genesis.ts'
import type { LedgerKind } from '../chain/ledgerKind.ts'
import { observationLimits } from '../chain/limits.ts'
import { ObservedAccounts } from '../chain/observedAccounts.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { Senders } from '../tx/senders.ts'

export interface OpenChainOptions {
  readonly genesis: Genesis
  readonly ledger: LedgerKind
  /** Kept nowhere if empty. */
  readonly dataDir: string
  readonly clock: Clock
  readonly log: Logger
  /** For whoever asks about accounts of a chain that executes nothing: its blocks are then looked at for them. */
  readonly senders?: Senders
}

export interface OpenedChain {
  readonly chain: Chain
  /** Resolves when everything taken in so far is written. */
  flushed(): Promise<void>
  /** Writes what is not written yet and gives the directory free. */
  close(): Promise<void>
}

/** Opens the chain of a data directory. Rejects with a ConfigError of one line where that cannot be. */
export async function openChain(options: OpenChainOptions): Promise<OpenedChain> {
  const { genesis, ledger, senders } = options
  const accounts = ledger === 'none' && senders ? observedBy(senders, genesis) : undefined
  const chain = new Chain({ genesis, ledger, ...(accounts && { accounts }) })
  if (accounts && senders) await replay(chain, accounts, senders)
  return { chain, flushed: async () => {}, close: async () => {} }
}

function observedBy(senders: Senders, genesis: Genesis): ObservedAccounts {
  return new ObservedAccounts(genesis, (tx) => senders.recoverNow(tx))
}

/** Shows the newest blocks of a chain that was kept to who observes its accounts. */
async function replay(chain: Chain, accounts: ObservedAccounts, senders: Senders): Promise<void> {
  for (const block of newestBlocks(chain)) {
    await Promise.all(block.transactions.map((tx) => senders.recover(tx, 'block')))
    accounts.follow([], [block])
  }
}

/** Oldest first. */
function newestBlocks(chain: Chain): Block[] {
  const blocks: Block[] = []
  let transactions = 0
  let block: Block | undefined = chain.head
  while (block !== undefined && transactions < observationLimits.maxReplayedTxs) {
    blocks.push(block)
    transactions += block.transactions.length
    block = block.header.number > 0n ? chain.blockByNumber(block.header.number - 1n) : undefined
  }
  return blocks.reverse()
}
