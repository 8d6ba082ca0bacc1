import { assert, bigInt, property } from 'fast-check'
import { expect, test } from 'vitest'
import { hashOfText, idText } from '../../src/p2p/router/messageIds.ts'
import { numberOfId, PrefixIds } from '../../src/p2p/router/prefixIds.ts'

const ids = new PrefixIds()

test('the id of a message is its first 8 bytes, whatever its topic', () => {
  const data = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect([...ids.of('a', data)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect([...ids.of('b', data.subarray(0, 8))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})

test('a message that is shorter counts as if zeros followed', () => {
  expect([...ids.of('a', Uint8Array.from([5]))]).toEqual([5, 0, 0, 0, 0, 0, 0, 0])
  expect(numberOfId(ids.of('a', new Uint8Array(0)).text)).toBe('0')
})

test('an id of ours and the same id from a peer are one text, from which the number follows', () => {
  assert(
    property(bigInt({ min: 0n, max: 2n ** 64n - 1n }), (number) => {
      const data = new Uint8Array(20)
      new DataView(data.buffer).setBigUint64(0, number)
      const own = ids.of('a', data)
      expect(idText(new Uint8Array(own))).toBe(own.text)
      expect(hashOfText(own.text)).toBe(own.hash)
      expect(numberOfId(own.hash)).toBe(String(number))
    }),
  )
})
