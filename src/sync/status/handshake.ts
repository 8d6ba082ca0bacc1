/**
 * The status exchange with every connected peer: on connecting, some more times soon after for the clock, then again
 * and again. At most one is under way with a peer.
 *
 * A peer that shows that it is of another network, or breaks the protocol, loses its connection at once; one that gives
 * no status for a while loses it too, since it may just be starting. One that had given its status before and is late
 * now keeps it, for it may be paused or busy.
 */
import type { Chain } from '../../chain/chain.ts'
import type { Network, PeerId } from '../../gossip/network.ts'
import { messageOf } from '../../lib/assert.ts'
import type { Cancel, Clock } from '../../lib/clock.ts'
import { Emitter } from '../../lib/emitter.ts'
import type { Logger } from '../../lib/log.ts'
import type { Source } from '../../trace/trace.ts'
import {
  EARLY_STATUS_COUNT,
  EARLY_STATUS_INTERVAL_MS,
  HANDSHAKE_PATIENCE_MS,
  STATUS_INTERVAL_MS,
  STATUS_INTERVAL_PER_PEER_MS,
} from '../limits.ts'
import { PeerBook, type TimedClockSample } from './peerBook.ts'
import { isLie, onlyFrame, ProtocolViolation, type Requests } from '../protocol.ts'
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
  readonly network: Pick<Network, 'peers' | 'onPeer'>
  readonly requests: Requests
  readonly chain: Pick<Chain, 'genesis' | 'head' | 'totalDifficulty'>
  readonly clock: Clock
  readonly log: Logger
  readonly clientVersion: string
}

/** One connection to a peer, from its beginning to its end. */
interface Session {
  readonly peer: PeerId
  readonly sinceMs: number
  answers: number
  /** Why the last exchange failed, if it did. */
  failure: string
  isAsking: boolean
  cancelNext: Cancel
}

export class Handshake {
  readonly book = new PeerBook()
  /** A peer's status has come in: the first or a newer one. */
  readonly heard = new Emitter<PeerId>()
  readonly #parts: HandshakeParts
  readonly #sessions = new Map<Source, Session>()
  #unsubscribe: Cancel = () => {}

  constructor(parts: HandshakeParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    const { network, requests } = this.#parts
    await requests.handle('status', (from, request) => this.#answer(from, request))
    this.#unsubscribe = network.onPeer((event) => {
      if (event.kind === 'connected') this.#begin(event.peer.id)
      else this.#end(event.peer)
    })
    for (const { id } of network.peers()) this.#begin(id)
  }

  stop(): void {
    this.#unsubscribe()
    for (const session of this.#sessions.values()) session.cancelNext()
    this.#sessions.clear()
  }

  /** Asks the peer now instead of when its turn comes. */
  refresh(peer: Source): void {
    const session = this.#sessions.get(peer)
    if (session !== undefined) void this.#ask(session)
  }

  #begin(peer: PeerId): void {
    if (this.#sessions.has(peer)) return
    const sinceMs = this.#parts.clock.monotonicMs()
    const session = {
      peer,
      sinceMs,
      answers: 0,
      failure: '',
      isAsking: false,
      cancelNext: () => {},
    }
    this.#sessions.set(peer, session)
    void this.#ask(session)
  }

  #end(peer: PeerId): void {
    const session = this.#forget(peer)
    if (session?.answers !== 0) return
    const reason = session.failure === '' ? 'it closed the connection' : session.failure
    this.#parts.log.info('a peer left without a status in common', { peer, reason })
  }

  #forget(peer: PeerId): Session | undefined {
    const session = this.#sessions.get(peer)
    session?.cancelNext()
    this.#sessions.delete(peer)
    this.book.forget(peer)
    return session
  }

  /** One exchange, and the plan for the next. Never rejects. */
  async #ask(session: Session): Promise<void> {
    if (session.isAsking) return
    session.cancelNext()
    session.isAsking = true
    try {
      const [status, sample] = await this.#exchange(session.peer)
      if (this.#isOver(session)) return
      session.answers++
      this.book.record(session.peer, status, sample)
      this.heard.emit(session.peer)
    } catch (error) {
      if (!this.#isOver(session)) this.#onFailure(session, error)
    } finally {
      session.isAsking = false
    }
    if (!this.#isOver(session)) this.#planNext(session)
  }

  async #exchange(peer: PeerId): Promise<[Status, TimedClockSample]> {
    const askedUs = this.#nowUs()
    const request = encodeStatus({ ...this.#status(), receivedUs: 0, sentUs: askedUs })
    let heardUs = askedUs
    const frame = await onlyFrame(this.#parts.requests.send(peer, 'status', request), () => {
      heardUs = this.#nowUs()
    })
    const theirs = decodeStatus(frame)
    const incompatible = incompatibility(this.#status(), theirs)
    if (incompatible !== undefined) throw new ProtocolViolation(incompatible)
    const sample = clockSample({ ...theirs, askedUs, heardUs })
    return [theirs, { ...sample, atMs: heardUs / 1000 }]
  }

  #onFailure(session: Session, error: unknown): void {
    const { log, clock } = this.#parts
    const { peer, answers, sinceMs } = session
    const reason = messageOf(error)
    session.failure = reason
    const isPatient = answers > 0 || clock.monotonicMs() - sinceMs < HANDSHAKE_PATIENCE_MS
    if (isPatient && !isLie(error)) log.debug('a peer gave no status', { peer, reason })
    else this.#refuse(peer, reason)
  }

  #refuse(peer: PeerId, reason: string): void {
    this.#forget(peer)
    this.#parts.log.warn('dropping a peer: no status in common', { peer, reason })
    this.#parts.requests.drop(peer, reason)
  }

  #planNext(session: Session): void {
    const isEarly = session.answers < EARLY_STATUS_COUNT
    const sharedMs = STATUS_INTERVAL_PER_PEER_MS * this.#sessions.size
    const laterMs = Math.max(STATUS_INTERVAL_MS, sharedMs)
    const delayMs = isEarly ? EARLY_STATUS_INTERVAL_MS : laterMs
    session.cancelNext = this.#parts.clock.after(delayMs, () => void this.#ask(session))
  }

  /** The peer went, came anew, was dropped, or we stopped: what comes in now belongs to no session. */
  #isOver(session: Session): boolean {
    return this.#sessions.get(session.peer) !== session
  }

  /** The answer goes out to its end even to a peer of another network, so that its log can tell the reason too. */
  async *#answer(from: PeerId, request: Uint8Array): AsyncIterable<Uint8Array> {
    const receivedUs = this.#nowUs()
    const theirs = decodeStatus(request)
    yield encodeStatus(this.#ours(receivedUs))
    const incompatible = incompatibility(this.#status(), theirs)
    if (incompatible !== undefined)
      this.#parts.clock.after(0, () => this.#refuse(from, incompatible))
  }

  #ours(receivedUs: number): StatusMessage {
    return { ...this.#status(), receivedUs, sentUs: this.#nowUs() }
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
