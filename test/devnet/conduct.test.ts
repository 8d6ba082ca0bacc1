import { describe, expect, test } from 'vitest'
import { Conduct, brokenTx } from '../../src/devnet/conduct.ts'
import type { GossipMessage, Network, RouterAction } from '../../src/gossip/network.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { decodeTx, isTxFault } from '../../src/tx/decodeTx.ts'
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
  const conduct = new Conduct({ network, txTopic: 'tx', chainId: 1337n, clock })
  const answer = async (action: RouterAction): Promise<RouterAction | undefined> => {
    conduct.network.subscribe('tx', async () => action)
    return judges.at(-1)?.({} as GossipMessage)
  }
  return { conduct, clock, published, answer }
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

  test('spams with what every node rejects', () => {
    const tx = decodeTx(brokenTx(1337n, 0n))
    const fault = isTxFault(tx)
      ? tx
      : firstBrokenTxRule(tx, { fork: 'london', chainId: 1337n, allowUnprotected: false })
    expect(fault).toMatchObject({ reason: 'signature-high-s' })
  })
})
