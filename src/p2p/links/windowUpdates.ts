/**
 * Fewer frames at low load. A stream of @libp2p/yamux 8.0.3 grants its sender what it has received
 * with every frame that comes: each message is answered by a frame of its own, which costs an
 * encryption, a write, a wake-up of the sender and a decryption. Here half of the window has to be
 * used first, as in the muxers of Go and Rust; a sender that is at half of its window is not held
 * up.
 */
import { StreamState, YamuxStream } from '@libp2p/yamux/stream'
import { assert } from '../../lib/assert.ts'

/** States in which nothing but the window could have to be told to the other end. */
const GRANTING: readonly StreamState[] = [StreamState.SYNReceived, StreamState.Established]

let isInstalled = false

/** For every stream of this process, from now on; more calls change nothing. */
export function grantWindowsByHalves(): void {
  if (isInstalled) return
  isInstalled = true
  const send: unknown = Reflect.get(YamuxStream.prototype, 'sendWindowUpdate')
  assert(typeof send === 'function', '@libp2p/yamux grants windows by sendWindowUpdate')
  YamuxStream.prototype.sendWindowUpdate = function (this: YamuxStream): void {
    if (!isHalfThere(this)) Reflect.apply(send, this, [])
  }
}

/** The library keeps both figures to itself. */
function isHalfThere(stream: YamuxStream): boolean {
  const capacity: unknown = Reflect.get(stream, 'recvWindowCapacity')
  const window: unknown = Reflect.get(stream, 'recvWindow')
  assert(typeof capacity === 'number' && typeof window === 'number', 'a yamux stream has windows')
  return GRANTING.includes(stream.state) && capacity > window / 2
}
