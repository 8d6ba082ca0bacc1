import { createMPT } from '@ethereumjs/mpt'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { orderedTrieRoot } from '../../src/block/orderedTrie.ts'
import { EMPTY_TRIE_ROOT } from '../../src/block/trie.ts'
import { bigintToBytes, bytesToHex } from '../../src/lib/bytes.ts'
import { encodeRlp } from '../../src/lib/rlp.ts'

const value = fc.uint8Array({ minLength: 1, maxLength: 40 })

async function oracleRoot(values: readonly Uint8Array[]): Promise<string> {
  const oracle = await createMPT()
  for (const [index, item] of values.entries())
    await oracle.put(encodeRlp(bigintToBytes(BigInt(index))), item)
  return bytesToHex(oracle.root())
}

test('has the root of an independent trie, also where the index takes a second and a third byte', async () => {
  for (const count of [1, 2, 16, 17, 127, 128, 129, 255, 256, 257, 640])
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: count, maxLength: count }), async (values) => {
        expect(orderedTrieRoot(values)).toBe(await oracleRoot(values))
      }),
      { numRuns: 2 },
    )
})

test('no values have the root of the empty trie', () => {
  expect(orderedTrieRoot([])).toBe(EMPTY_TRIE_ROOT)
})

test('the order counts', () => {
  const [a, b] = [Uint8Array.of(1), Uint8Array.of(2)]
  expect(orderedTrieRoot([a, b])).not.toBe(orderedTrieRoot([b, a]))
})
