import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { BoundedMap } from '../../src/lib/boundedMap.ts'

test('drops the least recently used entry, and says which, when one too many is set', () => {
  const map = new BoundedMap<string, number>(2)
  expect(map.set('a', 1)).toBeUndefined()
  expect(map.set('b', 2)).toBeUndefined()
  map.get('a')
  expect(map.set('c', 3)).toEqual(['b', 2])
  expect([...map.keys()]).toEqual(['a', 'c'])
})

test('a peek and a has are no use', () => {
  const map = new BoundedMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  expect(map.peek('a')).toBe(1)
  expect(map.has('a')).toBe(true)
  expect(map.set('c', 3)).toEqual(['a', 1])
})

test('setting a key again replaces its value, and drops nobody', () => {
  const map = new BoundedMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  expect(map.set('a', 3)).toBeUndefined()
  expect([...map.entries()]).toEqual([
    ['b', 2],
    ['a', 3],
  ])
})

test('entries may be deleted while they are walked over', () => {
  const map = new BoundedMap<number, number>(9)
  for (let i = 0; i < 9; i++) map.set(i, i)
  for (const key of map.keys()) {
    map.delete(key)
    map.delete(key + 1)
  }
  expect(map.size).toBe(0)
  map.assertInvariants()
})

test.each([0, -1, 1.5, Number.NaN, Infinity])('refuses a bound of %d', (bound) => {
  expect(() => new BoundedMap(bound)).toThrow(RangeError)
})

type Command = readonly [kind: 'set' | 'get' | 'peek' | 'has' | 'delete', key: number]

const command: fc.Arbitrary<Command> = fc.tuple(
  fc.constantFrom<Command[0]>('set', 'set', 'get', 'peek', 'has', 'delete'),
  fc.nat(7),
)

/** The same as a plain array of entries, least recently used first. */
class Model {
  entries: [number, number][] = []
  readonly #bound: number

  constructor(bound: number) {
    this.#bound = bound
  }

  run([kind, key]: Command, value: number): unknown {
    const known = this.entries.find((entry) => entry[0] === key)
    const others = this.entries.filter((entry) => entry !== known)
    if (kind === 'has') return known !== undefined
    if (kind === 'peek') return known?.[1]
    if (kind === 'delete') {
      this.entries = others
      return known !== undefined
    }
    if (kind === 'get') {
      if (known !== undefined) this.entries = [...others, known]
      return known?.[1]
    }
    this.entries = [...others, [key, value]]
    return this.entries.length > this.#bound ? this.entries.shift() : undefined
  }
}

function run(map: BoundedMap<number, number>, [kind, key]: Command, value: number): unknown {
  return kind === 'set' ? map.set(key, value) : map[kind](key)
}

test('answers and orders like a plain array of entries, whatever is asked', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(command, { maxLength: 60 }),
      (bound, commands) => {
        const map = new BoundedMap<number, number>(bound)
        const model = new Model(bound)
        commands.forEach((command, index) => {
          expect(run(map, command, index)).toEqual(model.run(command, index))
          expect([...map.entries()]).toEqual(model.entries)
          expect([...map.keys()]).toEqual(model.entries.map(([key]) => key))
          expect([...map.values()]).toEqual(model.entries.map(([, value]) => value))
          expect(map.size).toBe(model.entries.length)
          map.assertInvariants()
        })
      },
    ),
  )
})
