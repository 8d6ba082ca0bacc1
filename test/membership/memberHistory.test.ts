import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PeerId } from '../../src/gossip/network.ts'
import { Emitter } from '../../src/lib/emitter.ts'
import type { Member, MemberChange } from '../../src/membership/member.ts'
import { MemberHistory } from '../../src/membership/memberHistory.ts'
import { memberRecord } from '../builders/members.ts'

/** A history of this room, and what makes the next changes, numbered by their time. */
function historyOf(room: number) {
  const changes = new Emitter<MemberChange>()
  const history = new MemberHistory(room)
  history.follow(changes)
  const state = { made: 0 }
  const make = (count: number): void => {
    for (let left = count; left > 0; left--)
      changes.emit({ member: memberAt(state.made++), before: undefined })
  }
  return { history, make, state }
}

test('every change is told once and in order, and what was overwritten before it was read is counted', () => {
  const turn = fc.record({
    made: fc.integer({ min: 0, max: 9 }),
    limit: fc.integer({ min: 0, max: 6 }),
  })
  const room = fc.integer({ min: 1, max: 8 })
  fc.assert(
    fc.property(room, fc.array(turn, { maxLength: 40 }), (kept, turns) => {
      const { history, make, state } = historyOf(kept)
      let cursor = 0
      for (const { made, limit } of turns) {
        make(made)
        const page = history.since(cursor, limit)
        const from = Math.max(cursor, state.made - kept)
        const to = Math.min(state.made, from + limit)
        expect(page.lost).toBe(from - cursor)
        expect(page.changes.map(({ atMs }) => atMs)).toEqual(
          Array.from({ length: to - from }, (_, at) => from + at),
        )
        expect(page.cursor).toBe(to)
        cursor = page.cursor
      }
    }),
  )
})

test('a cursor beyond the end, as one of an earlier life, reads nothing', () => {
  const { history, make } = historyOf(4)
  make(1)
  expect(history.since(99, 10)).toEqual({ cursor: 1, lost: 0, changes: [] })
})

function memberAt(atMs: number): Member {
  const record = memberRecord('a')
  const told = { by: 'b' as PeerId, route: 'gossip', atMs } as const
  return { peer: record.peer, record, state: 'alive', sinceMs: atMs, told }
}
