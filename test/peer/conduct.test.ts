import { describe, expect, test } from 'vitest'
import { Conduct, brokenTx } from '../../src/peer/conduct.ts'
import { FLOOD_MAX_MESSAGE_BYTES } from '../../src/peer/flood.ts'
import type { GossipMessage, Network, RouterAction } from '../../src/gossip/network.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import type { OutgoingMessage } from '../../src/p2p/router/routerFaults.ts'
import { FLOOD_COPIES_PER_S, FLOOD_MESSAGES } from '../../src/rehearsal/misbehaviour.ts'
import { decodeTx, isTxDefect } from '../../src/tx/decodeTx.ts'
import { firstBrokenTxRule } from '../../src/tx/rules.ts'

type Judge = (message: GossipMessage) => Promise<RouterAction>

/** A node whose network notes what is published, and whose judge answers as told. */
function node() {
  const clock = new ManualClock()
  const published: Uint8Array[] = []
  const judges: Judge[] = []
  const network = {
    self: 'me',
    subscribe: (_topic: string, judge: Judge) => void judges.push(judge),
    publish: async (_topic: string, data: Uint8Array) => void published.push(data),
  } as unknown as Network
  const copies: OutgoingMessage[] = []
  const withheld: boolean[] = []
  const routerFaults = {
    withhold: (isOn: boolean) => void withheld.push(isOn),
    sendCopies: (burst: readonly OutgoingMessage[]) => void copies.push(...burst),
  }
  const conduct = new Conduct({
    network,
    txTopic: 'tx',
    chainId: 1337n,
    clock,
    routerFaults,
    equivocate: () => () => {},
    accuse: () => () => {},
  })
  const answer = async (action: RouterAction, data = Uint8Array.of(1)) => {
    conduct.network.subscribe('tx', async () => action)
    return judges.at(-1)?.({ data } as GossipMessage)
  }
  return { conduct, clock, published, copies, withheld, answer }
}

describe('conduct', () => {
  test('of an honest node changes no verdict', async () => {
    const { answer } = node()
    expect(await answer('accept')).toBe('accept')
    expect(await answer('reject')).toBe('reject')
  })

  test('of a mute node has nothing forwarded that it accepts', async () => {
    const { conduct, answer } = node()
    conduct.misbehave('mute')
    expect(await answer('accept')).toBe('ignore')
    expect(await answer('reject')).toBe('reject')
    conduct.misbehave(undefined)
    expect(await answer('accept')).toBe('accept')
  })

  test('of a node that spams is another broken transaction every 100 ms until it ends', () => {
    const { conduct, clock, published } = node()
    conduct.misbehave('spam')
    clock.advance(1_000)
    expect(new Set(published.map((data) => Buffer.from(data).toString('hex'))).size).toBe(10)
    conduct.stop()
    clock.advance(1_000)
    expect(published).toHaveLength(10)
  })

  test('of a node that withholds is told to the router, until it ends', () => {
    const { conduct, withheld } = node()
    conduct.misbehave('withhold')
    conduct.misbehave('flood')
    conduct.misbehave('withhold')
    conduct.stop()
    expect(withheld).toEqual([true, false, true, false])
  })

  test('of a node that floods is so many copies a second of its last messages, until it ends', async () => {
    const { conduct, clock, copies, answer } = node()
    conduct.misbehave('flood')
    clock.advance(1_000)
    expect(copies).toEqual([])
    for (let i = 0; i < 2 * FLOOD_MESSAGES; i++) await answer('accept', Uint8Array.of(i))
    await answer('reject', Uint8Array.of(200))
    await answer('accept', new Uint8Array(FLOOD_MAX_MESSAGE_BYTES + 1))
    clock.advance(1_000)
    expect(copies).toHaveLength(FLOOD_COPIES_PER_S)
    const sent = new Set(copies.map(({ data }) => data[0] ?? -1))
    const last = Array.from({ length: FLOOD_MESSAGES }, (_, i) => FLOOD_MESSAGES + i)
    expect([...sent].toSorted((a, b) => a - b)).toEqual(last)
    conduct.misbehave(undefined)
    clock.advance(1_000)
    expect(copies).toHaveLength(FLOOD_COPIES_PER_S)
  })

  test('of a node that floods takes up what it publishes', async () => {
    const { conduct, clock, copies, published } = node()
    conduct.misbehave('flood')
    await conduct.network.publish('block', Uint8Array.of(7))
    clock.advance(100)
    expect(published).toHaveLength(1)
    expect(copies[0]).toEqual({ topic: 'block', data: Uint8Array.of(7) })
  })

  test('spams with what every node rejects', () => {
    const tx = decodeTx(brokenTx(1337n, 0n))
    const fault = isTxDefect(tx)
      ? tx
      : firstBrokenTxRule(tx, { fork: 'london', chainId: 1337n, allowUnprotected: false })
    expect(fault).toMatchObject({ reason: 'signature-high-s' })
  })
})
