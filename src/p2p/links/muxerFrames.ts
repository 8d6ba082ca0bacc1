/**
 * Frames of a bounded size. A stream of @libp2p/yamux 8.0.3 puts all that the window of the
 * receiver allows into one frame, whatever `maxMessageSize` says. rust-yamux closes a connection at
 * a frame of more than 1 MiB (`MAX_FRAME_BODY_LEN`), and what other streams send waits behind a
 * large frame. Here a stream sends its data in parts.
 */
import { YamuxStream } from '@libp2p/yamux/stream'
import { assert } from '../../lib/assert.ts'
import { LIMITS } from '../limits.ts'

const MAX_FRAME_BYTES = LIMITS.muxerMaxMessageBytes.value

let isInstalled = false

/** For every stream of this process, from now on; more calls change nothing. */
export function boundMuxerFrames(): void {
  if (isInstalled) return
  isInstalled = true
  const send = Object.getOwnPropertyDescriptors(YamuxStream.prototype).sendData.value
  assert(send !== undefined, '@libp2p/yamux sends data by sendData')
  // The caller keeps what was not sent, and sends it next.
  YamuxStream.prototype.sendData = function (this: YamuxStream, data) {
    const isSmall = data.byteLength <= MAX_FRAME_BYTES
    return send.call(this, isSmall ? data : data.sublist(0, MAX_FRAME_BYTES))
  }
}
