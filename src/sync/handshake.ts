/** Runs the status exchange with every connected peer, on connecting and again and again. */
import type { Chain } from '../chain/chain.ts'
import type { Network, PeerId } from '../gossip/network.ts'
import { messageOf } from '../lib/assert.ts'
import type { Clock } from '../lib/clock.ts'
import { Emitter } from '../lib/emitter.ts'
import type { Logger } from '../lib/log.ts'
import { STATUS_INTERVAL_MS } from './limits.ts'
import { PeerBook } from './peerBook.ts'
import { onlyFrame, ProtocolViolation, type Requests } from './protocol.ts'
import {
  clockSample,
  decodeStatus,
  encodeStatus,
  incompatibility,
  STATUS_VERSION,
  type Status,
  type StatusMessage,
} from './status.ts'

export interface HandshakeParts {
  readonly network: Network
  readonly requests: Requests
  readonly chain: Chain
  readonly clock: Clock
  readonly log: Logger
  readonly clientVersion: string
}

export class Handshake {
  readonly book = new PeerBook()
  /** A peer's status has come in: the first or a newer one. */
  readonly heard = new Emitter<PeerId>()
  readonly #parts: HandshakeParts
  readonly #ends: (() => void)[] = []

  constructor(parts: HandshakeParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    const { network, requests, clock } = this.#parts
    await requests.handle('status', (from, request) => this.#answer(from, request))
    this.#ends.push(
      network.onPeer((event) => {
        if (event.kind === 'connected') void this.#ask(event.peer.id)
        else this.book.forget(event.peer)
      }),
      clock.every(STATUS_INTERVAL_MS, () => this.#askAll()),
    )
    this.#askAll()
  }

  stop(): void {
    for (const end of this.#ends.splice(0)) end()
  }

  #askAll(): void {
    for (const { id } of this.#parts.network.peers()) void this.#ask(id)
  }

  /**
   * Never throws. A peer that has no status in common loses its connection, with the reason in the log; one that had
   * and is only late this time keeps it, for it may be paused or busy.
   */
  async #ask(peer: PeerId): Promise<void> {
    const { network, requests, log } = this.#parts
    try {
      const askedUs = this.#nowUs()
      const frame = await onlyFrame(
        requests.send(peer, 'status', encodeStatus(this.#ours(0, askedUs))),
      )
      const heardUs = this.#nowUs()
      const theirs = decodeStatus(frame)
      const reason = incompatibility(this.#status(), theirs)
      if (reason !== undefined) throw new ProtocolViolation(reason)
      this.#record(peer, theirs, askedUs, heardUs)
    } catch (error) {
      const isLate = this.book.get(peer) !== undefined && !(error instanceof ProtocolViolation)
      if (isLate || !this.#isConnected(peer)) return
      log.info('dropping a peer: no status in common', { peer, reason: messageOf(error) })
      await network.disconnect(peer, messageOf(error))
    }
  }

  #record(peer: PeerId, theirs: StatusMessage, askedUs: number, heardUs: number): void {
    if (!this.#isConnected(peer)) return
    this.book.record(peer, theirs, clockSample(askedUs, theirs.receivedUs, theirs.sentUs, heardUs))
    this.heard.emit(peer)
  }

  #isConnected(peer: PeerId): boolean {
    return this.#parts.network.peers().some(({ id }) => id === peer)
  }

  async *#answer(from: PeerId, request: Uint8Array): AsyncIterable<Uint8Array> {
    const receivedUs = this.#nowUs()
    const reason = incompatibility(this.#status(), decodeStatus(request))
    yield encodeStatus(this.#ours(receivedUs, this.#nowUs()))
    if (reason === undefined) return
    this.#parts.log.info('dropping a peer: no status in common', { peer: from, reason })
    await this.#parts.network.disconnect(from, reason)
  }

  #ours(receivedUs: number, sentUs: number): StatusMessage {
    return { ...this.#status(), receivedUs, sentUs }
  }

  #status(): Status {
    const { chain, clientVersion } = this.#parts
    const { head } = chain
    return {
      version: STATUS_VERSION,
      genesis: chain.genesis.hash,
      head: head.hash,
      headNumber: head.header.number,
      totalDifficulty: chain.totalDifficulty(head.hash) ?? 0n,
      client: clientVersion,
    }
  }

  #nowUs(): number {
    return Math.round(this.#parts.clock.monotonicMs() * 1000)
  }
}
