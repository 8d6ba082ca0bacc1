import { expect, test } from 'vitest'
import { AnswerTimes } from '../../src/membership/answerTimes.ts'

function afterAnswers(timesMs: readonly number[]): number {
  const answers = new AnswerTimes()
  for (const tookMs of timesMs) answers.add(tookMs)
  return answers.patienceMs
}

test('nothing is waited for longer before most of nine answers have come', () => {
  expect(afterAnswers([])).toBe(0)
  expect(afterAnswers([900, 900, 900, 900])).toBe(0)
  expect(afterAnswers([900, 900, 900, 900, 900])).toBe(3_600)
})

test('an answer is waited for four times as long as the median of the last nine took', () => {
  expect(afterAnswers([1, 2, 3, 4, 5, 6, 7, 8, 9])).toBe(20)
  expect(afterAnswers([...Array.from({ length: 9 }, () => 900), ...Array(9).fill(10)])).toBe(40)
})

test('four of nine that answer late on purpose change nothing', () => {
  expect(afterAnswers([10, 9_000, 10, 9_000, 10, 9_000, 10, 9_000, 10])).toBe(40)
})
