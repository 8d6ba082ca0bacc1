import type { Libp2p } from '@libp2p/interface'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { PeerId } from '../../src/gossip/network.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { Pings } from '../../src/p2p/peers/pings.ts'
import { addressOf, startNetwork, stopAll } from '../builders/p2p.ts'

afterEach(stopAll)

const INTERVAL_MS = 30_000
const TIMEOUT_MS = 60_000
const PEER = 'peer-1'

/** A host with one connection, whose muxer answers when it is told to. */
function pinged() {
  const clock = new ManualClock()
  const waiting: (() => void)[] = []
  const state = { sent: 0, closed: '' }
  const listeners = new Map<string, (event: { readonly detail: unknown }) => void>()
  const connection = {
    status: 'open',
    remotePeer: PEER,
    abort: ({ message }: Error) => {
      state.closed = message
      listeners.get('connection:close')?.({ detail: connection })
    },
    muxer: {
      ping: () => {
        state.sent++
        return new Promise<void>((resolve) => waiting.push(resolve))
      },
    },
  }
  const libp2p = {
    getConnections: () => [connection],
    addEventListener: (name: string, listener: (event: { readonly detail: unknown }) => void) =>
      listeners.set(name, listener),
  }
  const pings = new Pings({
    libp2p: libp2p as unknown as Pick<Libp2p, 'getConnections' | 'addEventListener'>,
    clock,
    intervalMs: INTERVAL_MS,
    timeoutMs: TIMEOUT_MS,
  })
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return {
    pings,
    state,
    open: () => listeners.get('connection:open')?.({ detail: connection }),
    pass: async (ms: number): Promise<void> => {
      clock.advance(ms)
      await settle()
    },
    answer: async (): Promise<void> => {
      for (const resolve of waiting.splice(0)) resolve()
      await settle()
    },
  }
}

describe('a connection', () => {
  test('is pinged when it opens, and its round trip is known from then on', async () => {
    const { pings, open, pass, answer } = pinged()
    expect(pings.roundTripMs(PEER)).toBeUndefined()
    open()
    await pass(40)
    await answer()
    expect(pings.roundTripMs(PEER)).toBe(40)
  })

  test('is not pinged while it has been answered on a moment ago', async () => {
    const { pings, state, open, pass, answer } = pinged()
    open()
    await answer()
    await pass(INTERVAL_MS - 10)
    void pings.ping(PEER)
    await answer()
    await pass(10)
    expect(state.sent).toBe(2)
    await pass(INTERVAL_MS)
    expect(state.sent).toBe(3)
  })

  test('whose ping is not answered is closed when its time is over, and not before', async () => {
    const { pings, state, pass } = pinged()
    const answer = pings.ping(PEER)
    await pass(TIMEOUT_MS - 1)
    expect(state.closed).toBe('')
    await pass(1)
    expect(state.closed).toBe('no answer to a ping')
    expect(await answer).toBe(false)
  })

  test('of a peer that was paused stays, and the late answer counts', async () => {
    const { pings, state, pass, answer } = pinged()
    const asked = pings.ping(PEER)
    await pass(TIMEOUT_MS - 1)
    await answer()
    expect(await asked).toBe(true)
    await pass(TIMEOUT_MS)
    expect(state.closed).toBe('')
  })

  test('has one ping at a time, whose answer is everybody’s', async () => {
    const { pings, state, answer } = pinged()
    const both = Promise.all([pings.ping(PEER), pings.ping(PEER)])
    await answer()
    expect(await both).toEqual([true, true])
    expect(state.sent).toBe(1)
  })
})

describe('a peer', () => {
  test('that is connected answers a ping, and no stream is opened for it', async () => {
    const [one, two] = [await startNetwork(), await startNetwork()]
    await one.dial(addressOf(two))
    const [connection] = one.libp2p.getConnections()
    if (connection === undefined) throw new Error('they are not connected')
    const opened = vi.spyOn(connection, 'newStream')
    expect(await one.ping(two.self)).toBe(true)
    expect(await two.ping(one.self)).toBe(true)
    expect(opened.mock.calls.filter(([protocol]) => String(protocol).includes('ping'))).toEqual([])
  })

  test('that is not connected, or leaves, does not answer', async () => {
    const [one, two] = [await startNetwork(), await startNetwork()]
    expect(await one.ping('nobody' as PeerId)).toBe(false)
    await one.dial(addressOf(two))
    const id = two.self
    await two.stop()
    expect(await one.ping(id)).toBe(false)
  })
})
