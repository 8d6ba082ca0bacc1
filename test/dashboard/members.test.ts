import { expect, test } from 'vitest'
import { DASHBOARD_LIMITS } from '../../src/dashboard/model/limits.ts'
import { pollMembers, viewOf } from '../../src/dashboard/model/memberPoller.ts'
import type { MembersView } from '../../src/dashboard/model/terms.ts'
import type { MemberAnswer } from '../../src/instrument/rpc/memberAnswers.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'

function member(peer: string, changes: Partial<MemberAnswer> = {}): MemberAnswer {
  return {
    peer,
    state: 'alive',
    incarnation: 1,
    sinceMs: 5,
    toldBy: peer,
    role: 'relay',
    client: 'grapevine',
    addresses: [],
    ...changes,
  }
}

function indexOf(peerId: string): number | undefined {
  return /^p\d+$/.test(peerId) ? Number(peerId.slice(1)) : undefined
}

test('members are shown by the number of their peer, with who told, strangers last', () => {
  const view = viewOf(
    0,
    [member('stranger', { toldBy: 'p1' }), member('p1'), member('p0', { toldBy: 'stranger' })],
    indexOf,
  )
  expect(view.total).toBe(3)
  expect(view.rows.map(({ peer, peerId, toldBy }) => [peer, peerId, toldBy])).toEqual([
    [0, 'p0', 'stranger'],
    [1, 'p1', 'itself'],
    [null, 'stranger', 'peer 1'],
  ])
})

test('of more members than a page shows, those that are not alive are shown', () => {
  const many = Array.from({ length: DASHBOARD_LIMITS.maxShownMembers }, (_, at) => member(`p${at}`))
  const view = viewOf(0, [...many, member('p900', { state: 'dead' })], indexOf)
  expect(view.rows).toHaveLength(DASHBOARD_LIMITS.maxShownMembers)
  expect(view.total).toBe(many.length + 1)
  expect(view.rows.at(-1)).toMatchObject({ peer: 900, state: 'dead' })
})

test('the first peer that runs is asked while somebody watches, and one that does not answer is asked again', async () => {
  const clock = new ManualClock()
  const shown: MembersView[] = []
  let isWatched = false
  let asked = 0
  const call = async (): Promise<unknown> => {
    if (++asked === 1) throw new Error('no answer')
    return [member('p3')]
  }
  const end = pollMembers({
    clock,
    peers: () => [{ index: 3, call }],
    isWatched: () => isWatched,
    indexOf,
    show: (view) => shown.push(view),
  })
  const second = async (): Promise<void> => {
    clock.advance(DASHBOARD_LIMITS.membersMs)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await second()
  expect(asked).toBe(0)
  isWatched = true
  await second()
  await second()
  expect(shown.map(({ by, total }) => [by, total])).toEqual([[3, 1]])
  end()
  await second()
  expect(asked).toBe(2)
})
