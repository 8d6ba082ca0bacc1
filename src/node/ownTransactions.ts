/**
 * Own transactions from their submission on: judged, published, kept in the journal, given out
 * again.
 */
import type { Chain } from '../chain/chain.ts'
import type { Network } from '../gossip/network.ts'
import type { JudgedItem, Relay, Submission } from '../gossip/relay.ts'
import { topicNames } from '../gossip/topics/topicNames.ts'
import type { Clock } from '../lib/clock.ts'
import type { Unsubscribe } from '../lib/emitter.ts'
import type { Logger } from '../lib/log.ts'
import { nextTurn } from '../lib/turns.ts'
import type { Mempool } from '../mempool/mempool.ts'
import { OwnTxs } from '../mempool/ownTxs.ts'
import { decodeTx, isTxDefect } from '../tx/decodeTx.ts'
import type { Senders } from '../tx/senders.ts'
import type { Tx } from '../tx/tx.ts'
import type { OpenedJournal } from './openJournal.ts'
import { Rebroadcast } from './rebroadcast.ts'

/** What own transactions pass through. */
export interface OwnTransactionsParts {
  readonly chain: Chain
  readonly mempool: Mempool
  readonly senders: Senders
  readonly relay: Relay
  readonly network: Network
  readonly clock: Clock
  readonly log: Logger
  /** Kept in memory alone if left out. */
  readonly opened: OpenedJournal | undefined
  /** Publish again what no block has taken. */
  readonly rebroadcasts: boolean
}

/** Signatures that are recovered side by side when a journal is read. */
const RESTORE_BATCH = 256

/** Takes own transactions and cares for them until they are in a block. */
export class OwnTransactions {
  readonly txs: OwnTxs
  readonly #parts: OwnTransactionsParts
  readonly #rebroadcast: Rebroadcast
  #unsubscribe: Unsubscribe = () => {}
  #isStopped = false

  constructor(parts: OwnTransactionsParts) {
    this.#parts = parts
    this.txs = new OwnTxs({ mempool: parts.mempool, journal: parts.opened?.journal })
    this.#rebroadcast = new Rebroadcast({
      ...parts,
      ownTxs: this.txs,
      topic: topicNames(parts.chain.genesis.hash).tx,
      submit: (raw) => parts.relay.submit('tx', raw, 'own'),
    })
  }

  /**
   * Judges what a caller sent. What is accepted outlives this process when the answer comes, and is
   * published after it: sending it to all peers takes longer than everything before.
   */
  async submit(raw: Uint8Array): Promise<Pick<Submission, 'hash' | 'verdict'>> {
    const { publish, ...judged } = await this.#parts.relay.judgeOwn('tx', raw, 'rpc')
    await this.#parts.opened?.journal.written()
    if (publish !== undefined) void this.#publishNext(judged, publish)
    return judged
  }

  /** In the next turn of the event loop, so that the answer is on its way. Never rejects. */
  async #publishNext(
    judged: Pick<Submission, 'hash' | 'verdict'>,
    publish: NonNullable<JudgedItem['publish']>,
  ): Promise<void> {
    await nextTurn()
    if (this.#isStopped) return
    const published = await publish()
    if (published !== undefined) this.#rebroadcast.submitted({ ...judged, published })
  }

  /**
   * Takes back what the journal holds, by the same judge as ever, and follows the pool from now on.
   */
  async start(): Promise<void> {
    this.#unsubscribe = this.txs.start()
    const payloads = this.#parts.opened?.payloads ?? []
    for (let at = 0; at < payloads.length; at += RESTORE_BATCH)
      await this.#restore(payloads.slice(at, at + RESTORE_BATCH))
    if (payloads.length > 0) {
      await this.txs.rewriteJournal()
      this.#parts.log.info('own transactions were read from the journal', {
        read: payloads.length,
        kept: this.txs.count,
      })
    }
    if (this.#parts.rebroadcasts) this.#rebroadcast.start()
  }

  stop(): void {
    this.#isStopped = true
    this.#rebroadcast.stop()
    this.#unsubscribe()
  }

  async #restore(payloads: readonly Uint8Array[]): Promise<void> {
    const decoded = payloads.map((payload) => decodeTx(payload))
    const txs = decoded.filter((tx): tx is Tx => !isTxDefect(tx))
    const { senders, relay, chain } = this.#parts
    const recovered = await Promise.all(txs.map((tx) => senders.recover(tx, 'block')))
    for (const [index, tx] of txs.entries()) {
      const sender = recovered[index]
      if (sender === undefined || 'failure' in sender) continue
      if (chain.state.nonce(sender.address) > tx.nonce) continue
      this.txs.restore(tx, sender.address)
      const submission = await relay.submit('tx', tx.raw, 'journal')
      if (isRefusedForGood(submission)) this.txs.forget(tx.hash)
      else this.#rebroadcast.submitted(submission)
    }
  }
}

/** Any other refusal may change: with the balance, with the room in the pool, with the head. */
function isRefusedForGood({ verdict }: Submission): boolean {
  if (verdict.action === 'reject') return true
  return verdict.action === 'ignore' && verdict.reason === 'nonce-too-low'
}
