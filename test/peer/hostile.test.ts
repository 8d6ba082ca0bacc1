/** Hostile nodes among honest ones, over real sockets. */
import { afterEach, describe, expect, test } from 'vitest'
import { Conduct } from '../../src/peer/conduct.ts'
import type { PeerId } from '../../src/gossip/network.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { seededRandom } from '../../src/lib/random.ts'
import type { Libp2pNetwork, NetworkOptions } from '../../src/p2p/libp2pNetwork.ts'
import { limitValues } from '../../src/p2p/limits.ts'
import { LinkShaper } from '../../src/p2p/links/linkShaper.ts'
import { RouterFaults } from '../../src/p2p/router/routerFaults.ts'
import { FLOOD_COPIES_PER_S, FLOOD_MESSAGES } from '../../src/rehearsal/misbehaviour.ts'
import {
  eventually,
  Inbox,
  mesh,
  payload,
  recordRouter,
  startNetwork,
  stopAll,
  TX,
} from '../builders/p2p.ts'

const ends: (() => void)[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) end()
  await stopAll()
})

const NODES = 6
const HOSTILE = NODES - 1
const COMPLETE = Array.from({ length: NODES }, (_, a) => a).flatMap((a) =>
  Array.from({ length: a }, (_, b) => [b, a] as const),
)
/** 0 - 1 - 2 - 3 - 4, and the hostile node between both ends. */
const RING = Array.from({ length: NODES }, (_, a) => [a, (a + 1) % NODES] as const)

interface Member {
  readonly network: Libp2pNetwork
  readonly inbox: Inbox
  readonly conduct: Conduct
  readonly shaper: LinkShaper
}

async function start(options: Partial<NetworkOptions>): Promise<Member> {
  const clock = systemClock
  const routerFaults = new RouterFaults()
  const shaper = new LinkShaper({ clock, random: seededRandom(1), limits: limitValues('devnet') })
  const network = await startNetwork({ linkShaper: shaper, routerFaults, ...options })
  const conduct = new Conduct({
    network,
    txTopic: TX,
    chainId: 1337n,
    clock,
    routerFaults,
    equivocate: () => () => {},
    accuse: () => () => {},
  })
  ends.push(() => conduct.stop())
  const inbox = new Inbox(conduct.network)
  return { network, inbox, conduct, shaper }
}

/** Six nodes whose links are in their meshes. */
async function nodes(
  links: readonly (readonly [number, number])[],
  options: Partial<NetworkOptions> = {},
) {
  const members = await Promise.all(Array.from({ length: NODES }, () => start(options)))
  const at = (index: number): Member => {
    const member = members[index]
    if (member === undefined) throw new Error(`no node ${index}`)
    return member
  }
  await Promise.all(links.map(([a, b]) => mesh(at(a).network, at(b).network)))
  return { at, hostile: at(HOSTILE), honest: members.slice(0, HOSTILE) }
}

async function publish({ network }: Member, from: number, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await network.publish(TX, payload(from + i))
}

/** Resolves when each of these has so many messages; all of them, and each once. */
async function allHave(members: readonly Member[], count: number): Promise<void> {
  await Promise.all(members.map(({ inbox }) => inbox.count(count)))
  for (const { inbox } of members) {
    const seen = inbox.messages.map(({ digest }) => Buffer.from(digest).toString('hex'))
    expect(new Set(seen).size).toBe(count)
    expect(seen).toHaveLength(count)
  }
}

function scoreOf(network: Libp2pNetwork, peer: PeerId): number {
  return network.scores().find((entry) => entry.peer === peer)?.score ?? 0
}

function duplicatesFrom(events: ReturnType<typeof recordRouter>, peer: PeerId): string[] {
  return events.flatMap((event) =>
    event.kind === 'duplicate' && event.from === peer
      ? [Buffer.from(event.digest).toString('hex')]
      : [],
  )
}

describe('a node that withholds', () => {
  test('announces to its neighbours and forwards nothing, and all others have every message', async () => {
    const { at, hostile, honest } = await nodes(RING)
    // So node 4 has no copy yet when the hostile node would forward, but gets one before the
    // promise is broken.
    const slow = { latencyMs: 1_000, jitterMs: 0, lossRate: 0 }
    at(1).shaper.shape([{ peer: at(2).network.self, ...slow }])
    const events = recordRouter(hostile.network)
    hostile.conduct.misbehave('withhold')
    await publish(at(0), 0, 20)
    await allHave(honest.slice(1), 20)
    await hostile.inbox.count(20)
    expect(events.filter(({ kind }) => kind === 'forwarded')).toEqual([])
    expect(hostile.network.traffic().control.ihave.sent).toBeGreaterThan(0)
    for (const { network } of honest)
      expect(scoreOf(network, hostile.network.self)).toBeGreaterThanOrEqual(0)
  })

  test('loses its score with who asked it in vain, and with nobody else', async () => {
    const router = { heartbeatMs: 300, iwantFollowupMs: 100 }
    const { at, hostile, honest } = await nodes(RING, { router })
    const slow = { latencyMs: 1_500, jitterMs: 0, lossRate: 0 }
    at(1).shaper.shape([{ peer: at(2).network.self, ...slow }])
    hostile.conduct.misbehave('withhold')
    await publish(at(0), 0, 10)
    const asker = at(4)
    await eventually(asker.network, () => scoreOf(asker.network, hostile.network.self) < 0)
    await allHave(honest.slice(1), 10)
    expect(hostile.network.traffic().control.iwant.received).toBeGreaterThan(6)
    expect(scoreOf(asker.network, at(3).network.self)).toBe(0)
    expect(scoreOf(at(0).network, hostile.network.self)).toBe(0)
    await eventually(asker.network, () =>
      asker.network.mesh().every((view) => !view.mesh.includes(hostile.network.self)),
    )
  })

  test('forwards again when it is honest again', async () => {
    const { at, hostile, honest } = await nodes(RING)
    hostile.conduct.misbehave('withhold')
    hostile.conduct.misbehave(undefined)
    const events = recordRouter(hostile.network)
    await publish(at(0), 0, 1)
    await allHave([...honest.slice(1), hostile], 1)
    expect(events.map(({ kind }) => kind)).toContain('forwarded')
  })
})

describe('a node that floods', () => {
  test('costs duplicates of its last messages alone, and no neighbour its budget', async () => {
    const { at, hostile, honest } = await nodes(COMPLETE)
    await publish(at(0), 0, 5)
    await allHave([...honest.slice(1), hostile], 5)
    hostile.conduct.misbehave('flood')
    const events = recordRouter(at(1).network)
    await publish(at(0), 100, 2 * FLOOD_MESSAGES)
    await allHave([...honest.slice(1), hostile], 5 + 2 * FLOOD_MESSAGES)
    const flooded = (): string[] => duplicatesFrom(events, hostile.network.self)
    await eventually(at(1).network, () => flooded().length > 4 * FLOOD_COPIES_PER_S)
    expect(new Set(flooded().slice(-FLOOD_COPIES_PER_S)).size).toBe(FLOOD_MESSAGES)
    for (const { network } of honest) {
      expect(network.traffic().droppedFrames).toBe(0)
      expect(network.traffic().judgeErrors).toBe(0)
      expect(scoreOf(network, hostile.network.self)).toBe(0)
    }
  })

  test('is cut off where it is over the budget of its neighbours, who lose nothing', async () => {
    const limits = {
      gossipMessagesBurst: 60,
      gossipMessagesPerSecond: 20,
      gossipMaxDroppedFrames: 5,
    }
    const { at, hostile, honest } = await nodes(COMPLETE, { limits })
    hostile.conduct.misbehave('flood')
    await publish(at(0), 0, 5)
    const isAlone = (): boolean => hostile.network.peers().length === 0
    await eventually(hostile.network, isAlone)
    await publish(at(0), 100, 5)
    await allHave(honest.slice(1), 10)
    for (const { network } of honest) expect(network.peers()).toHaveLength(HOSTILE - 1)
  })
})
