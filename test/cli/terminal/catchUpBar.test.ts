import { expect, test } from 'vitest'
import { catchUpLine } from '../../../src/cli/terminal/catchUpBar.ts'

const progress = { startingBlock: 1_000n, currentBlock: 1_500n, highestBlock: 3_000n }

test('tells where catching up stands, and from when on it can be known how long it will take', () => {
  expect(catchUpLine(progress, 100, 500)).toBe(
    'catching up [######..................]  25 %  block 1500 of 3000',
  )
  expect(catchUpLine(progress, 500, 4_000)).toMatch(/of 3000, 125 a second, 12 s left$/)
  expect(catchUpLine(progress, 10, 4_000)).toMatch(/of 3000, 3 a second, 10 min left$/)
  expect(catchUpLine(progress, 1, 10_000)).toMatch(/5 h left$/)
})

test('shows what is done where the head that peers claimed is behind it', () => {
  const over = { ...progress, highestBlock: 1_500n }
  expect(catchUpLine(over, 500, 4_000)).toMatch(/\] 100 % .* 0 s left$/)
  expect(catchUpLine({ ...over, startingBlock: 1_500n }, 0, 4_000)).toMatch(/\] 100 %/)
})
