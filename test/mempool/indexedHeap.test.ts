import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { IndexedHeap } from '../../src/mempool/indexedHeap.ts'

interface Item {
  key: number
}

function drain(heap: IndexedHeap<Item>): number[] {
  const keys: number[] = []
  for (let first = heap.first(); first !== undefined; first = heap.first()) {
    keys.push(first.key)
    heap.delete(first)
    heap.assertInvariants()
  }
  return keys
}

describe('IndexedHeap', () => {
  test('gives its members in order after any insertions, moves and removals', () => {
    const step = fc.record({
      which: fc.nat(20),
      key: fc.integer({ min: 0, max: 50 }),
      isRemoval: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const items = Array.from({ length: 21 }, (): Item => ({ key: 0 }))
        const members = new Set<Item>()
        const heap = new IndexedHeap<Item>((a, b) => a.key < b.key)
        for (const { which, key, isRemoval } of steps) {
          const item = items[which] as Item
          if (!isRemoval) item.key = key
          const wasMember = isRemoval ? members.delete(item) : members.has(item)
          if (!isRemoval) members.add(item)
          expect(isRemoval ? heap.delete(item) : heap.has(item)).toBe(wasMember)
          if (!isRemoval) heap.put(item)
          heap.assertInvariants()
          expect(heap.size).toBe(members.size)
          expect(heap.has(item)).toBe(members.has(item))
        }
        const sorted = [...members].map((item) => item.key).sort((a, b) => a - b)
        expect(drain(heap)).toEqual(sorted)
      }),
    )
  })

  test('restores its order after all keys changed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 60 }), (keys) => {
        const items = keys.map((key): Item => ({ key: -key }))
        const heap = new IndexedHeap<Item>((a, b) => a.key < b.key)
        for (const item of items) heap.put(item)
        for (const [at, item] of items.entries()) item.key = keys[at] ?? 0
        heap.rebuild()
        heap.assertInvariants()
        expect(drain(heap)).toEqual([...keys].sort((a, b) => a - b))
      }),
    )
  })

  test('its invariants notice a key that changed behind its back', () => {
    const items = [1, 2, 3].map((key): Item => ({ key }))
    const heap = new IndexedHeap<Item>((a, b) => a.key < b.key)
    for (const item of items) heap.put(item)
    for (const item of items) item.key = -item.key
    expect(() => heap.assertInvariants()).toThrow('no heap member goes before its parent')
  })
})
