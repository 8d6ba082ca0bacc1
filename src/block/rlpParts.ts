import { firstRlpItemLength, type RlpDefect } from '../lib/rlp.ts'

/**
 * The items of an encoded list, each as its own encoded bytes, without decoding what is inside: so
 * the number of items and their sizes can be judged before a hostile list costs a thousand times
 * its bytes in objects. `not-a-list` and `too-many` are answers about `data`; what stands in the
 * parts is for their decoders to judge.
 */
export function rlpListParts(
  data: Uint8Array,
  maxParts: number,
): Uint8Array[] | RlpDefect | 'not-a-list' | 'too-many' {
  const length = firstRlpItemLength(data)
  if (typeof length === 'string') return length
  if ((data[0] ?? 0) < 0xc0) return 'not-a-list'
  if (length !== data.length) return length > data.length ? 'rlp-truncated' : 'rlp-trailing-bytes'
  return splitItems(data.subarray(listPrefixLength(data)), maxParts)
}

function splitItems(payload: Uint8Array, maxParts: number): Uint8Array[] | RlpDefect | 'too-many' {
  const parts: Uint8Array[] = []
  let at = 0
  while (at < payload.length) {
    if (parts.length === maxParts) return 'too-many'
    const rest = payload.subarray(at)
    const length = firstRlpItemLength(rest)
    if (typeof length === 'string') return length
    if (length > rest.length) return 'rlp-truncated'
    parts.push(rest.subarray(0, length))
    at += length
  }
  return parts
}

function listPrefixLength(data: Uint8Array): number {
  const prefix = data[0] ?? 0
  return prefix <= 0xf7 ? 1 : 1 + prefix - 0xf7
}
