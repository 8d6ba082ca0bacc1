/**
 * What the blocks of a chain show of its accounts to a node that executes nothing.
 *
 * - The nonce of an account is at least one above the highest that it signed in a canonical block:
 *   its transactions, and its authorizations (EIP-7702) where they carry the nonce that is due.
 *   What code did is not seen.
 * - Some of those nonces leave no doubt ({@link ObservedAccounts.knownNonce}): who asks for a nonce
 *   to sign with is told no other.
 * - Nothing is known of balances: every account can pay. Whether it has code, only the genesis
 *   tells.
 * - Of the accounts that signed longest ago the nonces are forgotten; they then count as new.
 */
import type { Block } from '../block/block.ts'
import type { Address } from '../crypto/address.ts'
import type { Hash } from '../crypto/keccak.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import { recoverAuthority } from '../tx/authority.ts'
import { recoverSender } from '../tx/signature.ts'
import type { Authorization, Tx } from '../tx/tx.ts'
import type { Genesis } from './genesis/genesis.ts'
import { observationLimits, type ObservationLimits } from './limits.ts'
import type { AccountView } from './state.ts'

/** More than all there is. */
const UNKNOWN_BALANCE = 2n ** 256n - 1n

/** Who signed each transaction of a block, in their order, where that is known. */
export type SignersOf = (hash: Hash) => readonly Address[] | undefined

/** What blocks show of accounts on a chain that executes nothing. */
export class ObservedAccounts implements AccountView {
  readonly #genesis: Genesis
  readonly #nonces: BoundedMap<Address, bigint>
  /** Accounts that were allowed to run code (EIP-7702): what that does is not seen. */
  readonly #delegated: BoundedMap<Address, true>
  /** The lowest number of a block that was shown. */
  #lowest: bigint | undefined
  #hasForgotten = false

  constructor(
    genesis: Genesis,
    { maxAccounts }: Pick<ObservationLimits, 'maxAccounts'> = observationLimits,
  ) {
    this.#genesis = genesis
    this.#nonces = new BoundedMap(maxAccounts)
    this.#delegated = new BoundedMap(maxAccounts)
  }

  nonce(address: Address): bigint {
    return this.#nonces.peek(address) ?? this.#genesis.state.nonce(address)
  }

  /**
   * The nonce of an account where the blocks leave no doubt of it: it signed, or it is in the
   * genesis without code and all blocks since were shown; and its account cannot have run code.
   * `undefined` otherwise.
   */
  knownNonce(address: Address): bigint | undefined {
    const { state, alloc, config } = this.#genesis
    const isWhole = !this.#hasForgotten && (this.#lowest ?? 0n) <= 1n
    const nonce = this.#nonces.peek(address)
    if (nonce === undefined) {
      const isPlain = isWhole && alloc.has(address) && !state.hasCode(address)
      return isPlain ? state.nonce(address) : undefined
    }
    const wasSeen = isWhole || config.forkTimes.pragueTime === undefined
    return wasSeen && !this.#delegated.has(address) ? nonce : undefined
  }

  balance(): bigint {
    return UNKNOWN_BALANCE
  }

  hasCode(address: Address): boolean {
    return this.#genesis.state.hasCode(address)
  }

  /**
   * Follows the canonical chain; both oldest first. What signed a transaction is recovered where
   * nobody knows it.
   */
  follow(dropped: readonly Block[], added: readonly Block[], signersOf: SignersOf): void {
    for (const block of dropped.toReversed())
      for (const signed of signedTxs(block, signersOf).toReversed()) this.#undo(signed)
    for (const block of added) {
      const { number } = block.header
      if (this.#lowest === undefined || number < this.#lowest) this.#lowest = number
      for (const signed of signedTxs(block, signersOf)) this.#see(signed)
    }
  }

  #see({ tx, signer }: SignedTx): void {
    if (signer !== undefined) this.#set(signer, tx.nonce + 1n)
    for (const authorization of tx.authorizationList ?? []) this.#authorize(authorization)
  }

  #undo({ tx, signer }: SignedTx): void {
    for (const authorization of tx.authorizationList?.toReversed() ?? [])
      this.#unauthorize(authorization)
    if (signer !== undefined) this.#nonces.set(signer, tx.nonce)
  }

  #authorize(authorization: Authorization): void {
    const authority = this.#authorityOf(authorization)
    if (authority !== undefined && this.nonce(authority) === authorization.nonce)
      this.#delegate(authority, authorization.nonce + 1n)
  }

  #delegate(authority: Address, nonce: bigint): void {
    this.#set(authority, nonce)
    if (this.#delegated.set(authority, true) !== undefined) this.#hasForgotten = true
  }

  #set(address: Address, nonce: bigint): void {
    if (this.#nonces.set(address, nonce) !== undefined) this.#hasForgotten = true
  }

  #unauthorize(authorization: Authorization): void {
    const authority = this.#authorityOf(authorization)
    if (authority !== undefined && this.nonce(authority) === authorization.nonce + 1n)
      this.#nonces.set(authority, authorization.nonce)
  }

  #authorityOf(authorization: Authorization): Address | undefined {
    const { chainId } = authorization
    const isOfChain = chainId === 0n || chainId === this.#genesis.config.chainId
    return isOfChain ? recoverAuthority(authorization) : undefined
  }
}

interface SignedTx {
  readonly tx: Tx
  /** `undefined` where nobody can have signed. */
  readonly signer: Address | undefined
}

function signedTxs({ hash, transactions }: Block, signersOf: SignersOf): SignedTx[] {
  const signers = signersOf(hash)
  return transactions.map((tx, index) => ({ tx, signer: signers?.[index] ?? recoverSender(tx) }))
}
