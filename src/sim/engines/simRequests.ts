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
import { RequestFrame, type RequestStep } from '../links/requestFrame.ts'
import { FrameQueue } from './frameQueue.ts'

/** Length prefix and headers of a request's stream on the link, bytes. */
const STREAM_BYTES = 40
/** A header of yamux and what noise adds, bytes. */
const PING_BYTES = 30

interface Served {
  readonly limits: ProtocolLimits
  readonly handler: RequestHandler
}

/** What peers owe, by peer and by the number of the question. */
type Owed<Waiting> = Map<PeerId, Map<number, Waiting>>

/** Asks for one node and answers for it. */
export class SimRequests {
  readonly #machine: SimMachine
  readonly #clock: Clock
  readonly #served = new Map<string, Served>()
  /** Answers that are awaited. */
  readonly #open: Owed<FrameQueue> = new Map()
  /** Pings without an answer so far. */
  readonly #pings: Owed<(isThere: boolean) => void> = new Map()
  #asked = 0

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
  ): AsyncGenerator<Uint8Array> {
    if (request.length > limits.maxRequestBytes) throw new RequestFailure('request-too-large')
    if (!this.#machine.wires.has(to)) throw new RequestFailure('not-connected')
    const frames = new FrameQueue()
    const cancels = [
      this.#clock.after(limits.firstByteTimeoutMs, () => {
        if (!frames.hasBegun) frames.fail(new RequestFailure('first-byte-timeout'))
      }),
      this.#clock.after(limits.totalTimeoutMs, () => frames.fail(new RequestFailure('timeout'))),
    ]
    const id = this.#asked++
    owe(this.#open, to, id, frames)
    this.#send(to, id, { step: 'ask', protocol, data: request })
    try {
      let count = 0
      for await (const frame of frames) {
        if (++count > limits.maxFrames) throw new RequestFailure('too-many-frames', true)
        if (frame.length > limits.maxFrameBytes) throw new RequestFailure('frame-too-large', true)
        yield frame
      }
    } finally {
      for (const cancel of cancels) cancel()
      this.#open.get(to)?.delete(id)
    }
  }

  /**
   * Whether the peer answers a ping of its connection; false where there is none, or it ends
   * before.
   */
  ping(to: PeerId): Promise<boolean> {
    if (!this.#machine.wires.has(to)) return Promise.resolve(false)
    const id = this.#asked++
    return new Promise((resolve) => {
      owe(this.#pings, to, id, resolve)
      this.#send(to, id, { step: 'ping' })
    })
  }

  /** A step of a request has come, of this node's own or of a peer's. */
  receive(from: PeerId, { id, content }: RequestFrame): void {
    const frames = this.#open.get(from)?.get(id)
    switch (content.step) {
      case 'ask':
        void this.#serve(from, id, content.protocol, content.data)
        break
      case 'answer':
        frames?.push(content.data)
        break
      case 'end':
        frames?.end()
        break
      case 'fail':
        frames?.fail(new RequestFailure(content.reason))
        break
      case 'ping':
        this.#send(from, id, { step: 'pong' })
        break
      case 'pong':
        this.#pings.get(from)?.get(id)?.(true)
        this.#pings.get(from)?.delete(id)
    }
  }

  /** What a peer owes does not come any more. */
  lost(peer: PeerId): void {
    const open = this.#open.get(peer)
    this.#open.delete(peer)
    for (const frames of open?.values() ?? []) frames.fail(new RequestFailure('broken'))
    const pings = this.#pings.get(peer)
    this.#pings.delete(peer)
    for (const end of pings?.values() ?? []) end(false)
  }

  /** The answer goes over the connection that the request came over. */
  async #serve(from: PeerId, id: number, protocol: string, request: Uint8Array): Promise<void> {
    const served = this.#served.get(protocol)
    const wire = this.#machine.wires.get(from)
    if (wire === undefined) return
    const send = (content: RequestStep): void => {
      wire.send(new RequestFrame(id, content), bytesOf(content))
    }
    try {
      if (served === undefined) throw new RequestFailure('no such protocol')
      for await (const data of served.handler(from, request)) send({ step: 'answer', data })
      send({ step: 'end' })
    } catch (error) {
      send({ step: 'fail', reason: messageOf(error) })
    }
  }

  #send(to: PeerId, id: number, content: RequestStep): void {
    this.#machine.wires.get(to)?.send(new RequestFrame(id, content), bytesOf(content))
  }
}

/** What a step weighs on the link. */
function bytesOf(content: RequestStep): number {
  if (content.step === 'ping' || content.step === 'pong') return PING_BYTES
  return STREAM_BYTES + ('data' in content ? content.data.length : 0)
}

function owe<Waiting>(all: Owed<Waiting>, peer: PeerId, id: number, waiting: Waiting): void {
  const owed = all.get(peer) ?? new Map<number, Waiting>()
  all.set(peer, owed.set(id, waiting))
}
