import { expect, test } from 'vitest'
import { CopyColumns, type Copy } from '../../src/measure/copyColumns.ts'

const COPY: Copy = {
  node: 0,
  from: undefined,
  receivedMs: 0,
  judgedMs: 0,
  queuedMs: 0,
  route: 'push',
  outcome: 'accepted',
  bytes: 1,
}

/** The order of rows whose copies were judged at these times by these nodes. */
function orderOf(rows: readonly (readonly [judgedMs: number, node: number])[]): number[] {
  const columns = new CopyColumns()
  for (const [judgedMs, node] of rows)
    columns.add({ ...COPY, node, receivedMs: judgedMs, judgedMs }, 0)
  return [...columns.inOrder()]
}

test('copies are in the order of their times, and of their nodes where the time is the same', () => {
  expect(orderOf([])).toEqual([])
  expect(
    orderOf([
      [1, 9],
      [2, 7],
      [2, 3],
      [2, 5],
      [3, 1],
    ]),
  ).toEqual([0, 2, 3, 1, 4])
})

test('copies of one node in one moment stay in the order in which they were added', () => {
  expect(
    orderOf([
      [1, 2],
      [1, 1],
      [1, 2],
      [1, 1],
    ]),
  ).toEqual([1, 3, 0, 2])
})

test('a hundred thousand copies of one moment are put in order', () => {
  const count = 100_000
  const rows = Array.from({ length: count }, (_, at) => [5, count - at] as const)
  expect(orderOf(rows).slice(0, 3)).toEqual([count - 1, count - 2, count - 3])
})
