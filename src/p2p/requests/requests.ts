/**
 * Request and response over one libp2p stream each: the asker sends one length-prefixed frame and
 * closes its end, the answerer sends frames and closes. Both sides enforce the same bounds,
 * whatever the other does; a stream is always closed or aborted, and nothing a peer does throws
 * past this file except to the one who asked.
 */
import type { Connection, Stream } from '@libp2p/interface'
import { decode, encode } from 'it-length-prefixed'
import { pipe } from 'it-pipe'
import type { Uint8ArrayList } from 'uint8arraylist'
import type { PeerId, ProtocolLimits, RequestHandler } from '../../gossip/network.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import { ownedBytes } from '../../lib/bytes.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import { TokenBucket } from '../../lib/tokenBucket.ts'
import type { Libp2pNode } from '../peers/libp2pNode.ts'
import type { LimitValues } from '../limits.ts'
import { RequestError, requestError } from './requestError.ts'
import { streamDuplex } from './streamDuplex.ts'
import { StreamTimer } from './streamTimer.ts'

/** Longest length prefix that is read: four bytes hold 256 MiB. */
const MAX_PREFIX_BYTES = 4

/** What requests are asked and served with. */
export interface RequestStreamParts {
  readonly libp2p: () => Libp2pNode
  readonly limits: LimitValues
  readonly clock: Clock
  readonly log: Logger
}

/** Asks peers and serves them, within the bounds of each protocol. */
export class RequestStreams {
  readonly #parts: RequestStreamParts
  readonly #total: TokenBucket
  readonly #perPeer: BoundedMap<PeerId, TokenBucket>
  readonly #open = new Set<Stream>()
  #stopped = false

  constructor(parts: RequestStreamParts) {
    const { limits, clock } = parts
    this.#parts = parts
    const rate = { burst: limits.requestsBurst, perSecond: limits.requestsPerSecond }
    this.#total = new TokenBucket(rate, clock.monotonicMs())
    this.#perPeer = new BoundedMap(limits.trackedPeers)
  }

  /** Serves a protocol. One handler per protocol. */
  async handle(protocol: string, limits: ProtocolLimits, handler: RequestHandler): Promise<void> {
    const { libp2p, limits: bounds } = this.#parts
    const serve = (stream: Stream, connection: Connection): Promise<void> =>
      this.#serve(stream, connection.remotePeer.toString() as PeerId, limits, handler)
    await libp2p().handle(protocol, serve, {
      maxInboundStreams: bounds.requestStreams,
      maxOutboundStreams: bounds.requestStreams,
      runOnLimitedConnection: false,
    })
  }

  /** Asks a connected peer; yields the frames of the answer. Throws a {@link RequestError}. */
  async *request(
    to: PeerId,
    protocol: string,
    limits: ProtocolLimits,
    request: Uint8Array,
  ): AsyncGenerator<Uint8Array> {
    if (request.length > limits.maxRequestBytes) throw new RequestError('request-too-large')
    const timer = new StreamTimer(limits, this.#parts.clock)
    try {
      const stream = await this.#openStream(to, protocol, timer)
      yield* this.#ask(stream, limits, request, timer)
    } catch (error) {
      throw timer.failure() ?? (this.#stopped ? new RequestError('stopped') : requestError(error))
    } finally {
      timer.stop()
    }
  }

  /** Aborts what is in progress; nothing can be asked or answered any more. */
  stop(): void {
    this.#stopped = true
    for (const stream of this.#open) stream.abort(new RequestError('stopped'))
  }

  /** Streams in progress, both ways. */
  get openCount(): number {
    return this.#open.size
  }

  async #openStream(to: PeerId, protocol: string, timer: StreamTimer): Promise<Stream> {
    if (this.#stopped) throw new RequestError('stopped')
    const connection = this.#parts
      .libp2p()
      .getConnections()
      .find((open) => open.status === 'open' && open.remotePeer.toString() === to)
    if (connection === undefined) throw new RequestError('not-connected', to)
    const stream = await connection.newStream([protocol], {
      signal: timer.signal,
      maxOutboundStreams: this.#parts.limits.requestStreams,
    })
    timer.guard(stream)
    return stream
  }

  async *#ask(
    stream: Stream,
    limits: ProtocolLimits,
    request: Uint8Array,
    timer: StreamTimer,
  ): AsyncGenerator<Uint8Array> {
    this.#open.add(stream)
    try {
      yield* pipe(
        [request],
        (source) => encode(source, { maxDataLength: limits.maxRequestBytes }),
        streamDuplex(stream, this.#parts.limits.requestReadAheadBytes),
        (source) => decode(source, decoding(limits.maxFrameBytes)),
        (source) => bounded(source, limits.maxFrames, timer),
      )
    } finally {
      this.#release(stream)
    }
  }

  async #serve(
    stream: Stream,
    from: PeerId,
    limits: ProtocolLimits,
    handler: RequestHandler,
  ): Promise<void> {
    const timer = new StreamTimer(limits, this.#parts.clock)
    timer.guard(stream)
    this.#open.add(stream)
    try {
      this.#admit(from)
      const duplex = streamDuplex(stream, this.#parts.limits.requestReadAheadBytes)
      await pipe(
        duplex.source,
        (source) => decode(source, decoding(limits.maxRequestBytes)),
        (source) => answer(source, from, handler, limits, timer),
        (source) => encode(source, { maxDataLength: limits.maxFrameBytes }),
        duplex.sink,
      )
    } catch (error) {
      const { failure, message } = timer.failure() ?? requestError(error)
      stream.abort(new RequestError(failure))
      this.#parts.log.debug('a request was not answered', { peer: from, failure, error: message })
    } finally {
      timer.stop()
      this.#release(stream)
    }
  }

  /** Throws when this peer, or all of them together, ask more than we serve. */
  #admit(from: PeerId): void {
    if (this.#stopped) throw new RequestError('stopped')
    const nowMs = this.#parts.clock.monotonicMs()
    if (!this.#bucketOf(from, nowMs).take(1, nowMs) || !this.#total.take(1, nowMs))
      throw new RequestError('over-budget', from)
  }

  #bucketOf(peer: PeerId, nowMs: number): TokenBucket {
    const known = this.#perPeer.get(peer)
    if (known !== undefined) return known
    const { requestsPerPeerBurst, requestsPerPeerPerSecond } = this.#parts.limits
    const rate = { burst: requestsPerPeerBurst, perSecond: requestsPerPeerPerSecond }
    const bucket = new TokenBucket(rate, nowMs)
    this.#perPeer.set(peer, bucket)
    return bucket
  }

  /** After a whole answer the stream is closed both ways and aborting does nothing. */
  #release(stream: Stream): void {
    this.#open.delete(stream)
    if (stream.status === 'open') stream.abort(new RequestError('broken', 'left unfinished'))
  }
}

function decoding(maxBytes: number): { maxDataLength: number; maxLengthLength: number } {
  return { maxDataLength: maxBytes, maxLengthLength: MAX_PREFIX_BYTES }
}

async function* bounded(
  frames: AsyncIterable<Uint8ArrayList>,
  maxFrames: number,
  timer: StreamTimer,
): AsyncGenerator<Uint8Array> {
  let count = 0
  for await (const frame of frames) {
    timer.firstByte()
    if (++count > maxFrames) throw new RequestError('too-many-frames')
    yield ownedBytes(frame.subarray())
  }
}

/** The frames of the answer to the first frame of `requests`; what follows it is not read. */
async function* answer(
  requests: AsyncIterable<Uint8ArrayList>,
  from: PeerId,
  handler: RequestHandler,
  limits: ProtocolLimits,
  timer: StreamTimer,
): AsyncGenerator<Uint8Array> {
  for await (const request of requests) {
    timer.firstByte()
    let count = 0
    for await (const frame of handler(from, ownedBytes(request.subarray()))) {
      if (++count > limits.maxFrames) throw new RequestError('too-many-frames')
      if (frame.length > limits.maxFrameBytes) throw new RequestError('frame-too-large')
      yield frame
    }
    return
  }
  throw new RequestError('broken', 'the stream ended without a request')
}
