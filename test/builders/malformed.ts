/**
 * A message in RLP with one of its fields replaced, left out or doubled: every field in turn, by
 * values of many lengths.
 */
import { decodeRlp, encodeRlp, type RlpItem } from '../../src/lib/rlp.ts'

/**
 * Around every bound that a field of a message has: numbers, hashes, signatures, names, envelopes.
 */
const LENGTHS = [0, 1, 2, 4, 5, 6, 7, 8, 9, 16, 17, 31, 32, 33, 64, 65, 66, 96, 97, 128, 129, 1025]
const BYTES = [0x00, 0x01, 0x7f, 0xff]

const REPLACEMENTS: readonly RlpItem[] = [
  [],
  [[]],
  [new Uint8Array(0), new Uint8Array(0)],
  Array.from({ length: 70 }, () => new Uint8Array(32).fill(7)),
  ...LENGTHS.flatMap((length) => BYTES.map((byte) => new Uint8Array(length).fill(byte))),
]

/** The bytes of all messages that differ from this one in one place. Throws where it is no RLP. */
export function* malformed(message: Uint8Array): Generator<Uint8Array> {
  const item = decodeRlp(message)
  if (typeof item === 'string') throw new Error(`the message is no RLP: ${item}`)
  for (const changed of changesOf(item)) yield encodeRlp(changed)
  for (let length = 0; length < message.length; length++) yield message.subarray(0, length)
  yield Uint8Array.from([...message, 0])
}

function* changesOf(item: RlpItem): Generator<RlpItem> {
  yield* REPLACEMENTS
  if (item instanceof Uint8Array) return
  for (const [at, part] of item.entries()) {
    const [before, after] = [item.slice(0, at), item.slice(at + 1)]
    yield [...before, ...after]
    yield [...before, part, part, ...after]
    for (const changed of changesOf(part)) yield [...before, changed, ...after]
  }
}
