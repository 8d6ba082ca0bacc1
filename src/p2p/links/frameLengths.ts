/**
 * No exceptions for frames that are whole. The decoder of @libp2p/utils 7.4.1, by which noise divides what comes in, ends
 * each piece by reading a length where nothing is left: the error that it throws and catches cost a node at rest as
 * much as the decryption of the frame. Here it ends where the buffer is empty.
 */
import { LengthPrefixedDecoder } from '@libp2p/utils'
import { assert } from '../../lib/assert.ts'

let isInstalled = false

/** For every connection of this process, from now on; more calls change nothing. */
export function endFramesAtTheirEnd(): void {
  if (isInstalled) return
  isInstalled = true
  const decode = Object.getOwnPropertyDescriptors(LengthPrefixedDecoder.prototype).decode.value
  assert(decode !== undefined, '@libp2p/utils decodes frames by decode')
  LengthPrefixedDecoder.prototype.decode = function* (this: LengthPrefixedDecoder, data) {
    for (const frame of decode.call(this, data)) {
      yield frame
      if (isEmpty(this)) return
    }
  }
}

/** The library keeps its buffer to itself. */
function isEmpty(decoder: LengthPrefixedDecoder): boolean {
  const buffer: unknown = Reflect.get(decoder, 'buffer')
  assert(
    typeof buffer === 'object' && buffer !== null && 'byteLength' in buffer,
    'a decoder of @libp2p/utils has a buffer',
  )
  return buffer.byteLength === 0
}
