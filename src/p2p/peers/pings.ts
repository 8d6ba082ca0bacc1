/**
 * Whether the other ends of connections are there, and how far away. A ping is one frame of the
 * muxer each way: it opens no stream, which for a node at rest cost a hundred times as much. Each
 * connection is pinged when it opens, and again whenever nothing has been answered on it for a
 * while. One whose ping stays unanswered is closed.
 *
 * A ping is never given up before its connection: the muxer takes an answer that it does not wait
 * for as a breach of the protocol, and a peer that was paused answers late.
 */
import type { Connection, Libp2p } from '@libp2p/interface'
import { assert } from '../../lib/assert.ts'
import type { Cancel, Clock } from '../../lib/clock.ts'

/** What connections are pinged with. */
export interface PingsParts {
  readonly libp2p: Pick<Libp2p, 'getConnections' | 'addEventListener'>
  readonly clock: Clock
  /** A connection without an answer for so long is pinged. */
  readonly intervalMs: number
  /** One whose ping is not answered within this is closed. */
  readonly timeoutMs: number
}

interface Ping {
  readonly answer: Promise<boolean>
  end(isAnswered: boolean): void
}

/** Pings connections, and remembers their round trips. */
export class Pings {
  readonly #parts: PingsParts
  /** Those without an answer so far. */
  readonly #open = new Map<Connection, Ping>()
  readonly #answeredMs = new WeakMap<Connection, number>()
  readonly #roundTripMs = new Map<string, number>()
  readonly #stopRounds: Cancel

  constructor(parts: PingsParts) {
    const { libp2p, clock, intervalMs } = parts
    this.#parts = parts
    libp2p.addEventListener('connection:open', ({ detail }) => void this.#ping(detail))
    libp2p.addEventListener('connection:close', ({ detail }) => this.#open.get(detail)?.end(false))
    libp2p.addEventListener('peer:disconnect', ({ detail }) =>
      this.#roundTripMs.delete(detail.toString()),
    )
    this.#stopRounds = clock.every(intervalMs, () => this.#round())
  }

  /** The last round trip to a connected peer, ms; `undefined` while none has been measured. */
  roundTripMs(peer: string): number | undefined {
    return this.#roundTripMs.get(peer)
  }

  /**
   * True when the peer answers, false where it is not connected or its connection ends before.
   * Never rejects.
   */
  async ping(peer: string): Promise<boolean> {
    const connection = this.#connections().find(({ remotePeer }) => remotePeer.toString() === peer)
    return connection !== undefined && this.#ping(connection)
  }

  stop(): void {
    this.#stopRounds()
    for (const ping of this.#open.values()) ping.end(false)
  }

  #connections(): readonly Connection[] {
    return this.#parts.libp2p.getConnections().filter(({ status }) => status === 'open')
  }

  #round(): void {
    const { clock, intervalMs } = this.#parts
    const sinceMs = clock.monotonicMs() - intervalMs
    for (const connection of this.#connections())
      if ((this.#answeredMs.get(connection) ?? -Infinity) <= sinceMs) void this.#ping(connection)
  }

  /** One at a time for each connection: who asks meanwhile gets the same answer. */
  #ping(connection: Connection): Promise<boolean> {
    const before = this.#open.get(connection)
    if (before !== undefined) return before.answer
    const { clock, timeoutMs } = this.#parts
    const { promise: answer, resolve } = Promise.withResolvers<boolean>()
    const sentMs = clock.monotonicMs()
    const cancel = clock.after(timeoutMs, () => connection.abort(new Error('no answer to a ping')))
    const end = (isAnswered: boolean): void => {
      cancel()
      this.#open.delete(connection)
      if (isAnswered) this.#answered(connection, sentMs)
      resolve(isAnswered)
    }
    this.#open.set(connection, { answer, end })
    muxerOf(connection)
      .ping()
      .then(
        () => end(true),
        () => end(false),
      )
    return answer
  }

  #answered(connection: Connection, sentMs: number): void {
    const nowMs = this.#parts.clock.monotonicMs()
    this.#answeredMs.set(connection, nowMs)
    if (connection.status === 'open')
      this.#roundTripMs.set(connection.remotePeer.toString(), nowMs - sentMs)
  }
}

interface PingingMuxer {
  ping(): Promise<unknown>
}

/** libp2p's interface of a connection does not show its muxer. */
function muxerOf(connection: Connection): PingingMuxer {
  const muxer: unknown = Reflect.get(connection, 'muxer')
  assert(isPinging(muxer), 'a connection of libp2p has a muxer that pings')
  return muxer
}

function isPinging(value: unknown): value is PingingMuxer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'ping' in value &&
    typeof value.ping === 'function'
  )
}
