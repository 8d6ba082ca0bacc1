import { afterEach, describe, expect, test } from 'vitest'
import type { Profile } from '../../src/p2p/limits.ts'
import { routerParameters } from '../../src/p2p/router/routerDefaults.ts'
import { SCORE_THRESHOLDS, scoreParameters } from '../../src/p2p/router/scoring.ts'
import {
  addressOf,
  BLOCK,
  eventually,
  Inbox,
  mesh,
  payload,
  startNetwork,
  stopAll,
  TOPICS,
  TX,
} from '../builders/p2p.ts'

afterEach(stopAll)

describe('score parameters', () => {
  test('list every topic, because an unlisted one punishes nothing', () => {
    const { topics } = scoreParameters(TOPICS, 'public', routerParameters())
    expect(Object.keys(topics ?? {})).toEqual(TOPICS.map(({ name }) => name))
    for (const topic of Object.values(topics ?? {})) {
      expect(topic.invalidMessageDeliveriesWeight).toBeLessThan(0)
      expect(topic.meshMessageDeliveriesWeight).toBe(0)
      expect(topic.topicWeight).toBe(1)
    }
  })

  test('reward nothing on the transaction topic', () => {
    const { topics } = scoreParameters(TOPICS, 'public', routerParameters())
    expect(topics?.[TX]).toMatchObject({ timeInMeshWeight: 0, firstMessageDeliveriesWeight: 0 })
  })

  test('exempt loopback from the penalty on one address in the devnet profile alone', () => {
    const listOf = (profile: Profile) =>
      scoreParameters(TOPICS, profile, routerParameters()).IPColocationFactorWhitelist
    expect(listOf('devnet')).toEqual(new Set(['127.0.0.1', '::1']))
    expect(listOf('public')).toEqual(new Set())
  })

  test('decay in heartbeats: the same number of them leaves the same rest at any rate', () => {
    const rest = (heartbeatMs: number): number => {
      const parameters = scoreParameters(TOPICS, 'public', routerParameters({ heartbeatMs }))
      const decay = parameters.topics?.[BLOCK]?.invalidMessageDeliveriesDecay ?? 0
      return decay ** ((600 * heartbeatMs) / (parameters.decayInterval ?? 1))
    }
    for (const heartbeatMs of [100, 700, 5000]) expect(rest(heartbeatMs)).toBeCloseTo(0.01)
  })
})

describe('a peer whose messages are rejected', () => {
  test.each([
    [TX, 12],
    [BLOCK, 6],
  ])('on %s is graylisted after %d of them, and not before', async (topic, count) => {
    const [bad, judge] = await Promise.all([startNetwork(), startNetwork()])
    Inbox.join(bad, 'accept', topic)
    const inbox = new Inbox(judge, 'reject', topic)
    await mesh(bad, judge, topic)
    const score = (): number => judge.scores()[0]?.score ?? 0
    for (let i = 1; i < count; i++) {
      await bad.publish(topic, payload(i))
      await inbox.count(i)
    }
    await eventually(judge, () => score() < 0)
    expect(score()).toBeGreaterThan(SCORE_THRESHOLDS.graylistThreshold)
    await bad.publish(topic, payload(count))
    await eventually(judge, () => score() < SCORE_THRESHOLDS.graylistThreshold)
    await bad.publish(topic, payload(count + 1))
    await eventually(judge, () => judge.mesh()[0]?.mesh.length === 0)
    expect(inbox.messages.length).toBe(count)
  })
})

describe('20 peers on loopback', () => {
  async function crowd(profile: Profile) {
    const networks = await Promise.all(
      Array.from({ length: 20 }, () =>
        startNetwork({ profile, limits: { inboundConnectionsPerSecond: 1000 } }),
      ),
    )
    const [hub, ...others] = networks
    if (hub === undefined) throw new Error('no network')
    const inbox = new Inbox(hub)
    for (const other of others) Inbox.join(other)
    await Promise.all(others.map((other) => other.dial(addressOf(hub))))
    await eventually(hub, () => hub.scores().length === others.length)
    return { hub, others, inbox }
  }

  test('do not blame each other in the devnet profile', async () => {
    const { hub, others, inbox } = await crowd('devnet')
    await eventually(hub, () => (hub.mesh()[0]?.subscribers.length ?? 0) === others.length)
    expect(hub.scores().every(({ score }) => score === 0)).toBe(true)
    await Promise.all(
      others.map(async (other, i) => {
        await eventually(other, () => (other.mesh()[0]?.subscribers.length ?? 0) > 0)
        await other.publish(TX, payload(i))
      }),
    )
    expect((await inbox.count(others.length)).length).toBe(others.length)
  })

  test('are graylisted in the public profile', async () => {
    const { hub } = await crowd('public')
    await eventually(hub, () =>
      hub.scores().every(({ score }) => score < SCORE_THRESHOLDS.graylistThreshold),
    )
    expect(hub.scores().length).toBe(19)
  })
})
