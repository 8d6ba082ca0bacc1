import { expect, test } from 'vitest'
import { MemberLife } from '../../src/instrument/members/memberLife.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import type { RpcClient } from '../../src/rpc/client/rpcClient.ts'

const PEERS = [
  { index: 0, peerId: 'a' },
  { index: 1, peerId: 'b' },
  { index: 2, peerId: 'c' },
]

/** A peer that holds these for live; one without a list does not answer. */
function client(live: () => readonly string[] | undefined): RpcClient {
  return {
    url: '',
    call: async () => {
      const peers = live()
      if (peers === undefined) throw new Error('no answer')
      return peers.map((peer) => ({
        peer,
        state: 'alive',
        incarnation: 1,
        sinceMs: 0,
        toldBy: peer,
        role: 'relay',
        client: '',
        addresses: [],
      }))
    },
  }
}

function lifeOf(...lists: (readonly string[] | undefined)[]) {
  const clock = new ManualClock(1_000)
  const clients = lists.map((_, at) => client(() => lists[at]))
  return { life: new MemberLife({ clients, peers: PEERS, clock }), lists, clock }
}

test('members that nobody measures count as nodes, and those that are measured are live from the start', async () => {
  const { life } = lifeOf(['a', 'b', 'c', 'd', 'e'], ['a', 'b', 'c', 'd', 'e'], undefined)
  expect(life.nodes).toBe(3)
  await life.read()
  expect(life.nodes).toBe(5)
  expect([...life.life.liveAt(0)]).toEqual([0, 1, 2])
})

test('a peer is gone when half of those that answer say so, and live again when they do', async () => {
  const { life, lists, clock } = lifeOf(['a', 'b', 'c'], ['a', 'b', 'c'], undefined)
  await life.read()
  lists[0] = ['a', 'b']
  await life.read()
  expect(life.life.stateOf(2)).toBe('up')
  lists[1] = ['a', 'b']
  await life.read()
  expect(life.life.stateOf(2)).toBe('gone')
  clock.advance(5_000)
  lists[0] = ['a', 'b', 'c']
  await life.read()
  expect([...life.life.live]).toEqual([0, 1, 2])
  expect(life.life.changes.slice(3).map(({ atMs, state }) => [atMs, state])).toEqual([
    [1_000, 'gone'],
    [6_000, 'up'],
  ])
})

test('peers that know no members, or do not answer, change nothing', async () => {
  const { life } = lifeOf(undefined, undefined, undefined)
  await life.read()
  expect(life.nodes).toBe(3)
  expect([...life.life.live]).toEqual([0, 1, 2])
})

test('members are asked for once a second at most', async () => {
  let asked = 0
  const clock = new ManualClock(1_000)
  const one = client(() => {
    asked++
    return ['a']
  })
  const life = new MemberLife({ clients: [one], peers: PEERS, clock })
  await life.readIfDue()
  clock.advance(900)
  await life.readIfDue()
  clock.advance(100)
  await life.readIfDue()
  expect(asked).toBe(2)
})
