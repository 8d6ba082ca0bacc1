/** JSON-RPC over one WebSocket connection, and the notifications of its subscriptions. */
import type { WebSocket } from 'ws'
import type { Clock } from '../../lib/clock.ts'
import type { Hex } from '../../lib/bytes.ts'
import type { RpcLimits } from '../limits.ts'
import { Subscriptions } from '../subscriptions.ts'

/** What a WebSocket connection works with. */
export interface WsOptions {
  readonly limits: RpcLimits
  readonly clock: Clock
  readonly newId: () => Hex
  /** The text of the answer, `undefined` for none. Never rejects. */
  readonly answer: (body: Uint8Array, subscriptions: Subscriptions) => Promise<string | undefined>
  /** Told once if the connection is ended because the client does not read. */
  readonly onSlowReader: (bufferedBytes: number) => void
}

/** Close codes of RFC 6455 that we use. */
const GOING_AWAY = 1001
const POLICY_VIOLATION = 1008

/** Serves `socket` until it closes; `end` closes it from our side. */
export class WsConnection {
  readonly #socket: WebSocket
  readonly #options: WsOptions
  readonly #subscriptions: Subscriptions
  readonly #waiting: Buffer[] = []
  #inFlight = 0
  #ending = false
  #alive = true

  constructor(socket: WebSocket, options: WsOptions) {
    this.#socket = socket
    this.#options = options
    this.#subscriptions = new Subscriptions({
      maxSubscriptions: options.limits.maxSubscriptions,
      newId: options.newId,
      send: (text) => this.#send(text),
    })
    const stopPinging = options.clock.every(options.limits.pingMs, () => this.#ping())
    socket.on('message', (body: Buffer) => {
      this.#waiting.push(body)
      this.#work()
    })
    socket.on('pong', () => {
      this.#alive = true
    })
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      stopPinging()
      this.#subscriptions.close()
    })
  }

  /**
   * Says goodbye and, after a short grace, ends the connection whether or not the client listened.
   */
  end(code: number = GOING_AWAY, reason = 'the node stops'): void {
    if (this.#ending) return
    this.#ending = true
    this.#subscriptions.close()
    this.#socket.close(code, reason)
    const { clock, limits } = this.#options
    const cancel = clock.after(limits.closeGraceMs, () => this.#socket.terminate())
    this.#socket.on('close', cancel)
  }

  /** Ends the connection at once. */
  terminate(): void {
    this.#ending = true
    this.#subscriptions.close()
    this.#socket.terminate()
  }

  /**
   * Starts what may start. While messages wait for that the socket is not read: at most a chunk of
   * them does.
   */
  #work(): void {
    while (this.#inFlight < this.#options.limits.maxInFlight) {
      const body = this.#waiting.shift()
      if (body === undefined) break
      this.#serve(body).catch(() => this.#socket.terminate())
    }
    if (this.#waiting.length > 0) this.#socket.pause()
    else if (this.#socket.isPaused) this.#socket.resume()
  }

  async #serve(body: Buffer): Promise<void> {
    this.#inFlight++
    const text = await this.#options.answer(body, this.#subscriptions)
    this.#inFlight--
    if (text !== undefined) this.#send(text)
    if (this.#ending) return
    this.#subscriptions.activate()
    this.#work()
  }

  #send(text: string): void {
    if (this.#ending || this.#socket.readyState !== this.#socket.OPEN) return
    const { limits, onSlowReader } = this.#options
    const waiting = this.#socket.bufferedAmount
    if (waiting > limits.maxBufferedBytes) {
      onSlowReader(waiting)
      this.end(POLICY_VIOLATION, `client does not read: ${waiting} bytes wait for it`)
      return
    }
    this.#socket.send(text)
  }

  #ping(): void {
    if (!this.#alive) return this.#socket.terminate()
    this.#alive = false
    this.#socket.ping()
  }
}
