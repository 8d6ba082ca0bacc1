/**
 * Lets a stream be read whose request and end came before anybody listened, which is so when a peer
 * opens it lazily the moment that the connection is there. The protocol negotiation then reads to
 * the end and gives back what is not its own, but the streams of @libp2p/utils 7.4.1 take nothing
 * back once they were read to their end: the request was lost.
 */
import { AbstractMessageStream } from '@libp2p/utils'

let isInstalled = false

/** For every stream of this process, from now on; more calls change nothing. */
export function keepEarlyRequests(): void {
  if (isInstalled) return
  isInstalled = true
  const unshift = Reflect.get(AbstractMessageStream.prototype, 'unshift')
  AbstractMessageStream.prototype.unshift = function (data) {
    const wasReadToItsEnd = this.status === 'open' && this.remoteWriteStatus === 'closed'
    if (wasReadToItsEnd && this.readStatus === 'closed') this.readStatus = 'readable'
    unshift.call(this, data)
  }
}
