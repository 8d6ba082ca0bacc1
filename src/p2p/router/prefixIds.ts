/**
 * Message ids of gossipsub-interop: the first 8 bytes of a message, a number that its publisher
 * chose. The router keeps an id as text with the first byte last, as `messageIds.ts` has it, and
 * events carry that text.
 */
import type { Hash } from '../../crypto/keccak.ts'
import { idText, MessageId, MessageIds } from './messageIds.ts'

/** Bytes of an id, and the least that a message has. */
export const PREFIX_BYTES = 8

/** Ids of topics whose messages begin with their number. */
export class PrefixIds extends MessageIds {
  constructor() {
    super([])
  }

  /** A message that is shorter counts as if zeros followed. */
  override of(_topic: string, data: Uint8Array): MessageId {
    const id = new Uint8Array(PREFIX_BYTES)
    id.set(data.subarray(0, PREFIX_BYTES))
    const text = idText(id)
    return new MessageId(id, text as Hash, text, data.length)
  }
}

/** The number in an id as the router and its events have it, in decimal. */
export function numberOfId(text: string): string {
  const first = text.slice(-2)
  return BigInt(`0x${first}${text.slice(2, -2)}`).toString()
}
