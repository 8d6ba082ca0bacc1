/**
 * Who knows a transaction when, seen from outside: every peer of an Ethereum network tells by
 * `newPendingTransactions` over WebSocket when it has one. A transaction that comes to a peer in a
 * block first is never pending there, so it has no arrival.
 */
import { WebSocket } from 'ws'
import { z } from 'zod'
import { systemClock } from '../../../src/lib/clock.ts'
import type { Taken } from '../network/load.ts'

const noticeSchema = z.object({ params: z.object({ result: z.string() }) })
const SUBSCRIBE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'eth_subscribe',
  params: ['newPendingTransactions'],
})

/** Durations of a load, ms, and how many there would be if all had arrived. */
export interface Durations {
  readonly ms: readonly number[]
  readonly of: number
}

/** Watches every peer of a network until it is closed. */
export class Arrivals {
  readonly #sockets: readonly WebSocket[]
  /** By hash: when each peer told of it, ms, by the peer's index. */
  readonly #toldMs = new Map<string, Map<number, number>>()

  private constructor(urls: readonly string[]) {
    this.#sockets = urls.map((url) => new WebSocket(url))
  }

  /** Resolves when every peer has taken the subscription. */
  static async watch(urls: readonly string[]): Promise<Arrivals> {
    const arrivals = new Arrivals(urls)
    await Promise.all(arrivals.#sockets.map((socket, peer) => arrivals.#subscribe(socket, peer)))
    return arrivals
  }

  /** From sending a transaction until a peer told of it, for each peer but the one it went to. */
  toOne(taken: readonly Taken[]): Durations {
    const ms = taken.flatMap((one) => this.#othersMs(one))
    return { ms, of: taken.length * (this.#sockets.length - 1) }
  }

  /** The same until the last of them told of it. */
  toAll(taken: readonly Taken[]): Durations {
    const ms = taken
      .map((one) => this.#othersMs(one))
      .filter((others) => others.length === this.#sockets.length - 1)
      .map((others) => Math.max(...others))
    return { ms, of: taken.length }
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate()
  }

  #othersMs({ hash, peer, sentMs }: Taken): number[] {
    return [...(this.#toldMs.get(hash) ?? [])]
      .filter(([at]) => at !== peer)
      .map(([, toldMs]) => toldMs - sentMs)
  }

  #subscribe(socket: WebSocket, peer: number): Promise<void> {
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.once('open', () => socket.send(SUBSCRIBE))
      socket.once('message', () => {
        resolve()
        socket.on('message', (data: Buffer) => this.#noted(data.toString(), peer))
      })
    })
  }

  #noted(text: string, peer: number): void {
    const nowMs = systemClock.monotonicMs()
    const notice = noticeSchema.safeParse(JSON.parse(text))
    if (!notice.success) return
    const hash = notice.data.params.result
    const told = this.#toldMs.get(hash) ?? new Map<number, number>()
    this.#toldMs.set(hash, told)
    if (!told.has(peer)) told.set(peer, nowMs)
  }
}
