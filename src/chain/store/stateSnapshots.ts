/**
 * The accounts after some block, kept from time to time, so that a chain is restored from there and
 * not from its genesis.
 *
 * A snapshot is that of the tree's root, which no reorganisation undoes. It is written in parts, a
 * few at a time: the state it is taken of never changes, so there is no hurry. Its last part says
 * how many there are and makes it whole; a snapshot without it is one that was not finished. How
 * often one is due grows with its size, so that keeping them costs no more than a few accounts a
 * block. The last two are kept, lest one is damaged.
 */
import { asAddress, type Address } from '../../crypto/address.ts'
import { asHash, type Hash } from '../../crypto/keccak.ts'
import type { TrieEntry } from '../../block/trie.ts'
import { messageOf } from '../../lib/assert.ts'
import { bigintToBytes, bytesToBigint, EMPTY_BYTES, hexToBytes } from '../../lib/bytes.ts'
import type { Cancel, Clock } from '../../lib/clock.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../../lib/rlp.ts'
import type { Chain } from '../chain.ts'
import type { ChainRoot } from '../chainOptions.ts'
import type { Database, RecordWrite } from './database.ts'
import { storeLimits } from '../limits.ts'
import { State } from '../state.ts'
import {
  END_OF_SNAPSHOTS,
  FIRST_SNAPSHOT_KEY,
  numberOfKey,
  openRecord,
  sealRecord,
  SNAPSHOT_END,
  snapshotKey,
} from './storedRecords.ts'

/** A snapshot that is whole. */
export interface Snapshot {
  readonly number: bigint
  readonly hash: Hash
  /** `undefined` of a chain that executes nothing. */
  readonly state: State | undefined
}

/** Which states are written, and where. */
export interface SnapshotKeeperOptions {
  readonly chain: Chain
  readonly database: Database
  readonly clock: Clock
  /** Numbers of the whole snapshots that are there, the newest first. */
  readonly kept: readonly bigint[]
}

/** Writes a snapshot whenever one is due. */
export class SnapshotKeeper {
  readonly #options: SnapshotKeeperOptions
  #kept: readonly bigint[]
  #lastAccounts = 0
  #cancelPart: Cancel | undefined

  constructor(options: SnapshotKeeperOptions) {
    this.#options = options
    this.#kept = options.kept
  }

  /** Keeps snapshots until the answer is called. */
  start(): Cancel {
    const unsubscribe = this.#options.chain.heads.on(() => this.#look())
    this.#look()
    return () => {
      unsubscribe()
      this.#cancelPart?.()
    }
  }

  #look(): void {
    if (this.#cancelPart !== undefined) return
    const { chain } = this.#options
    const interval = Math.max(
      storeLimits.snapshotIntervalBlocks,
      this.#lastAccounts / storeLimits.snapshotAccountsPerBlock,
    )
    const due = (this.#kept[0] ?? 0n) + BigInt(Math.ceil(interval))
    if (chain.rootNumber >= due) this.#write(chain.root)
  }

  #write({ block, state }: ChainRoot): void {
    const { database, clock } = this.#options
    const { number } = block.header
    const parts = partsOf(state)
    let [count, accounts] = [0, 0]
    const next = (): void => {
      const part = parts.next()
      if (part.done === true) {
        database.write([
          sealed(snapshotKey(number, SNAPSHOT_END), endItem(block.hash, count, state)),
        ])
        this.#done(number, accounts)
        return
      }
      accounts += part.value.length
      database.write([sealed(snapshotKey(number, count++), part.value)])
      this.#cancelPart = clock.after(storeLimits.snapshotPartPauseMs, next)
    }
    this.#cancelPart = clock.after(storeLimits.snapshotPartPauseMs, next)
  }

  #done(number: bigint, accounts: number): void {
    const { database } = this.#options
    this.#cancelPart = undefined
    this.#lastAccounts = accounts
    this.#kept = [number, ...this.#kept]
    const old = this.#kept[storeLimits.keptSnapshots]
    this.#kept = this.#kept.slice(0, storeLimits.keptSnapshots)
    if (old === undefined) return
    forgetSnapshot(database, old).catch((error: unknown) => database.noteDamage(messageOf(error)))
  }
}

/**
 * The numbers of the snapshots that are whole, the newest first; what is left of others is deleted.
 */
export async function listSnapshots(database: Database): Promise<bigint[]> {
  const whole = new Set<bigint>()
  const all = new Set<bigint>()
  for await (const [key] of database.range(FIRST_SNAPSHOT_KEY, END_OF_SNAPSHOTS)) {
    const number = numberOfKey(key)
    all.add(number)
    if (partOfKey(key) === SNAPSHOT_END) whole.add(number)
  }
  for (const number of all) if (!whole.has(number)) await forgetSnapshot(database, number)
  return [...whole].reverse()
}

/**
 * Reads a snapshot; `undefined` where any part of it is damaged. Whether its root is right is for
 * the caller.
 */
export async function readSnapshot(
  database: Database,
  number: bigint,
): Promise<Snapshot | undefined> {
  const parts: RlpItem[] = []
  for await (const [key, record] of snapshotRecords(database, number)) {
    const payload = openRecord(key, record)
    const item = payload && decodeRlp(payload)
    if (item === undefined || typeof item === 'string') return undefined
    parts.push(item)
  }
  const [hash, count, contracts] = listOf(parts.pop())
  if (!isBytes(hash) || !isBytes(count) || contracts === undefined) return undefined
  if (bytesToBigint(count) !== BigInt(parts.length)) return undefined
  const state = isBytes(contracts) ? undefined : stateOf(parts, contracts)
  return { number, hash: asHash(hash), state }
}

function stateOf(parts: readonly RlpItem[], contracts: readonly RlpItem[]): State {
  return State.ofEntries(parts.flatMap(entriesOf), contracts.filter(isBytes).map(asAddress))
}

async function forgetSnapshot(database: Database, number: bigint): Promise<void> {
  const removals: RecordWrite[] = []
  for await (const [key] of snapshotRecords(database, number)) removals.push([key, undefined])
  database.write(removals)
}

function snapshotRecords(database: Database, number: bigint): ReturnType<Database['range']> {
  return database.range(snapshotKey(number, 0), snapshotKey(number + 1n, 0))
}

function partOfKey(key: Uint8Array): number {
  return Number(bytesToBigint(key.subarray(9)))
}

function* partsOf(state: State | undefined): Generator<RlpItem[], void, undefined> {
  let part: RlpItem[] = []
  for (const entry of state?.entries() ?? []) {
    part.push(entry)
    if (part.length < storeLimits.snapshotPartAccounts) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}

/** A chain that executes nothing has a byte string in place of its list of contracts. */
function endItem(hash: Hash, parts: number, state: State | undefined): RlpItem {
  const contracts = state === undefined ? Uint8Array.of(0) : addresses(state.contracts)
  return [hexToBytes(hash), bigintToBytes(BigInt(parts)), contracts]
}

function addresses(contracts: ReadonlySet<Address>): RlpItem {
  return [...contracts].map(hexToBytes)
}

function sealed(key: Uint8Array, item: RlpItem): RecordWrite {
  return [key, sealRecord(key, encodeRlp(item))]
}

function entriesOf(part: RlpItem): TrieEntry[] {
  return listOf(part).map((entry) => {
    const [key, value] = listOf(entry)
    return [isBytes(key) ? key : EMPTY_BYTES, isBytes(value) ? value : EMPTY_BYTES]
  })
}

function listOf(item: RlpItem | undefined): readonly RlpItem[] {
  return item === undefined || item instanceof Uint8Array ? [] : item
}

function isBytes(item: RlpItem | undefined): item is Uint8Array {
  return item instanceof Uint8Array
}
