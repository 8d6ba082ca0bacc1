import { expect, test } from 'vitest'
import { assert, messageOf } from '../../src/lib/assert.ts'

test('a broken invariant throws and names itself', () => {
  expect(() => assert(false, 'one is two')).toThrow('invariant broken: one is two')
  expect(() => assert(true, 'one is one')).not.toThrow()
})

test.each([
  [new Error('a reason'), 'a reason'],
  [new TypeError('a type'), 'a type'],
  ['just text', 'just text'],
  [undefined, 'undefined'],
  [null, 'null'],
])('the message of %o is %j', (thrown, message) => {
  expect(messageOf(thrown)).toBe(message)
})
