/**
 * The transactions that came in over this node's own RPC, until a block has them for good.
 *
 * The pool gives them no privilege, so they are kept beside it: in memory, and in the journal if
 * there is one. One is forgotten when a block well below the head has it, when its nonce is used by
 * another, when it was replaced, and when it has expired; not when it had to leave the pool for
 * others, since there may be room again.
 */
import type { Address } from '../crypto/address.ts'
import type { Hash } from '../crypto/keccak.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import type { Unsubscribe } from '../lib/emitter.ts'
import type { Tx } from '../tx/tx.ts'
import type { PooledTx } from './entry.ts'
import type { PoolEvent, PoolEventKind } from './events.ts'
import type { OwnJournal } from './journal.ts'
import type { Mempool } from './mempool.ts'
import { OWN_TX_LIMITS } from './ownTxLimits.ts'

/** A transaction that was submitted to this node. */
export interface OwnTx {
  readonly tx: Tx
  readonly sender: Address
  /** When it last reached a peer, on the monotonic clock; `undefined` if it never did. */
  publishedMs: number | undefined
  /** When it was last given to the pool again. */
  resubmittedMs: number
  /** The number of the block that has it. */
  includedIn: bigint | undefined
}

/** What own transactions are kept with. */
export interface OwnTxsOptions {
  readonly mempool: Pick<Mempool, 'events'>
  readonly journal?: OwnJournal | undefined
}

const MAX_OWN_TXS = OWN_TX_LIMITS.maxOwnTxs.value
const DEPTH_TO_FORGET = BigInt(OWN_TX_LIMITS.depthToForget.value)
const JOURNAL_SLACK_BYTES = OWN_TX_LIMITS.journalSlackBytes.value

/** What is told of a transaction when the pool takes it. */
const ENTRIES: ReadonlySet<PoolEventKind> = new Set(['pending', 'queued', 'parked'])

/** The transactions that were submitted to this node and are not final. */
export class OwnTxs {
  readonly #options: OwnTxsOptions
  /** The oldest leaves for one too many: nothing here counts as a use. */
  readonly #txs = new BoundedMap<Hash, OwnTx>(MAX_OWN_TXS)
  readonly #unpublished = new Set<Hash>()
  #bytes = 0

  constructor(options: OwnTxsOptions) {
    this.#options = options
  }

  get count(): number {
    return this.#txs.size
  }

  get unpublishedCount(): number {
    return this.#unpublished.size
  }

  /** Follows the pool until the answer is called. */
  start(): Unsubscribe {
    return this.#options.mempool.events.on((event) => this.#onEvent(event))
  }

  get(hash: Hash): OwnTx | undefined {
    return this.#txs.peek(hash)
  }

  /** In the order in which they came; those of one sender in the order of their nonces. */
  all(): OwnTx[] {
    return inNonceOrder([...this.#txs.values()])
  }

  /** Those that never reached a peer, in the same order. */
  unpublished(): OwnTx[] {
    return inNonceOrder([...this.#unpublished].flatMap((hash) => this.#txs.peek(hash) ?? []))
  }

  /** Takes one back that the journal had. It is not written again. */
  restore(tx: Tx, sender: Address): void {
    if (!this.#txs.has(tx.hash)) this.#remember(tx, sender)
  }

  /** It has reached a peer, or the router says that it did before. */
  published(hash: Hash, atMs: number): void {
    const own = this.#txs.peek(hash)
    if (own === undefined) return
    own.publishedMs = atMs
    this.#unpublished.delete(hash)
  }

  forget(hash: Hash): void {
    const own = this.#txs.peek(hash)
    if (own === undefined) return
    this.#txs.delete(hash)
    this.#forgotten(own)
  }

  /** Forgets what is safe below the head, and lets go of what the journal need not keep. */
  async tidy(headNumber: bigint): Promise<void> {
    for (const { tx, includedIn } of this.#txs.values())
      if (includedIn !== undefined && includedIn + DEPTH_TO_FORGET <= headNumber)
        this.forget(tx.hash)
    const { journal } = this.#options
    if (journal === undefined) return
    const { isWritable, bytes } = journal.status
    if (!isWritable || bytes > 2 * this.#bytes + JOURNAL_SLACK_BYTES) await this.rewriteJournal()
  }

  async rewriteJournal(): Promise<void> {
    await this.#options.journal?.rewrite(() => [...this.#txs.values()].map(({ tx }) => tx.raw))
  }

  #onEvent(event: PoolEvent): void {
    const { tx } = event.pooled
    const own = this.#txs.peek(tx.hash)
    if (own === undefined) {
      if (event.pooled.origin === 'local' && ENTRIES.has(event.kind)) this.#take(event.pooled)
    } else if (event.kind === 'included') own.includedIn = event.block.number
    else if (event.kind === 'returned') own.includedIn = undefined
    else if (isOver(event)) this.forget(tx.hash)
  }

  #take({ tx, sender }: PooledTx): void {
    this.#remember(tx, sender)
    this.#options.journal?.append(tx.raw)
  }

  #remember(tx: Tx, sender: Address): void {
    const oldest = this.#txs.set(tx.hash, {
      tx,
      sender,
      publishedMs: undefined,
      resubmittedMs: Number.NEGATIVE_INFINITY,
      includedIn: undefined,
    })
    this.#unpublished.add(tx.hash)
    this.#bytes += tx.raw.length
    if (oldest !== undefined) this.#forgotten(oldest[1])
  }

  #forgotten({ tx }: OwnTx): void {
    this.#unpublished.delete(tx.hash)
    this.#bytes -= tx.raw.length
  }
}

function isOver(event: PoolEvent): boolean {
  if (event.kind === 'dropped') return event.reason === 'nonce-too-low'
  return event.kind === 'replaced' || event.kind === 'expired'
}

/** Senders in the order of their first; a stable sort keeps it. */
function inNonceOrder(txs: readonly OwnTx[]): OwnTx[] {
  const bySender = new Map<Address, OwnTx[]>()
  for (const own of txs) {
    const others = bySender.get(own.sender)
    if (others === undefined) bySender.set(own.sender, [own])
    else others.push(own)
  }
  return [...bySender.values()].flatMap((run) =>
    run.sort((a, b) => (a.tx.nonce < b.tx.nonce ? -1 : 1)),
  )
}
