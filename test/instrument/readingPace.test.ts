import { expect, test } from 'vitest'
import { ReadingPace } from '../../src/instrument/readings/readingPace.ts'

const PEERS = Array.from({ length: 16 }, (_, index) => ({ index }))

/** Reads in rounds, each finding `perRound` more sightings a peer, and answers who was read. */
function rounds(count: number, perRound: number, peers = PEERS): number[][] {
  const read = new Map<number, number>()
  const lastRound = new Map<number, number>()
  const pace = new ReadingPace((index) => read.get(index) ?? 0)
  return Array.from({ length: count }, (_, round) => {
    const due = pace.due(peers)
    for (const index of due) {
      const since = round - (lastRound.get(index) ?? -1)
      read.set(index, (read.get(index) ?? 0) + since * perRound)
      lastRound.set(index, round)
    }
    return due
  })
}

test('peers that have little to tell are read every eighth round, in turn', () => {
  const late = rounds(64, 2).slice(-8)
  expect(late.flat().toSorted((a, b) => a - b)).toEqual(PEERS.map(({ index }) => index))
  expect(late.every((due) => due.length === 2)).toBe(true)
})

test('a peer that has much to tell is read in every round', () => {
  expect(
    rounds(64, 2_000)
      .slice(-8)
      .every((due) => due.length === PEERS.length),
  ).toBe(true)
})

test('no reading of a steady peer has more than it can tell in a few milliseconds', () => {
  const [peer] = PEERS
  for (const perRound of [1, 30, 60, 99, 101, 150, 240, 499])
    for (const gap of gaps(rounds(256, perRound, peer === undefined ? [] : [peer]).slice(-64)))
      expect(gap * perRound).toBeLessThanOrEqual(1_000)
})

test('a peer at rest that begins to tell much is read in every round soon', () => {
  let read = 0
  const pace = new ReadingPace(() => read)
  for (let round = 0; round < 64; round++) pace.due([{ index: 0 }])
  const busy = Array.from({ length: 48 }, () => {
    const due = pace.due([{ index: 0 }])
    if (due.length > 0) read += 5_000
    return due.length
  })
  expect(busy.slice(-8)).toEqual(Array.from({ length: 8 }, () => 1))
})

/** Rounds between two readings. */
function gaps(due: readonly (readonly number[])[]): number[] {
  const at = due.flatMap((indexes, round) => (indexes.length > 0 ? [round] : []))
  return at.slice(1).map((round, place) => round - (at[place] ?? 0))
}
