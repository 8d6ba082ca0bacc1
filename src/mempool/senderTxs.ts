import type { AccountView } from '../chain/state.ts'
import type { Address } from '../crypto/address.ts'
import type { PoolEntry } from './entry.ts'
import { PendingRun } from './pending.ts'
import { QueuedTxs } from './queued.ts'

/** What the pool asks of the chain's state at the head. */
export type AccountReader = Pick<AccountView, 'nonce' | 'balance'>

/** What the pool knows of an account at the head. */
export interface SenderAccount {
  readonly nonce: bigint
  /** Wei. */
  readonly balance: bigint
}

/** Reads an account from the state. */
export function accountOf(state: AccountReader, address: Address): SenderAccount {
  return { nonce: state.nonce(address), balance: state.balance(address) }
}

/** What one sender has in the pool, and its account at the head. */
export class SenderTxs {
  readonly address: Address
  account: SenderAccount
  /** The most that all its pooled transactions together can take from it, in wei. */
  cost = 0n
  /** How many the pool knows of it, placed or on their way to a place. */
  size = 0
  readonly pending = new PendingRun()
  readonly queued = new QueuedTxs()

  constructor(address: Address, account: SenderAccount) {
    this.address = address
    this.account = account
  }

  /** The first nonce that no pending transaction has. */
  get nextNonce(): bigint {
    return this.account.nonce + BigInt(this.pending.length)
  }

  at(nonce: bigint): PoolEntry | undefined {
    return this.pending.at(nonce) ?? this.queued.at(nonce)
  }
}
