/**
 * Accounts in a persistent Merkle-Patricia trie: keccak256(address) leads to RLP [nonce, balance,
 * storageRoot, codeHash] (Yellow Paper, section 4.1). A state never changes; executing a block
 * writes to a draft, which answers the next state. Old and new share what did not change, so that
 * keeping the states of many blocks is cheap.
 */
import { EMPTY_TRIE_ROOT, Trie, type TrieEntry } from '../block/trie.ts'
import type { Address } from '../crypto/address.ts'
import { asHash, EMPTY_CODE_HASH, keccak256, keccak256Hash, type Hash } from '../crypto/keccak.ts'
import { assert } from '../lib/assert.ts'
import { bigintToBytes, bytesToBigint, hexToBytes } from '../lib/bytes.ts'
import { decodeRlp, encodeRlp } from '../lib/rlp.ts'
import type { GenesisAccount, GenesisAlloc } from './genesis/genesisFile.ts'

/** An account as the state keeps it (Yellow Paper, section 4.1). */
export interface Account {
  readonly nonce: bigint
  /** Wei. */
  readonly balance: bigint
  readonly storageRoot: Hash
  readonly codeHash: Hash
}

/**
 * What the pool and the RPC ask about accounts; an account that is not there has nonce 0 and
 * balance 0.
 */
export interface AccountView {
  nonce(address: Address): bigint
  /** Wei. */
  balance(address: Address): bigint
  hasCode(address: Address): boolean
}

/** The account that an address has before anything happened to it. */
export const NEW_ACCOUNT: Account = {
  nonce: 0n,
  balance: 0n,
  storageRoot: EMPTY_TRIE_ROOT,
  codeHash: EMPTY_CODE_HASH,
}

/** EIP-161: an account that a touch removes. */
export function isEmptyAccount(account: Account): boolean {
  return account.nonce === 0n && account.balance === 0n && account.codeHash === EMPTY_CODE_HASH
}

/** The accounts after one block. */
export class State implements AccountView {
  readonly #trie: Trie
  /** The accounts with code: few, and asked for with every transaction. */
  readonly #contracts: ReadonlySet<Address>
  /** The last one read: whoever asks for a nonce asks for the balance next. */
  #last: { readonly address: Address; readonly account: Account | undefined } | undefined

  private constructor(trie: Trie, contracts: ReadonlySet<Address>) {
    this.#trie = trie
    this.#contracts = contracts
  }

  static ofAlloc(alloc: GenesisAlloc): State {
    const accounts = [...alloc].map(([address, account]) => {
      return [address, genesisAccount(account)] as const
    })
    const entries = accounts.map(([address, account]): TrieEntry => [
      accountKey(address),
      encodeAccount(account),
    ])
    const contracts = accounts.filter(([, account]) => hasCode(account))
    return new State(Trie.from(entries), new Set(contracts.map(([address]) => address)))
  }

  /**
   * The state that {@link State.entries} and {@link State.contracts} of another told; see
   * {@link State.root}.
   */
  static ofEntries(entries: readonly TrieEntry[], contracts: Iterable<Address>): State {
    return new State(Trie.from(entries), new Set(contracts))
  }

  /** Every account as it stands in the trie, in the order of keys. */
  entries(): Generator<TrieEntry, void, undefined> {
    return this.#trie.entries()
  }

  /** The accounts with code. */
  get contracts(): ReadonlySet<Address> {
    return this.#contracts
  }

  /** `undefined` for an account that is not there. */
  account(address: Address): Account | undefined {
    if (this.#last?.address === address) return this.#last.account
    const encoded = this.#trie.get(accountKey(address))
    const account = encoded && decodeAccount(encoded)
    this.#last = { address, account }
    return account
  }

  nonce(address: Address): bigint {
    return this.account(address)?.nonce ?? 0n
  }

  balance(address: Address): bigint {
    return this.account(address)?.balance ?? 0n
  }

  hasCode(address: Address): boolean {
    return this.#contracts.has(address)
  }

  root(): Hash {
    return this.#trie.root()
  }

  /** The nodes of the trie that prove what is said of an account, the root first (EIP-1186). */
  prove(address: Address): Uint8Array[] {
    return this.#trie.prove(accountKey(address))
  }

  /** This state with other accounts in place of its own; `undefined` removes one. */
  with(changes: ReadonlyMap<Address, Account | undefined>): State {
    let trie = this.#trie
    for (const [address, account] of changes) {
      const key = accountKey(address)
      trie = account === undefined ? trie.delete(key) : trie.set(key, encodeAccount(account))
    }
    return new State(trie, withChanges(this.#contracts, changes))
  }

  /** Throws if the trie beneath is not in canonical form. Walks all of it. */
  assertInvariants(): void {
    this.#trie.assertInvariants()
  }
}

/**
 * A state that is being written: each account is read and hashed once a block, however often it
 * changes.
 */
export class StateDraft implements AccountView {
  readonly #base: State
  readonly #accounts = new Map<Address, Account | undefined>()
  readonly #changed = new Set<Address>()

  constructor(base: State) {
    this.#base = base
  }

  account(address: Address): Account | undefined {
    if (this.#accounts.has(address)) return this.#accounts.get(address)
    const account = this.#base.account(address)
    this.#accounts.set(address, account)
    return account
  }

  nonce(address: Address): bigint {
    return this.account(address)?.nonce ?? 0n
  }

  balance(address: Address): bigint {
    return this.account(address)?.balance ?? 0n
  }

  hasCode(address: Address): boolean {
    return hasCode(this.account(address))
  }

  set(address: Address, account: Account): void {
    this.#accounts.set(address, account)
    this.#changed.add(address)
  }

  /** EIP-161: what a transaction touched is not there afterwards if it is empty. */
  removeIfEmpty(address: Address): void {
    const account = this.account(address)
    if (account === undefined || !isEmptyAccount(account)) return
    this.#accounts.set(address, undefined)
    this.#changed.add(address)
  }

  /** The state with everything written so far. */
  commit(): State {
    const changes = new Map<Address, Account | undefined>()
    for (const address of this.#changed) changes.set(address, this.#accounts.get(address))
    return this.#base.with(changes)
  }
}

function hasCode(account: Account | undefined): boolean {
  return account !== undefined && account.codeHash !== EMPTY_CODE_HASH
}

/** The very same set where no change touches it, which is nearly always. */
function withChanges(
  contracts: ReadonlySet<Address>,
  changes: ReadonlyMap<Address, Account | undefined>,
): ReadonlySet<Address> {
  const moved = [...changes].filter(
    ([address, account]) => hasCode(account) !== contracts.has(address),
  )
  if (moved.length === 0) return contracts
  const changed = new Set(contracts)
  for (const [address, account] of moved) {
    if (hasCode(account)) changed.add(address)
    else changed.delete(address)
  }
  return changed
}

function accountKey(address: Address): Uint8Array {
  return keccak256(hexToBytes(address))
}

function encodeAccount(account: Account): Uint8Array {
  return encodeRlp([
    bigintToBytes(account.nonce),
    bigintToBytes(account.balance),
    hexToBytes(account.storageRoot),
    hexToBytes(account.codeHash),
  ])
}

function decodeAccount(encoded: Uint8Array): Account {
  const item = decodeRlp(encoded)
  assert(Array.isArray(item) && item.length === 4, 'an account in the state has four fields')
  const [nonce, balance, storageRoot, codeHash] = item
  assert(
    nonce instanceof Uint8Array &&
      balance instanceof Uint8Array &&
      storageRoot instanceof Uint8Array &&
      codeHash instanceof Uint8Array,
    'the fields of an account in the state are byte strings',
  )
  return {
    nonce: bytesToBigint(nonce),
    balance: bytesToBigint(balance),
    storageRoot: asHash(storageRoot),
    codeHash: asHash(codeHash),
  }
}

function genesisAccount(account: GenesisAccount): Account {
  return {
    nonce: account.nonce,
    balance: account.balance,
    storageRoot: storageTrie(account.storage).root(),
    codeHash: keccak256Hash(account.code),
  }
}

/**
 * Slots by keccak256 of their number, values in RLP without leading zeros; an empty slot has no
 * entry.
 */
export function storageTrie(storage: ReadonlyMap<Hash, Uint8Array>): Trie {
  const entries: TrieEntry[] = []
  for (const [slot, value] of storage) {
    const word = bytesToBigint(value)
    if (word !== 0n) entries.push([keccak256(hexToBytes(slot)), encodeRlp(bigintToBytes(word))])
  }
  return Trie.from(entries)
}
