/**
 * The ledger of transfers: Ethereum's state transition for transactions between accounts without
 * code, where the gas used is exactly the intrinsic gas (or the floor of EIP-7623, where a fork has
 * it).
 *
 * A transaction pays its sender's way in: nonce up by one, value and gas times effective price off
 * the balance. The value goes to the recipient, the tip per gas to the beneficiary, the base fee
 * per gas to nobody (EIP-1559). What was touched and is empty afterwards is removed (EIP-161): so a
 * transfer of nothing to nobody creates nobody.
 */
import type { Block } from '../block/block.ts'
import { emptyBloom } from '../block/bloom.ts'
import type { Receipt } from '../block/receipt.ts'
import type { Address } from '../crypto/address.ts'
import { assert } from '../lib/assert.ts'
import type { Fork } from '../tx/fork.ts'
import { floorGas, intrinsicGas, effectiveTip } from '../tx/gas.ts'
import type { Tx } from '../tx/tx.ts'
import type { ChainConfig } from './genesis/config.ts'
import { forkAt } from './genesis/forks.ts'
import { NEW_ACCOUNT, StateDraft, type State } from './state.ts'
import { transferRefusal, type TransferRefusal } from './rules/transferRules.ts'

/** What a transaction is executed against, besides the accounts. */
export interface ExecutionContext {
  readonly fork: Fork
  /** Wei per gas; 0 before London. */
  readonly baseFee: bigint
  /** The block's. */
  readonly gasLimit: bigint
  /** Who gets the tips: on a Clique chain the signer of the block. */
  readonly beneficiary: Address
}

/** No transfer logs anything: all receipts share one bloom, which nobody may change. */
const NO_LOGS_BLOOM = emptyBloom()

/** One block being executed, transaction after transaction. One that is refused leaves no trace. */
export class BlockExecution {
  readonly #context: ExecutionContext
  readonly #draft: StateDraft
  readonly #receipts: Receipt[] = []
  #gasUsed = 0n

  constructor(state: State, context: ExecutionContext) {
    this.#draft = new StateDraft(state)
    this.#context = context
  }

  /** The rules of tx/rules.ts must hold for `tx`, and `sender` must be who signed it. */
  run(tx: Tx, sender: Address): TransferRefusal | undefined {
    const { fork, baseFee } = this.#context
    const refusal = transferRefusal(tx, {
      state: this.#draft,
      fork,
      sender,
      baseFee,
      gasLeft: this.gasLeft,
    })
    if (refusal !== undefined) return refusal
    const gasUsed = gasOf(tx, fork)
    this.#transfer(tx, sender, gasUsed)
    this.#gasUsed += gasUsed
    this.#receipts.push(receiptOf(tx, this.#gasUsed))
    return undefined
  }

  get gasUsed(): bigint {
    return this.#gasUsed
  }

  get gasLeft(): bigint {
    return this.#context.gasLimit - this.#gasUsed
  }

  get receipts(): readonly Receipt[] {
    return this.#receipts
  }

  /** The state after what ran so far. */
  state(): State {
    return this.#draft.commit()
  }

  #transfer(tx: Tx, sender: Address, gasUsed: bigint): void {
    const { baseFee, beneficiary } = this.#context
    const tip = effectiveTip(tx, baseFee)
    const recipient = tx.to
    assert(recipient !== undefined, 'a transaction that creates a contract was not refused')
    this.#debit(sender, tx.value + gasUsed * (baseFee + tip))
    this.#credit(recipient, tx.value)
    this.#credit(beneficiary, gasUsed * tip)
    this.#draft.removeIfEmpty(recipient)
    this.#draft.removeIfEmpty(beneficiary)
  }

  #debit(address: Address, amount: bigint): void {
    const account = this.#draft.account(address) ?? NEW_ACCOUNT
    const { nonce, balance } = account
    this.#draft.set(address, { ...account, nonce: nonce + 1n, balance: balance - amount })
  }

  #credit(address: Address, amount: bigint): void {
    const account = this.#draft.account(address) ?? NEW_ACCOUNT
    this.#draft.set(address, { ...account, balance: account.balance + amount })
  }
}

/**
 * The receipts of a block that this ledger executed before: they follow from its transactions,
 * since a transfer that fails is in no block.
 */
export function transferReceipts(
  { header, transactions }: Block,
  config: ChainConfig,
): readonly Receipt[] {
  const fork = forkAt(config, header.number, header.timestamp)
  let cumulativeGasUsed = 0n
  return transactions.map((tx) => {
    cumulativeGasUsed += gasOf(tx, fork)
    return receiptOf(tx, cumulativeGasUsed)
  })
}

function receiptOf({ type }: Tx, cumulativeGasUsed: bigint): Receipt {
  return { type, status: 1, cumulativeGasUsed, logsBloom: NO_LOGS_BLOOM, logs: [] }
}

function gasOf(tx: Tx, fork: Fork): bigint {
  const intrinsic = intrinsicGas(tx, fork)
  const floor = floorGas(tx, fork)
  return intrinsic > floor ? intrinsic : floor
}
