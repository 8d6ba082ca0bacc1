import { createMPT } from '@ethereumjs/mpt'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EMPTY_TRIE_ROOT, Trie, type TrieEntry } from '../../src/block/trie.ts'
import { keccak256 } from '../../src/crypto/keccak.ts'
import { bytesToHex, hexToBytes } from '../../src/lib/bytes.ts'
import secureTrieTests from '../vectors/trie/securetrietest.json' with { type: 'json' }
import trieTests from '../vectors/trie/trietest.json' with { type: 'json' }

type Change = readonly [key: Uint8Array, value: Uint8Array]

/**
 * Few short keys over few bytes: prefixes of each other, shared paths and removals of what is there
 * are common.
 */
const shortKey = fc.array(fc.constantFrom(0x00, 0x01, 0x10, 0x11, 0xff), { maxLength: 3 })
const key = fc.oneof(
  { weight: 4, arbitrary: shortKey.map((bytes) => Uint8Array.from(bytes)) },
  { weight: 1, arbitrary: shortKey.map((bytes) => keccak256(Uint8Array.from(bytes))) },
)
/** Around 32 bytes it is decided whether a node is embedded or named by its hash. */
const value = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 4 }),
  fc.uint8Array({ minLength: 24, maxLength: 40 }),
)
const change: fc.Arbitrary<Change> = fc.tuple(
  key,
  fc.oneof(
    { weight: 3, arbitrary: value },
    { weight: 2, arbitrary: fc.constant(new Uint8Array()) },
  ),
)
const changes = fc.array(change, { maxLength: 40 })
/** The oracle, at version 10.1.3, loses what else it holds when the empty key is deleted. */
const changesForOracle = changes.map((all) => all.filter(([k]) => k.length > 0))

function apply(trie: Trie, [changedKey, newValue]: Change): Trie {
  return newValue.length === 0 ? trie.delete(changedKey) : trie.set(changedKey, newValue)
}

/** What is left in the end, by key in hex. */
function survivors(all: readonly Change[]): Map<string, Uint8Array> {
  const left = new Map(all.map(([k, v]) => [bytesToHex(k), v]))
  for (const [k, v] of left) if (v.length === 0) left.delete(k)
  return left
}

function bytesOf(text: string): Uint8Array {
  return text.startsWith('0x') ? hexToBytes(text) : new TextEncoder().encode(text)
}

describe('public vectors', () => {
  const readChange = ([k, v]: readonly (string | null)[]): Change => [
    bytesOf(k ?? ''),
    bytesOf(v ?? ''),
  ]

  test.each(Object.entries(trieTests))('%s', (_, vector) => {
    const trie = vector.in.map(readChange).reduce(apply, Trie.empty)
    expect(trie.root()).toBe(vector.root)
  })

  test.each(Object.entries(secureTrieTests))('secure trie, %s', (_, vector) => {
    const entries = vector.in.map(readChange).map(([k, v]): TrieEntry => [keccak256(k), v])
    expect(entries.reduce(apply, Trie.empty).root()).toBe(vector.root)
    expect(Trie.from(entries).root()).toBe(vector.root)
  })

  test('the empty trie', () => {
    expect(Trie.empty.root()).toBe(
      '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
    )
    expect(EMPTY_TRIE_ROOT).toBe(Trie.empty.root())
  })
})

test('has the root of an independent trie after every change', async () => {
  await fc.assert(
    fc.asyncProperty(changesForOracle, async (all) => {
      const oracle = await createMPT()
      let trie = Trie.empty
      for (const next of all) {
        trie = apply(trie, next)
        const [changedKey, newValue] = next
        await (newValue.length === 0 ? oracle.del(changedKey) : oracle.put(changedKey, newValue))
        expect(trie.root()).toBe(bytesToHex(oracle.root()))
      }
    }),
  )
})

test('holds what a map holds, in canonical form, and builds the same at once', () => {
  fc.assert(
    fc.property(changes, (all) => {
      const trie = all.reduce(apply, Trie.empty)
      trie.assertInvariants()
      const expected = survivors(all)
      for (const [changedKey] of all)
        expect(trie.get(changedKey)).toEqual(expected.get(bytesToHex(changedKey)))
      const built = Trie.from(all)
      built.assertInvariants()
      expect(built.root()).toBe(trie.root())
    }),
  )
})

test('leaves every earlier version as it was', () => {
  fc.assert(
    fc.property(changes, fc.boolean(), (all, hashAtOnce) => {
      const versions = [Trie.empty]
      for (const next of all) {
        const version = apply(versions.at(-1) ?? Trie.empty, next)
        if (hashAtOnce) version.root()
        versions.push(version)
      }
      for (const [count, version] of versions.entries()) {
        const expected = survivors(all.slice(0, count))
        for (const [changedKey] of all)
          expect(version.get(changedKey)).toEqual(expected.get(bytesToHex(changedKey)))
        expect(version.root()).toBe(Trie.from(all.slice(0, count)).root())
      }
    }),
    { numRuns: 40 },
  )
})

test('setting an empty value deletes', () => {
  const trie = Trie.empty.set(Uint8Array.of(1), Uint8Array.of(2))
  expect(trie.set(Uint8Array.of(1), new Uint8Array()).root()).toBe(EMPTY_TRIE_ROOT)
})

test('deleting what is not there answers the very same trie', () => {
  const keys = [[], [0x12], [0x12, 0x34], [0x12, 0x35], [0x77, 0x77]].map((k) => Uint8Array.from(k))
  const trie = keys.reduce((next, k) => next.set(k, Uint8Array.of(1)), Trie.empty)
  for (const absent of [[0x13], [0x12, 0x34, 0x56], [0x12, 0x44], [0x77], [0x80]])
    expect(trie.delete(Uint8Array.from(absent))).toBe(trie)
  expect(Trie.empty.delete(Uint8Array.of(1))).toBe(Trie.empty)
})

test('does not walk into keys that are beside its paths', () => {
  const trie = Trie.empty.set(Uint8Array.of(0x12, 0x34), Uint8Array.of(1))
  const forked = trie.set(Uint8Array.of(0x12, 0x35), Uint8Array.of(2))
  for (const absent of [[], [0x12], [0x13, 0x34], [0x12, 0x36], [0x12, 0x34, 0x00]])
    expect(forked.get(Uint8Array.from(absent))).toBeUndefined()
})

test('tells its entries in the order of keys, and others make the same trie of them', () => {
  fc.assert(
    fc.property(changes, (all) => {
      const trie = all.reduce(apply, Trie.empty)
      const entries = [...trie.entries()]
      const expected = [...survivors(all)].sort(([a], [b]) => (a < b ? -1 : 1))
      expect(entries.map(([k, v]) => [bytesToHex(k), v])).toEqual(expected)
      expect(Trie.from(entries).root()).toBe(trie.root())
    }),
  )
})
