/** The mail of one thread, to and from all others. */
import type { MessagePort } from 'node:worker_threads'
import type { RPC } from '../../p2p/router/routerInternals.ts'
import type { Intent } from '../links/intent.ts'
import type { RequestFrame } from '../links/requestFrame.ts'
import type { Away, Crossing } from './crossing.ts'
import { MailIn, MailOut, type MailReader } from './mail.ts'
import { isOwn, threadOf, type Partition } from './partition.ts'

/** The ports stand by thread; there is none to the thread itself. */
export class Mailroom implements Away {
  readonly #partition: Partition
  readonly #out: readonly (MailOut | undefined)[]
  readonly #in: readonly MailIn[]

  constructor(partition: Partition, ports: readonly (MessagePort | undefined)[]) {
    this.#partition = partition
    this.#out = ports.map((port) => port && new MailOut(port))
    this.#in = ports.flatMap((port) => (port === undefined ? [] : [new MailIn(port)]))
  }

  isAway(node: number): boolean {
    return !isOwn(node, this.#partition)
  }

  send(crossing: Crossing, cargo: RPC | RequestFrame): void {
    this.#out[threadOf(crossing.to, this.#partition)]?.add(crossing, cargo)
  }

  intend(intent: Intent): void {
    for (const out of this.#out) out?.intend(intent)
  }

  /** The earliest tick at which something arrives that was sent since {@link takeNextTick}. */
  get nextTick(): number {
    return this.#out.reduce((least, out) => Math.min(least, out?.nextTick ?? Infinity), Infinity)
  }

  /** The same, and who receives it knows it from now on. */
  takeNextTick(): number {
    const { nextTick } = this
    for (const out of this.#out) if (out !== undefined) out.nextTick = Infinity
    return nextTick
  }

  /** Posts what has been sent in a turn. */
  post(turn: number, nowMs: number): void {
    for (const out of this.#out) out?.post(turn, nowMs)
  }

  /** Takes in what others have posted up to a turn. */
  takeIn(turn: number, reader: MailReader): void {
    for (const one of this.#in) one.take(turn, reader)
  }
}
