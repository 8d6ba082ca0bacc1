import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { BucketQueue } from '../../src/lib/bucketQueue.ts'

test('gives out what is due by time, and what is due at once in the order in which it came', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 200 }), (times) => {
      const queue = new BucketQueue<{ time: number; order: number }>()
      for (const [order, time] of times.entries()) queue.add(time, { time, order })
      const taken: { time: number; order: number }[] = []
      while (queue.size > 0) {
        const time = queue.nextTime
        const bucket = queue.take()
        expect(bucket.every((item) => item.time === time)).toBe(true)
        taken.push(...bucket)
      }
      const expected = times
        .map((time, order) => ({ time, order }))
        .toSorted((a, b) => a.time - b.time || a.order - b.order)
      expect(taken).toEqual(expected)
      expect(queue.nextTime).toBe(Infinity)
    }),
  )
})

test('keeps what is added at a time that has been taken for the next take', () => {
  const queue = new BucketQueue<string>()
  queue.add(5, 'first')
  const bucket = queue.take()
  queue.add(5, 'second')
  expect([bucket, queue.take(), queue.take()]).toEqual([['first'], ['second'], []])
})
