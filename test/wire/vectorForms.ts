/** The form of the vectors of the wire protocol. */
import { expect } from 'vitest'
import { bytesToHex } from '../../src/lib/bytes.ts'

/**
 * One exchange as another implementation checks it: what it means, and its bytes without the length
 * before each frame.
 */
export interface WireVector {
  readonly name: string
  readonly means: unknown
  readonly request?: string
  readonly answer?: readonly string[]
}

/** What a message means, as JSON: integers as decimal text, bytes as hex. */
export function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? null, (_, one: unknown) => {
      if (typeof one === 'bigint') return one.toString()
      if (one instanceof Map) return [...one]
      return one instanceof Uint8Array ? bytesToHex(one) : one
    }),
  )
}

/** A vector of a message whose bytes are read back as what they mean. */
export function read<Message>(
  name: string,
  message: Message,
  encode: (message: Message) => Uint8Array,
  decode: (data: Uint8Array) => Message | undefined,
): { name: string; means: unknown; bytes: string } {
  const bytes = encode(message)
  expect(decode(bytes)).toEqual(message)
  return { name, means: plain(message), bytes: bytesToHex(bytes) }
}

export const asked = ({ name, means, bytes }: ReturnType<typeof read>): WireVector => ({
  name,
  means,
  request: bytes,
})
export const answered = ({ name, means, bytes }: ReturnType<typeof read>): WireVector => ({
  name,
  means,
  answer: [bytes],
})
