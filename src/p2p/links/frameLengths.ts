/**
 * Stops the frame decoder from throwing after every complete frame. The decoder of @libp2p/utils
 * 7.4.1, which noise uses to split its input, tries to read one more length when its buffer is
 * empty, and catches its own error. At rest that cost a node as much as decrypting the frame. With
 * this change the decoder stops when its buffer is empty.
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
