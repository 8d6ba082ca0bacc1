/**
 * The status exchange with every connected peer: on connecting, some more times soon after for the
 * clock, then again and again. At most one is under way with a peer.
 *
 * A peer that shows that it is of another network is told so and loses its connection; one that
 * breaks the protocol loses it at once; one that gives no status for a while loses it too, since it
 * may just be starting. One that had given its status before and is late now keeps it, for it may
 * be paused or busy.
 */
import type { Chain } from '../../chain/chain.ts'
import { forkIdAt } from '../../chain/genesis/forkId.ts'
import { genesisRules } from '../../chain/genesis/genesisRules.ts'
import type { Network, PeerId } from '../../gossip/network.ts'
import { messageOf } from '../../lib/assert.ts'
import type { Cancel, Clock } from '../../lib/clock.ts'
import { Emitter } from '../../lib/emitter.ts'
import type { Logger } from '../../lib/log.ts'
import type { Source } from '../../trace/trace.ts'
import {
  EARLY_STATUS_COUNT,
  EARLY_STATUS_INTERVAL_MS,
  FAREWELL_MS,
  HANDSHAKE_PATIENCE_MS,
  STATUS_INTERVAL_MS,
  STATUS_INTERVAL_PER_PEER_MS,
} from '../limits.ts'
import { decodeGoodbye, goodbyeName, type Goodbye, type GoodbyeReason } from '../goodbyeMessage.ts'
import { PeerBook, type TimedClockSample } from './peerBook.ts'
import { isProtocolBreach, onlyFrame, ProtocolViolation, type Requests } from '../protocol.ts'
import {
  clockSample,
  decodeStatus,
  encodeStatusAt,
  incompatibility,
  STATUS_VERSION,
  type Status,
  type StatusMessage,
} from './status.ts'

/** What statuses are exchanged with. */
export interface HandshakeParts {
  readonly network: Pick<Network, 'peers' | 'onPeer'>
  readonly requests: Requests
  readonly chain: Pick<Chain, 'genesis' | 'head' | 'totalDifficulty' | 'checkpointInterval'>
  readonly clock: Clock
  readonly log: Logger
  readonly clientVersion: string
}

/** How long from one status of a peer to its next for a node of so many peers, ms. */
export function statusIntervalMs(peers: number): number {
  return Math.max(STATUS_INTERVAL_MS, STATUS_INTERVAL_PER_PEER_MS * peers)
}

/** One connection to a peer, from its beginning to its end. */
interface Session {
  readonly peer: PeerId
  readonly sinceMs: number
  answers: number
  /** Why the last exchange failed, if it did. */
  failure: string
  isAsking: boolean
  /** It is being disconnected, for a reason that was logged. */
  isRefused: boolean
  /** It has told why it disconnects this node; it may say so once. */
  hasSaidGoodbye: boolean
  cancelNext: Cancel
}

/** The peer is honest and of another network. */
class Incompatible extends Error {
  override readonly name = 'Incompatible'
  /** Whether the peer has said so itself, so that it need not be told. */
  readonly isKnownToPeer: boolean

  constructor(message: string, isKnownToPeer: boolean) {
    super(message)
    this.isKnownToPeer = isKnownToPeer
  }
}

/** Exchanges the status with every connected peer, again and again. */
export class Handshake {
  readonly book = new PeerBook()
  /** A peer's status has come in: the first or a newer one. */
  readonly heard = new Emitter<PeerId>()
  /** A peer turned out to be of another network, by its judgement or ours. */
  readonly foreign = new Emitter<PeerId>()
  readonly #parts: HandshakeParts
  readonly #sessions = new Map<Source, Session>()
  #unsubscribe: Cancel = () => {}
  #told: Status | undefined

  constructor(parts: HandshakeParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    const { network, requests } = this.#parts
    await requests.handle('status', (from, request) => this.#answer(from, request))
    await requests.handle('goodbye', (from, request) => this.#onGoodbye(from, request))
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
      isRefused: false,
      hasSaidGoodbye: false,
      cancelNext: () => {},
    }
    this.#sessions.set(peer, session)
    void this.#ask(session)
  }

  #end(peer: PeerId): void {
    const session = this.#sessions.get(peer)
    session?.cancelNext()
    this.#sessions.delete(peer)
    this.book.forget(peer)
    if (session === undefined || session.answers > 0 || session.isRefused) return
    const message = session.failure === '' ? 'it closed the connection' : session.failure
    this.#parts.log.info('a peer left without a status in common', { peer, reason: message })
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
    const request = this.#encode({ receivedUs: 0, sentUs: askedUs })
    let heardUs = askedUs
    const frame = await onlyFrame(this.#parts.requests.send(peer, 'status', request), () => {
      heardUs = this.#nowUs()
    })
    const theirs = decodeStatus(frame)
    const objection = this.#objectionTo(theirs)
    if (objection !== undefined) throw new Incompatible(objection, theirs.refusal !== '')
    const { receivedUs, sentUs } = theirs
    const { roundTripMs, offsetMs } = clockSample({ askedUs, receivedUs, sentUs, heardUs })
    return [theirs, { roundTripMs, offsetMs, atMs: heardUs / 1000 }]
  }

  #onFailure(session: Session, error: unknown): void {
    const { log, clock } = this.#parts
    const { peer, answers, sinceMs } = session
    const message = messageOf(error)
    session.failure = message
    const isPatient = answers > 0 || clock.monotonicMs() - sinceMs < HANDSHAKE_PATIENCE_MS
    if (error instanceof Incompatible) {
      this.foreign.emit(peer)
      void this.#refuse(peer, message, 'other-network', !error.isKnownToPeer)
    } else if (isProtocolBreach(error)) void this.#refuse(peer, message, 'fault')
    else if (isPatient) log.debug('a peer sent no status', { peer, reason: message })
    else
      void this.#refuse(
        peer,
        `no status within ${HANDSHAKE_PATIENCE_MS} ms: ${message}`,
        'no-status',
      )
  }

  /**
   * Disconnects the peer, once its status exchange told it why where that is asked for. Never
   * rejects.
   */
  async #refuse(
    peer: PeerId,
    message: string,
    goodbye: GoodbyeReason,
    tells = false,
  ): Promise<void> {
    if (!this.#isFirstRefusal(peer, message)) return
    if (tells) await this.#tell(peer, message)
    this.#parts.requests.drop(peer, message, goodbye)
  }

  /** Ends the session and logs why; false where that is done already, or there is none. */
  #isFirstRefusal(peer: PeerId, message: string): boolean {
    const session = this.#sessions.get(peer)
    if (session === undefined || session.isRefused) return false
    session.isRefused = true
    session.cancelNext()
    this.book.forget(peer)
    this.#parts.log.warn('dropping a peer: no status in common', { peer, reason: message })
    return true
  }

  /** Resolves when the peer has answered, or has had the time to. */
  async #tell(peer: PeerId, refusal: string): Promise<void> {
    const { requests, clock } = this.#parts
    const request = this.#encode({ receivedUs: 0, sentUs: this.#nowUs(), refusal })
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const cancel = clock.after(FAREWELL_MS, resolve)
    const told = onlyFrame(requests.send(peer, 'status', request)).then(
      () => {},
      () => {},
    )
    await Promise.race([told, late])
    cancel()
  }

  #planNext(session: Session): void {
    const isEarly = session.answers < EARLY_STATUS_COUNT
    const delayMs = isEarly ? EARLY_STATUS_INTERVAL_MS : statusIntervalMs(this.#sessions.size)
    session.cancelNext = this.#parts.clock.after(delayMs, () => void this.#ask(session))
  }

  /**
   * The peer went, came anew, was dropped, or we stopped: what comes in now belongs to no session.
   */
  #isOver(session: Session): boolean {
    return session.isRefused || this.#sessions.get(session.peer) !== session
  }

  /**
   * The answer goes out to its end even to a peer of another network, so that its log can tell the
   * reason too.
   */
  async *#answer(from: PeerId, request: Uint8Array): AsyncIterable<Uint8Array> {
    const receivedUs = this.#nowUs()
    const objection = this.#objectionTo(decodeStatus(request))
    const isRefused = objection !== undefined && this.#isFirstRefusal(from, objection)
    if (isRefused) this.foreign.emit(from)
    try {
      yield this.#encode({ receivedUs, sentUs: this.#nowUs(), refusal: objection ?? '' })
    } finally {
      const { clock, requests } = this.#parts
      if (isRefused) clock.after(0, () => requests.drop(from, objection, 'other-network'))
    }
  }

  /** The answer to a goodbye has no frame. */
  async *#onGoodbye(from: PeerId, request: Uint8Array): AsyncIterable<Uint8Array> {
    const goodbye = decodeGoodbye(request)
    if (goodbye === undefined) throw new ProtocolViolation('not a goodbye')
    this.#note(from, goodbye)
    yield* []
  }

  /**
   * A peer says why it disconnects us: the log has it, and so has the line about a peer that left
   * without a status.
   */
  #note(from: PeerId, { code, text }: Goodbye): void {
    const session = this.#sessions.get(from)
    if (session === undefined || session.isRefused || session.hasSaidGoodbye) return
    session.hasSaidGoodbye = true
    const goodbye = goodbyeName(code)
    session.failure = `it said goodbye (${goodbye}): ${text}`
    this.#parts.log.info('a peer disconnects this node', { peer: from, goodbye, reason: text })
  }

  /** Why we cannot work with this peer, by our own judgement or by its. */
  #objectionTo(theirs: StatusMessage): string | undefined {
    const { chain } = this.#parts
    const { genesis, checkpointInterval } = chain
    const own = { genesis, checkpointInterval, head: chain.head.header }
    const objection = incompatibility(own, theirs)
    return (
      objection ?? (theirs.refusal === '' ? undefined : `the peer refuses us: ${theirs.refusal}`)
    )
  }

  #encode(times: Pick<StatusMessage, 'receivedUs' | 'sentUs'> & { refusal?: string }): Uint8Array {
    return encodeStatusAt(this.#status(), { refusal: '', ...times })
  }

  /** The same object until the head changes, so that it is encoded once. */
  #status(): Status {
    const { hash } = this.#parts.chain.head
    if (this.#told?.head !== hash) this.#told = this.#makeStatus()
    return this.#told
  }

  #makeStatus(): Status {
    const { chain, clientVersion } = this.#parts
    const { head, genesis } = chain
    return {
      version: STATUS_VERSION,
      genesis: genesis.hash,
      chainId: genesis.config.chainId,
      genesisRules: genesisRules(genesis, chain.checkpointInterval),
      forkId: forkIdAt(genesis, head.header),
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
