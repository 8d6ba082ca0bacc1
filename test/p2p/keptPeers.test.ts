import { afterEach, describe, expect, test } from 'vitest'
import type { PeerId } from '../../src/gossip/network.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { KeptPeers } from '../../src/p2p/peers/keptPeers.ts'
import { LinkFaults } from '../../src/p2p/links/linkFaults.ts'
import { addressOf, eventually, startNetwork, stopAll } from '../builders/p2p.ts'

afterEach(stopAll)

const PEER = 'peer-1' as PeerId
const ADDRESS = '/ip4/127.0.0.1/tcp/9000'

/** Kept peers whose dials are noted, and fail as long as `state.isAway`. */
function keeper(keptPeers = 10) {
  const clock = new ManualClock()
  const state = { isAway: false, isConnected: false }
  const dials: number[] = []
  const kept = new KeptPeers({
    dial: () => {
      dials.push(clock.monotonicMs())
      if (state.isAway) return Promise.reject(new Error('nobody there'))
      state.isConnected = true
      return Promise.resolve()
    },
    isConnected: () => state.isConnected,
    limits: { keptPeers, firstRedialMs: 500, maxRedialMs: 3_000 },
    clock,
    log: silentLogger,
  })
  /** Lets time pass in small steps, and what was started meanwhile finish. */
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 100) {
      clock.advance(100)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { kept, state, dials, pass, startMs: clock.monotonicMs() }
}

describe('a kept peer', () => {
  test('is dialled again when it is lost', async () => {
    const { kept, dials, pass, startMs } = keeper()
    kept.keep(PEER, ADDRESS)
    await pass(1_000)
    expect(dials).toEqual([])
    kept.lost(PEER)
    await pass(1_000)
    expect(dials.map((atMs) => atMs - startMs)).toEqual([1_500])
  })

  test('is dialled ever more rarely while it is away', async () => {
    const { kept, state, dials, pass, startMs } = keeper()
    kept.keep(PEER, ADDRESS)
    state.isAway = true
    kept.lost(PEER)
    await pass(10_000)
    expect(dials.map((atMs) => atMs - startMs)).toEqual([500, 1_500, 3_500, 6_500, 9_500])
  })

  test('is dialled soon when what kept it away is over', async () => {
    const { kept, state, dials, pass, startMs } = keeper()
    kept.keep(PEER, ADDRESS)
    state.isAway = true
    kept.lost(PEER)
    await pass(4_000)
    state.isAway = false
    kept.retrySoon()
    await pass(10_000)
    expect(dials.map((atMs) => atMs - startMs)).toEqual([500, 1_500, 3_500, 4_500])
  })

  test('that came back by itself is not dialled', async () => {
    const { kept, state, dials, pass } = keeper()
    kept.keep(PEER, ADDRESS)
    kept.lost(PEER)
    state.isConnected = true
    await pass(5_000)
    expect(dials).toEqual([])
  })

  test('that is forgotten, or a peer that was never kept, is not dialled', async () => {
    const { kept, dials, pass } = keeper()
    kept.keep(PEER, ADDRESS)
    kept.lost(PEER)
    kept.forget(PEER)
    kept.lost(PEER)
    kept.lost('peer-2' as PeerId)
    await pass(5_000)
    expect(dials).toEqual([])
  })

  test('beyond the limit is refused', () => {
    const { kept } = keeper(1)
    kept.keep(PEER, ADDRESS)
    kept.keep(PEER, ADDRESS)
    expect(() => kept.keep('peer-2' as PeerId, ADDRESS)).toThrow(/1 peers are kept already/)
  })
})

describe('a network that keeps a peer', () => {
  test('has it again after a cut that has healed', async () => {
    const faults = new LinkFaults()
    const [a, b] = await Promise.all([startNetwork({ linkFaults: faults }), startNetwork()])
    await a.dial(addressOf(b), { keep: true })
    faults.cut([b.self], 'both')
    await eventually(a, () => a.peers().length === 0)
    faults.heal()
    await eventually(a, () => a.peers().length === 1)
    expect(a.peers()[0]?.id).toBe(b.self)
  })

  test('lets it go when it is told to', async () => {
    const [a, b] = await Promise.all([
      startNetwork({ limits: { firstRedialMs: 0, maxRedialMs: 0 } }),
      startNetwork(),
    ])
    await a.dial(addressOf(b), { keep: true })
    await a.disconnect(b.self, 'the test says so', { forget: true })
    let beats = 0
    await eventually(a, () => ++beats > 3)
    expect(a.peers()).toEqual([])
  })
})
