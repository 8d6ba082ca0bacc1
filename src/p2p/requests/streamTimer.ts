import type { Stream } from '@libp2p/interface'
import type { ProtocolLimits } from '../../gossip/network.ts'
import type { Cancel, Clock } from '../../lib/clock.ts'
import { RequestError, type RequestFailureReason } from './requestError.ts'

/** The two deadlines of a request; the first that passes aborts the stream, which wakes whoever waits on it. */
export class StreamTimer {
  readonly #controller = new AbortController()
  readonly #cancelFirst: Cancel
  readonly #cancelTotal: Cancel
  #fault: RequestError | undefined

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
    this.#controller.signal.addEventListener('abort', () => stream.abort(this.#fault ?? BROKEN))
    if (this.#fault !== undefined) stream.abort(this.#fault)
  }

  /** Something came: only the total time counts from now on. */
  firstByte(): void {
    this.#cancelFirst()
  }

  /** The deadline that passed, if one did: the cause of whatever broke after it. */
  fault(): RequestError | undefined {
    return this.#fault
  }

  stop(): void {
    this.#cancelFirst()
    this.#cancelTotal()
  }

  #expire(fault: RequestFailureReason): void {
    this.#fault ??= new RequestError(fault)
    this.#controller.abort(this.#fault)
  }
}

const BROKEN = new RequestError('broken')
