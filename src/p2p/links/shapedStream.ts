/**
 * One link under a {@link LinkShaper}: a libp2p connection that carries its bytes as the shape
 * says.
 */
import type { AbortOptions, MessageStream, StreamCloseEvent } from '@libp2p/interface'
import { AbstractMessageStream, type SendResult } from '@libp2p/utils'
import { Uint8ArrayList } from 'uint8arraylist'
import type { Random } from '../../lib/random.ts'
import type { LinkShape } from '../../rehearsal/linkShape.ts'
import type { Deadlines } from '../peers/deadlines.ts'
import { DelayLine } from './delayLine.ts'
import type { LimitValues } from '../limits.ts'
import type { Serializer } from './serializer.ts'
import { UNSHAPED, travelMs } from './linkTravel.ts'

/** What the links of a node share. */
export interface LinkWorld {
  readonly up: Serializer
  readonly down: Serializer
  readonly deadlines: Deadlines
  readonly random: Random
  readonly limits: Pick<LimitValues, 'shapedBacklogBytes' | 'shapedInFlightBytes'>
  readonly nowMs: () => number
}

/**
 * A packet of Ethernet less the headers of IP and TCP; a piece is never smaller for the sake of the
 * serializer.
 */
export const PACKET_BYTES = 1448
/**
 * A piece becomes readable as a whole: it is so small that a limited link delivers about every
 * millisecond.
 */
const PIECE_MS = 1
const MAX_PIECE_BYTES = 16 * 1024
/** A writer that was told to wait goes on when so much of its room is free again. */
const REFILL = 0.5
/** Backlog of a fast link: timers are too coarse for less. */
const MIN_BACKLOG_MS = 10

/** A connection whose bytes take the time that its shape says. */
export class ShapedStream extends AbstractMessageStream {
  readonly #inner: MessageStream
  readonly #world: LinkWorld
  readonly #out = new DelayLine()
  readonly #in = new DelayLine()
  #shape: LinkShape = UNSHAPED
  /**
   * What was written in this turn of the event loop: it leaves as one, as a system would send it.
   */
  #gathered = new Uint8ArrayList()
  #innerIsFull = false
  #writerWaits = false
  #readerWaits = false
  #lineIsFull = false
  #emptied: (() => void) | undefined

  constructor(inner: MessageStream, world: LinkWorld) {
    super({
      log: inner.log,
      inactivityTimeout: inner.inactivityTimeout,
      maxReadBufferLength: inner.maxReadBufferLength,
      direction: inner.direction,
    })
    this.#inner = inner
    this.#world = world
    inner.addEventListener('message', ({ data }) => this.#arrive(data))
    inner.addEventListener('drain', () => this.#innerDrained())
    inner.addEventListener('remoteCloseWrite', () => this.onRemoteCloseWrite())
    inner.addEventListener('close', (event) => this.#innerClosed(event))
    this.#closeWhenEmpty()
  }

  /** For traffic from now on; what is under way keeps its time, and nothing overtakes it. */
  reshape(shape: LinkShape): void {
    this.#shape = shape
  }

  sendData(data: Uint8ArrayList): SendResult {
    if (this.#passesFreely()) {
      const canSendMore = this.#inner.send(data)
      this.#innerIsFull = !canSendMore
      return { sentBytes: data.byteLength, canSendMore }
    }
    const sentBytes = Math.min(data.byteLength, Math.max(0, this.#roomBytes()))
    if (sentBytes > 0) this.#gather(data.sublist(0, sentBytes))
    this.#writerWaits = this.#roomBytes() <= 0
    return { sentBytes, canSendMore: !this.#writerWaits }
  }

  sendReset(error: Error): void {
    this.#forget()
    this.#inner.abort(error)
  }

  sendPause(): void {
    this.#readerWaits = true
    this.#inner.pause()
  }

  sendResume(): void {
    this.#readerWaits = false
    if (!this.#lineIsFull) this.#inner.resume()
  }

  close(options?: AbortOptions): Promise<void> {
    return this.#inner.close(options)
  }

  #passesFreely(): boolean {
    const { latencyMs, jitterMs, lossRate } = this.#shape
    const isEmpty = this.#out.bytes + this.#gathered.byteLength === 0
    return isEmpty && this.#world.up.isUnlimited && latencyMs + jitterMs + lossRate === 0
  }

  #roomBytes(): number {
    const { limits, nowMs } = this.#world
    const gathered = this.#gathered.byteLength
    return Math.min(
      this.#backlogRoomBytes() - this.#out.backlogBytes(nowMs()) - gathered,
      limits.shapedInFlightBytes - this.#out.bytes - gathered,
    )
  }

  #backlogRoomBytes(): number {
    const { limits, up } = this.#world
    return Math.max(limits.shapedBacklogBytes, up.bytesIn(MIN_BACKLOG_MS))
  }

  #gather(data: Uint8ArrayList): void {
    if (this.#gathered.byteLength === 0) process.nextTick(() => this.#depart())
    this.#gathered.append(data)
  }

  #depart(): void {
    const data = this.#gathered
    this.#gathered = new Uint8ArrayList()
    const { up, random, nowMs } = this.#world
    for (const piece of pieces(data, up)) {
      const sentMs = up.pass(piece.byteLength, nowMs())
      const packets = Math.ceil(piece.byteLength / PACKET_BYTES)
      this.#out.push(piece, sentMs, sentMs + travelMs(this.#shape, packets, random))
    }
    this.#schedule()
  }

  /** Gives to the socket what is due, as long as it takes it. */
  readonly #deliver = (): void => {
    const data = this.#innerIsFull ? undefined : this.#out.take(this.#world.deadlines.horizonMs)
    if (data !== undefined && this.#inner.status === 'open')
      this.#innerIsFull = !this.#inner.send(data)
    this.#refill()
    this.#schedule()
    if (this.#out.bytes === 0) this.#emptied?.()
  }

  #refill(): void {
    if (!this.#writerWaits || this.#roomBytes() < this.#backlogRoomBytes() * REFILL) return
    this.#writerWaits = false
    this.safeDispatchEvent('drain')
  }

  #schedule(): void {
    const { deadlines } = this.#world
    const deliverMs = this.#innerIsFull ? Infinity : this.#out.nextDueMs
    const refillMs = this.#writerWaits
      ? this.#out.backlogBelowMs(this.#backlogRoomBytes() * (1 - REFILL))
      : Infinity
    const dueMs = Math.min(deliverMs, refillMs === 0 ? Infinity : refillMs)
    if (dueMs < Infinity) deadlines.set(this.#deliver, dueMs)
  }

  #innerDrained(): void {
    this.#innerIsFull = false
    if (this.#out.bytes > 0) this.#deliver()
    else if (!this.#writerWaits) this.safeDispatchEvent('drain')
  }

  #arrive(data: Uint8Array | Uint8ArrayList): void {
    const { down, nowMs, deadlines, limits } = this.#world
    if (down.isUnlimited && this.#in.bytes === 0) {
      this.onData(data)
      return
    }
    for (const piece of pieces(new Uint8ArrayList(data), down)) {
      const readableMs = down.pass(piece.byteLength, nowMs())
      this.#in.push(piece, readableMs, readableMs)
    }
    if (!this.#lineIsFull && this.#in.bytes > limits.shapedBacklogBytes) {
      this.#lineIsFull = true
      this.#inner.pause()
    }
    deadlines.set(this.#release, this.#in.nextDueMs)
  }

  /** Lets the reader have what has come through. */
  readonly #release = (): void => {
    const { deadlines, limits } = this.#world
    const data = this.#in.take(deadlines.horizonMs)
    if (data !== undefined) this.onData(data)
    if (this.#in.bytes > 0) deadlines.set(this.#release, this.#in.nextDueMs)
    if (!this.#lineIsFull || this.#in.bytes > limits.shapedBacklogBytes * REFILL) return
    this.#lineIsFull = false
    if (!this.#readerWaits && this.#inner.status === 'open') this.#inner.resume()
  }

  #innerClosed({ error, local }: StreamCloseEvent): void {
    if (error === undefined) {
      const rest = this.#in.take(Infinity)
      if (rest !== undefined) this.onData(rest)
      this.#forget()
      this.onTransportClosed()
      return
    }
    this.#forget()
    if (local === true) this.abort(error)
    else this.onRemoteReset()
  }

  #forget(): void {
    const { deadlines } = this.#world
    deadlines.clear(this.#deliver)
    deadlines.clear(this.#release)
    this.#out.clear()
    this.#in.clear()
    this.#gathered = new Uint8ArrayList()
    this.#emptied?.()
  }

  /** libp2p closes the connection below this one: what is under way goes out first. */
  #closeWhenEmpty(): void {
    const inner = this.#inner
    const close = inner.close.bind(inner)
    inner.close = async (options) => {
      if (this.#out.bytes + this.#gathered.byteLength > 0) await this.#empty(options?.signal)
      await close(options)
    }
  }

  #empty(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.#emptied = resolve
      signal?.addEventListener('abort', () => resolve(), { once: true })
    })
  }
}

function* pieces(data: Uint8ArrayList, serializer: Serializer): Generator<Uint8ArrayList> {
  const bytes = Math.max(
    PACKET_BYTES,
    Math.min(MAX_PIECE_BYTES, Math.floor(serializer.bytesIn(PIECE_MS))),
  )
  for (let from = 0; from < data.byteLength; from += bytes)
    yield data.sublist(from, Math.min(from + bytes, data.byteLength))
}
