/** The mail of one thread, to and from all others. */
import type { MessagePort } from 'node:worker_threads'
import type { RPC } from '../../p2p/router/routerInternals.ts'
import type { Connections } from '../links/connections.ts'
import type { Away, SimMachine, Wire } from '../links/machine.ts'
import { MailIn, MailOut, type Crossing } from './mail.ts'
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

  isAway({ index }: SimMachine): boolean {
    return !isOwn(index, this.#partition)
  }

  send(
    { from, to, serial }: Wire,
    rpc: RPC,
    travel: Omit<Crossing, 'from' | 'to' | 'serial'>,
  ): void {
    const out = this.#out[threadOf(to.index, this.#partition)]
    out?.add({ from: from.index, to: to.index, serial, ...travel }, rpc)
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
  takeIn(turn: number, connections: Connections): void {
    for (const one of this.#in) one.take(turn, (crossing, rpc) => connections.expect(crossing, rpc))
  }
}
