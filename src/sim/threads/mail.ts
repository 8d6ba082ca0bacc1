/**
 * What the nodes of one thread send to those of another: kept during a window and posted at its
 * end.
 */
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import type { RPC } from '../../p2p/router/routerInternals.ts'
import { ownedBytes } from '../../lib/bytes.ts'
import type { Intent } from '../links/intent.ts'
import { RequestFrame, type RequestStep } from '../links/requestFrame.ts'
import { TICKS_PER_MS } from '../time/virtualTime.ts'
import type { Crossing } from './crossing.ts'
import { FrameDecoder, FrameEncoder, type Numbered } from './frameCodec.ts'

/** What goes through a port at the end of a window. */
interface Bag {
  /** The turn in which they were sent. */
  readonly turn: number
  readonly frames: Float64Array
  readonly fresh: readonly Numbered[]
  /** Steps of requests, in the order in which the frames name them. */
  readonly requests: readonly StepOnWay[]
  readonly intents: readonly Intent[]
  /** Numbers begin anew with this one. */
  readonly isAnew: boolean
}

/** A {@link RequestFrame} without its class. */
interface StepOnWay {
  readonly id: number
  readonly content: RequestStep
}

/** What a crossing carries: a frame of gossip follows it, or the next step of a request is its. */
const CARGO = { gossip: 0, request: 1 } as const

/**
 * After so long numbers begin anew, so that messages that nobody sends any more are let go, virtual
 * ms.
 */
const FORGET_AFTER_MS = 60_000

/** One direction, at the sender. */
export class MailOut {
  /** The earliest tick at which something of it arrives; Infinity for nothing. */
  nextTick = Infinity
  readonly #port: MessagePort
  readonly #values: number[] = []
  readonly #writer = new FrameEncoder(this.#values)
  #requests: StepOnWay[] = []
  #intents: Intent[] = []
  #isAnew = false
  #forgotMs = 0

  constructor(port: MessagePort) {
    this.#port = port
  }

  add(crossing: Crossing, cargo: RPC | RequestFrame): void {
    const { from, to, serial, number, bytes, atMs, lastMs } = crossing
    this.#values.push(from, to, serial, number, bytes, atMs, lastMs ?? Number.NaN)
    if (cargo instanceof RequestFrame) {
      this.#values.push(CARGO.request)
      this.#requests.push({ id: cargo.id, content: posted(cargo.content) })
    } else {
      this.#values.push(CARGO.gossip)
      this.#writer.write(cargo)
    }
    this.#comesAt(atMs)
  }

  intend(intent: Intent): void {
    this.#intents.push(intent)
    this.#comesAt(intent.atMs)
  }

  /** Posts what was added in a turn. */
  post(turn: number, nowMs: number): void {
    if (this.#values.length > 0 || this.#intents.length > 0) this.#postBag(turn)
    if (nowMs - this.#forgotMs < FORGET_AFTER_MS) return
    this.#forgotMs = nowMs
    this.#writer.forget()
    this.#isAnew = true
  }

  #postBag(turn: number): void {
    const { fresh } = this.#writer
    const [requests, intents] = [this.#requests, this.#intents]
    const frames = Float64Array.from(this.#values)
    const bag: Bag = { turn, frames, fresh, requests, intents, isAnew: this.#isAnew }
    this.#port.postMessage(bag, [frames.buffer])
    this.#values.length = 0
    this.#writer.fresh = []
    this.#requests = []
    this.#intents = []
    this.#isAnew = false
  }

  #comesAt(atMs: number): void {
    this.nextTick = Math.min(this.nextTick, Math.round(atMs * TICKS_PER_MS))
  }
}

/** Who takes in what has come. */
export interface MailReader {
  expect(crossing: Crossing, cargo: RPC | RequestFrame): void
  expectIntent(intent: Intent): void
}

/** One direction, at the receiver. */
export class MailIn {
  readonly #port: MessagePort
  readonly #frames = new FrameDecoder()
  /** Posted by a thread that is ahead; its turn has not come. */
  #early: Bag | undefined

  constructor(port: MessagePort) {
    this.#port = port
  }

  /**
   * Hands over all that was posted up to a turn, in order. What comes of a later one goes over
   * connections that this thread does not have yet.
   */
  take(turn: number, reader: MailReader): void {
    for (;;) {
      this.#early ??= receiveMessageOnPort(this.#port)?.message as Bag | undefined
      if (this.#early === undefined || this.#early.turn > turn) return
      this.#open(this.#early, reader)
      this.#early = undefined
    }
  }

  #open({ frames, fresh, requests, intents, isAnew }: Bag, reader: MailReader): void {
    if (isAnew) this.#frames.forget()
    this.#frames.learn(fresh)
    for (const intent of intents) reader.expectIntent(intent)
    const steps = requests.values()
    let at = 0
    const next = (): number => frames[at++] ?? 0
    while (at < frames.length) {
      const crossing = {
        from: next(),
        to: next(),
        serial: next(),
        number: next(),
        bytes: next(),
        atMs: next(),
        lastMs: orNothing(next()),
      }
      const isRequest = next() === CARGO.request
      reader.expect(crossing, isRequest ? stepOf(steps.next()) : this.#frames.read(next))
    }
  }
}

function stepOf({ value }: IteratorResult<StepOnWay, undefined>): RequestFrame {
  if (value === undefined)
    throw new Error('a request of another thread has not come with its frame')
  return new RequestFrame(value.id, value.content)
}

/** A view of a larger memory would take all of that with it. */
function posted(content: RequestStep): RequestStep {
  return 'data' in content ? { ...content, data: ownedBytes(content.data) } : content
}

function orNothing(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value
}
