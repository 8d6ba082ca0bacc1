/**
 * What the nodes of one thread send to those of another: kept during a window and posted at its
 * end.
 */
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import type { RPC } from '../../p2p/router/routerInternals.ts'
import { TICKS_PER_MS } from '../time/virtualTime.ts'
import { FrameDecoder, FrameEncoder, type Numbered } from './frameCodec.ts'

/** A frame on its way, beside what it says. */
export interface Crossing {
  readonly from: number
  readonly to: number
  /** Of the wire it goes over. */
  readonly serial: number
  /** Its place in what goes over the wire. */
  readonly number: number
  readonly bytes: number
  /** When its first piece comes. */
  readonly atMs: number
  /** When the last does, where the receiver's access takes time; `undefined` elsewhere. */
  readonly lastMs: number | undefined
}

/** What goes through a port at the end of a window. */
interface Bag {
  /** The turn in which they were sent. */
  readonly turn: number
  readonly frames: Float64Array
  readonly fresh: readonly Numbered[]
  /** Numbers begin anew with this one. */
  readonly isAnew: boolean
}

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
  #isAnew = false
  #forgotMs = 0

  constructor(port: MessagePort) {
    this.#port = port
  }

  add({ from, to, serial, number, bytes, atMs, lastMs }: Crossing, rpc: RPC): void {
    this.#values.push(from, to, serial, number, bytes, atMs, lastMs ?? Number.NaN)
    this.#writer.write(rpc)
    this.nextTick = Math.min(this.nextTick, Math.round(atMs * TICKS_PER_MS))
  }

  /** Posts what was added in a turn. */
  post(turn: number, nowMs: number): void {
    const { fresh } = this.#writer
    if (this.#values.length > 0) {
      const frames = Float64Array.from(this.#values)
      const bag: Bag = { turn, frames, fresh, isAnew: this.#isAnew }
      this.#port.postMessage(bag, [frames.buffer])
      this.#values.length = 0
      this.#writer.fresh = []
      this.#isAnew = false
    }
    if (nowMs - this.#forgotMs < FORGET_AFTER_MS) return
    this.#forgotMs = nowMs
    this.#writer.forget()
    this.#isAnew = true
  }
}

/** One direction, at the receiver. */
export class MailIn {
  readonly #port: MessagePort
  readonly #reader = new FrameDecoder()
  /** Posted by a thread that is ahead; its turn has not come. */
  #early: Bag | undefined

  constructor(port: MessagePort) {
    this.#port = port
  }

  /**
   * Hands over all that was posted up to a turn, in order. What comes of a later one goes over
   * connections that this thread does not have yet.
   */
  take(turn: number, visit: (crossing: Crossing, rpc: RPC) => void): void {
    for (;;) {
      this.#early ??= receiveMessageOnPort(this.#port)?.message as Bag | undefined
      if (this.#early === undefined || this.#early.turn > turn) return
      this.#open(this.#early, visit)
      this.#early = undefined
    }
  }

  #open({ frames, fresh, isAnew }: Bag, visit: (crossing: Crossing, rpc: RPC) => void): void {
    if (isAnew) this.#reader.forget()
    this.#reader.learn(fresh)
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
      visit(crossing, this.#reader.read(next))
    }
  }
}

function orNothing(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value
}
