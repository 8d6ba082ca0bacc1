import { expect, test } from 'vitest'
import '../../src/lib/polyfill.ts'

test('a promise with its resolvers is settled by them', async () => {
  const kept = Promise.withResolvers<number>()
  kept.resolve(7)
  expect(await kept.promise).toBe(7)
  const broken = Promise.withResolvers<number>()
  broken.reject(new Error('a reason'))
  await expect(broken.promise).rejects.toThrow('a reason')
})
