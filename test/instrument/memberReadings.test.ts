import { expect, test } from 'vitest'
import { MemberReadings } from '../../src/instrument/members/memberReadings.ts'
import type { HeldStates, PeerPort } from '../../src/instrument/port.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { OBSERVER, runClocks } from '../../src/measure/clocks/runClocks.ts'
import { Life } from '../../src/measure/life.ts'
import { peerPort } from '../builders/port.ts'

type Change = HeldStates['changes'][number]

/** A peer that tells these changes, two at a time. */
class TellingPeer {
  readonly index: number
  changes: Change[] = []
  instance = {}
  isSilent = false

  constructor(index: number) {
    this.index = index
  }

  holds(peer: number, state: Change['state'], atMs: number): void {
    this.changes.push({ peer: `id-${peer}`, state, atMs })
  }

  restart(): void {
    this.changes = []
    this.instance = {}
  }

  get port(): PeerPort {
    return peerPort({
      index: this.index,
      instance: this.instance,
      heldStates: async (cursor) => {
        if (this.isSilent) throw new Error('no answer')
        return { cursor: this.changes.length, lost: 0, changes: this.changes.slice(cursor) }
      },
    })
  }
}

function networkOf(count: number) {
  const clock = new ManualClock()
  const peers = Array.from({ length: count }, (_, index) => new TellingPeer(index))
  const life = new Life(clock)
  const startMs = clock.monotonicMs()
  for (const peer of peers) {
    for (const other of peers) peer.holds(other.index, 'alive', startMs)
    life.note(peer.index, 'up')
  }
  const readings = new MemberReadings({
    get peers() {
      return peers.map(({ port }) => port)
    },
    life,
  })
  return { clock, peers, life, readings, startMs }
}

/** All read one clock but the last, which is `aheadMs` ahead. */
function clocksOf(count: number, aheadMs: number) {
  const last = count - 1
  const all = Array.from({ length: count }, (_, index) => index)
  const clockIds = new Map([OBSERVER, ...all].map((node) => [node, node === last ? 'b' : 'a']))
  const samples = [{ from: OBSERVER, to: last, offsetMs: aheadMs, errorMs: 0 }]
  return runClocks(all, [{ atMs: 0, clockIds, samples }])
}

test('each node tells by its own clock when it knew, and the readings bring that onto one', async () => {
  const { clock, peers, life, readings, startMs } = networkOf(4)
  clock.advance(1_000)
  life.note(1, 'gone')
  life.note(2, 'gone', { saidSo: true })
  for (const node of [0, 3]) {
    const ownMs = startMs + 1_000 + (node === 3 ? 700 : 0)
    peers[node]?.holds(2, 'left', ownMs + 20)
    peers[node]?.holds(1, 'suspect', ownMs + 1_000)
    peers[node]?.holds(1, 'dead', ownMs + 5_000 + node)
  }
  await readings.collect()
  await readings.collect()
  expect(readings.figures(clocksOf(4, 700), startMs)).toEqual({
    deathKnownMs: { count: 2, p50: 5_000, p99: 5_003, max: 5_003 },
    leaveKnownMs: { count: 2, p50: 20, p99: 20, max: 20 },
    suspectedUp: { members: 0, holders: 0 },
    heldDeadUp: { members: 0, holders: 0 },
    aliveHeldDead: 0,
    deadHeldAlive: 0,
  })
})

test('a node that starts again holds what its new life was told, and one that is silent tells nothing', async () => {
  const { clock, peers, life, readings, startMs } = networkOf(3)
  const [first, second, third] = peers
  first?.holds(2, 'dead', startMs + 10)
  await readings.collect([0])
  expect(readings.figures(clocksOf(3, 0), startMs)).toMatchObject({
    heldDeadUp: { members: 1, holders: 1 },
    aliveHeldDead: 1,
  })
  clock.advance(100)
  life.note(0, 'gone')
  first?.restart()
  first?.holds(0, 'alive', startMs + 200)
  first?.holds(2, 'alive', startMs + 210)
  clock.advance(100)
  life.note(0, 'up')
  if (second !== undefined) second.isSilent = true
  third?.holds(0, 'dead', startMs + 400)
  await readings.collect()
  expect(readings.figures(clocksOf(3, 0), startMs)).toMatchObject({
    heldDeadUp: { members: 2, holders: 2 },
    aliveHeldDead: 1,
  })
})

test('where nobody tells anything nothing is known', async () => {
  const life = new Life(new ManualClock())
  const readings = new MemberReadings({ peers: [peerPort()], life })
  await readings.collect()
  expect(readings.figures(clocksOf(1, 0), 0)).toBeNull()
})
