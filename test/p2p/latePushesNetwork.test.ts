import { afterEach, expect, test } from 'vitest'
import type { PeerId } from '../../src/gossip/network.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { seededRandom } from '../../src/lib/random.ts'
import type { Libp2pNetwork } from '../../src/p2p/libp2pNetwork.ts'
import { limitValues } from '../../src/p2p/limits.ts'
import { LinkShaper } from '../../src/p2p/links/linkShaper.ts'
import {
  addressOf,
  eventually,
  Inbox,
  inMesh,
  payload,
  startNetwork,
  stopAll,
} from '../builders/p2p.ts'

afterEach(stopAll)

const LATENCY_MS = 25
const LOSSES = 3

interface Member {
  readonly network: Libp2pNetwork
  readonly shaper: LinkShaper
  readonly inbox: Inbox
}

async function member(seed: number): Promise<Member> {
  const limits = limitValues('devnet')
  const shaper = new LinkShaper({ clock: systemClock, random: seededRandom(seed), limits })
  const network = await startNetwork({
    linkShaper: shaper,
    router: { lossesToWait: LOSSES },
  })
  return { network, shaper, inbox: new Inbox(network) }
}

/** All in each other's mesh, over links that take their time. */
async function triangle(): Promise<readonly [Member, Member, Member]> {
  const all = await Promise.all([member(1), member(2), member(3)])
  const [a, b, c] = all
  const othersOf = (one: Member): PeerId[] =>
    all.filter((other) => other !== one).map(({ network }) => network.self)
  for (const one of all)
    one.shaper.shape(
      othersOf(one).map((peer) => ({ peer, latencyMs: LATENCY_MS, jitterMs: 0, lossRate: 0 })),
    )
  await a.network.dial(addressOf(b.network))
  await a.network.dial(addressOf(c.network))
  await b.network.dial(addressOf(c.network))
  for (const one of all)
    await eventually(one.network, () => othersOf(one).every((peer) => inMesh(one.network, peer)))
  return all
}

test('of two neighbours that always push to each other too late, one stops, and every message arrives', async () => {
  const [a, b, publisher] = await triangle()
  let seed = 0
  const publish = async (): Promise<void> => {
    await publisher.network.publish('/grapevine/00000000/tx/1', payload(seed++))
    await Promise.all([a.inbox.count(seed), b.inbox.count(seed)])
  }
  const spared = (): number[] =>
    [a, b].map(({ network }) => network.traffic().sparedForwards).toSorted((x, y) => x - y)
  while ((spared().at(-1) ?? 0) < 5) await publish()
  expect(spared()[0]).toBe(0)
  expect(seed).toBeGreaterThan(LOSSES)
  const [first] = [a, b].toSorted((x, y) => (x.network.self < y.network.self ? -1 : 1))
  expect(first?.network.traffic().sparedForwards).toBeGreaterThanOrEqual(5)
  for (const { inbox } of [a, b]) {
    const seeds = inbox.messages.map(({ data }) =>
      new DataView(data.buffer, data.byteOffset).getUint32(0),
    )
    expect(seeds.toSorted((x, y) => x - y)).toEqual(Array.from({ length: seed }, (_, at) => at))
  }
})
