/**
 * Requests between simulated nodes: the request travels over the wire to the peer, whose handler
 * answers frame by frame over the wire back. Both bounds of time and of size hold as on real
 * streams; a stream needs no round trip to open.
 */
import {
  RequestFailure,
  type PeerId,
  type ProtocolLimits,
  type RequestHandler,
} from '../../gossip/network.ts'
import { messageOf } from '../../lib/assert.ts'
import type { Clock } from '../../lib/clock.ts'
import type { SimMachine } from '../links/machine.ts'
import { FrameQueue } from './frameQueue.ts'

/** Length prefix and headers of a request's stream on the link, bytes. */
const STREAM_BYTES = 40
/** A header of yamux and what noise adds, bytes. */
const PING_BYTES = 30

interface Served {
  readonly limits: ProtocolLimits
  readonly handler: RequestHandler
}

/** Asks for one node and answers for it. */
export class SimRequests {
  readonly #machine: SimMachine
  readonly #clock: Clock
  readonly #served = new Map<string, Served>()
  /** Answers that are awaited, by the peer that owes them. */
  readonly #open = new Map<PeerId, Set<FrameQueue>>()

  /** Pings without an answer so far, by peer. */
  readonly #pings = new Map<PeerId, Set<(isThere: boolean) => void>>()

  constructor(machine: SimMachine, clock: Clock) {
    this.#machine = machine
    this.#clock = clock
  }

  handle(protocol: string, limits: ProtocolLimits, handler: RequestHandler): void {
    this.#served.set(protocol, { limits, handler })
  }

  async *request(
    to: PeerId,
    protocol: string,
    limits: ProtocolLimits,
    request: Uint8Array,
    serverOf: (peer: SimMachine) => SimRequests | undefined,
  ): AsyncGenerator<Uint8Array> {
    if (request.length > limits.maxRequestBytes) throw new RequestFailure('request-too-large')
    const wire = this.#machine.wires.get(to)
    if (wire === undefined) throw new RequestFailure('not-connected')
    const frames = new FrameQueue()
    const cancels = [
      this.#clock.after(limits.firstByteTimeoutMs, () => {
        if (!frames.hasBegun) frames.fail(new RequestFailure('first-byte-timeout'))
      }),
      this.#clock.after(limits.totalTimeoutMs, () => frames.fail(new RequestFailure('timeout'))),
    ]
    this.#await(to, frames)
    wire.send(
      () => serverOf(wire.to)?.serve(this.#machine, protocol, request, frames),
      request.length + STREAM_BYTES,
    )
    try {
      let count = 0
      for await (const frame of frames) {
        if (++count > limits.maxFrames) throw new RequestFailure('too-many-frames', true)
        if (frame.length > limits.maxFrameBytes) throw new RequestFailure('frame-too-large', true)
        yield frame
      }
    } finally {
      for (const cancel of cancels) cancel()
      this.#open.get(to)?.delete(frames)
    }
  }

  /**
   * Whether the peer answers a ping of its connection; false where there is none, or it ends
   * before.
   */
  ping(to: PeerId, serverOf: (peer: SimMachine) => SimRequests | undefined): Promise<boolean> {
    const wire = this.#machine.wires.get(to)
    if (wire === undefined) return Promise.resolve(false)
    const pings = this.#pings.get(to) ?? new Set()
    this.#pings.set(to, pings)
    return new Promise((resolve) => {
      const end = (isThere: boolean): void => {
        pings.delete(end)
        resolve(isThere)
      }
      pings.add(end)
      wire.send(() => serverOf(wire.to)?.pong(this.#machine, () => end(true)), PING_BYTES)
    })
  }

  /** Answers a ping that has come. */
  pong(from: SimMachine, answered: () => void): void {
    this.#machine.wires.get(from.id)?.send(answered, PING_BYTES)
  }

  /** What a peer owes does not come any more. */
  lost(peer: PeerId): void {
    const open = this.#open.get(peer)
    this.#open.delete(peer)
    for (const frames of open ?? []) frames.fail(new RequestFailure('broken'))
    const pings = this.#pings.get(peer)
    this.#pings.delete(peer)
    for (const end of pings ?? []) end(false)
  }

  /** Answers a request that has come; frames go to the queue of who asked. */
  serve(from: SimMachine, protocol: string, request: Uint8Array, into: FrameQueue): void {
    void this.#serve(from, protocol, request, into)
  }

  async #serve(
    from: SimMachine,
    protocol: string,
    request: Uint8Array,
    into: FrameQueue,
  ): Promise<void> {
    const served = this.#served.get(protocol)
    const wire = this.#machine.wires.get(from.id)
    if (wire === undefined) return
    try {
      if (served === undefined) throw new RequestFailure('no such protocol')
      for await (const frame of served.handler(from.id, request))
        wire.send(() => into.push(frame), frame.length + STREAM_BYTES)
      wire.send(() => into.end(), STREAM_BYTES)
    } catch (error) {
      const reason = messageOf(error)
      wire.send(() => into.fail(new RequestFailure(reason)), STREAM_BYTES)
    }
  }

  #await(peer: PeerId, frames: FrameQueue): void {
    const open = this.#open.get(peer) ?? new Set()
    this.#open.set(peer, open.add(frames))
  }
}
