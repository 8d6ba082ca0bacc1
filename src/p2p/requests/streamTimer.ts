import type { Stream } from '@libp2p/interface'
import type { ProtocolLimits } from '../../gossip/network.ts'
import type { Cancel, Clock } from '../../lib/clock.ts'
import { RequestError, type RequestFailureReason } from './requestError.ts'

/**
 * The two deadlines of a request; the first that passes aborts the stream, which wakes whoever
 * waits on it.
 */
export class StreamTimer {
  readonly #controller = new AbortController()
  readonly #cancelFirst: Cancel
  readonly #cancelTotal: Cancel
  #failure: RequestError | undefined

  constructor({ firstByteTimeoutMs, totalTimeoutMs }: ProtocolLimits, clock: Clock) {
    this.#cancelFirst = clock.after(firstByteTimeoutMs, () => this.#expire('first-byte-timeout'))
    this.#cancelTotal = clock.after(totalTimeoutMs, () => this.#expire('total-timeout'))
  }

  /** Aborts what has no stream yet. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Aborts `stream` when a deadline passes. */
  guard(stream: Stream): void {
    this.#controller.signal.addEventListener('abort', () => stream.abort(this.#failure ?? BROKEN))
    if (this.#failure !== undefined) stream.abort(this.#failure)
  }

  /** Something came: only the total time counts from now on. */
  firstByte(): void {
    this.#cancelFirst()
  }

  /** The deadline that passed, if one did: the cause of whatever broke after it. */
  failure(): RequestError | undefined {
    return this.#failure
  }

  stop(): void {
    this.#cancelFirst()
    this.#cancelTotal()
  }

  #expire(failure: RequestFailureReason): void {
    this.#failure ??= new RequestError(failure)
    this.#controller.abort(this.#failure)
  }
}

const BROKEN = new RequestError('broken')
