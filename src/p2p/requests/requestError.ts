import { RequestFailure } from '../../gossip/network.ts'

/** Why a request got no whole answer. Words are stable: logs, metrics and tests share them. */
export const REQUEST_FAILURES = {
  'not-connected': 'there is no connection to the peer',
  unsupported: 'the peer does not speak this protocol',
  'request-too-large': 'the request is larger than the protocol allows',
  'frame-too-large': 'a frame is larger than the protocol allows',
  'too-many-frames': 'more frames than the protocol allows',
  'first-byte-timeout': 'nothing came in time',
  'total-timeout': 'the whole answer did not come in time',
  'over-budget': 'too many requests in too short a time',
  broken: 'the stream broke off',
  stopped: 'this node is stopping',
} as const

/** Why a request got no whole answer, by name. */
export type RequestFailureReason = keyof typeof REQUEST_FAILURES

/** Faults that an honest answer never has. */
const BREACHES: readonly RequestFailureReason[] = ['frame-too-large', 'too-many-frames']

/** A request that got no whole answer; `failure` says why. */
export class RequestError extends RequestFailure {
  override readonly name = 'RequestError'
  readonly failure: RequestFailureReason

  constructor(failure: RequestFailureReason, detail = '') {
    const sentence = REQUEST_FAILURES[failure]
    super(detail === '' ? sentence : `${sentence}: ${detail}`, BREACHES.includes(failure))
    this.failure = failure
  }
}

/** Any failure of a stream as a {@link RequestError}. */
export function requestError(error: unknown): RequestError {
  if (error instanceof RequestError) return error
  if (!(error instanceof Error)) return new RequestError('broken', String(error))
  if (error.name.startsWith('InvalidDataLength')) return new RequestError('frame-too-large')
  if (error.name === 'UnsupportedProtocolError') return new RequestError('unsupported')
  return new RequestError('broken', error.message)
}
