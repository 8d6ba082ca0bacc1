import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AgingMap } from '../../src/lib/agingMap.ts'

const BOUNDS = { maxEntries: 4, maxAgeMs: 10 }

/**
 * The same by the simplest means: a list of entries, oldest first, those that were deleted among
 * them.
 */
class Model {
  #entries: { key: string; value: number; setMs: number; isDeleted: boolean }[] = []

  get(key: string): number | undefined {
    return this.#entries.find((entry) => entry.key === key && !entry.isDeleted)?.value
  }

  set(key: string, value: number, setMs: number): boolean {
    if (this.get(key) !== undefined) return false
    this.#entries = [...this.#entries, { key, value, setMs, isDeleted: false }].slice(
      -BOUNDS.maxEntries,
    )
    return true
  }

  delete(key: string): boolean {
    const found = this.#entries.find((entry) => entry.key === key && !entry.isDeleted)
    if (found !== undefined) found.isDeleted = true
    return found !== undefined
  }

  prune(nowMs: number): void {
    this.#entries = this.#entries.filter(({ setMs }) => setMs >= nowMs - BOUNDS.maxAgeMs)
  }

  get size(): number {
    return this.#entries.filter(({ isDeleted }) => !isDeleted).length
  }
}

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant('set' as const), key }) },
  fc.record({ op: fc.constant('delete' as const), key }),
  fc.record({ op: fc.constant('prune' as const), key }),
)

describe('an AgingMap', () => {
  test('does what a list of its entries in the order of their age would do', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.nat(5)), { maxLength: 60 }), (steps) => {
        const [map, model] = [new AgingMap<number>(BOUNDS), new Model()]
        let nowMs = 0
        for (const [index, [{ op, key }, laterMs]] of steps.entries()) {
          nowMs += laterMs
          const does = (to: AgingMap<number> | Model): unknown => {
            if (op === 'set') return to.set(key, index, nowMs)
            return op === 'delete' ? to.delete(key) : to.prune(nowMs)
          }
          expect(does(map)).toBe(does(model))
          for (const each of 'abcdef') {
            expect(map.get(each)).toBe(model.get(each))
            expect(map.has(each)).toBe(model.get(each) !== undefined)
          }
          expect(map.size).toBe(model.size)
          map.assertInvariants()
        }
      }),
    )
  })

  test('keeps the first value and age of a key that comes again', () => {
    const map = new AgingMap<string>(BOUNDS)
    expect(map.set('a', 'first', 0)).toBe(true)
    expect(map.set('a', 'second', 9)).toBe(false)
    expect(map.get('a')).toBe('first')
    map.prune(11)
    expect(map.has('a')).toBe(false)
  })

  test('filled far beyond its bound holds the newest, one more for one less', () => {
    const map = new AgingMap<number>({ maxEntries: 1_000, maxAgeMs: Infinity })
    for (let i = 0; i < 100_000; i++) map.set(String(i), i, i)
    expect(map.size).toBe(1_000)
    expect(map.has('98999')).toBe(false)
    expect(map.get('99000')).toBe(99_000)
  })

  test('that was cleared is as new', () => {
    const map = new AgingMap<number>(BOUNDS)
    for (const each of 'abcdef') map.set(each, 1, 0)
    map.clear()
    expect(map.size).toBe(0)
    expect(map.set('a', 2, 0)).toBe(true)
    map.assertInvariants()
  })
})
