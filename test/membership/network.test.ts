/**
 * Whole nodes over the in-memory network, in virtual time: what they hold of each other when
 * something happens.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PeerId } from '../../src/gossip/network.ts'
import { topicName } from '../../src/gossip/topics/topicNames.ts'
import type { MemberState } from '../../src/membership/member.ts'
import { integer, listOf, bytesOf } from '../../src/sync/protocol.ts'
import { encodeRlp } from '../../src/lib/rlp.ts'
import { accusationBy, recordBy } from '../builders/members.ts'
import type { MemoryHub } from '../builders/network.ts'
import { puppet, statusPuppet, syncHub, syncNode, type SyncNode } from '../builders/syncNode.ts'

let hub: MemoryHub
let seeds = 1
const running = new Set<SyncNode>()

beforeEach(() => {
  hub = syncHub()
})

afterEach(() => {
  for (const { node } of running) node.stop()
  running.clear()
})

/** A started node that dials nobody by itself. */
async function start(name: string): Promise<SyncNode> {
  const node = await syncNode(hub, { name, seed: seeds++, settings: { targetPeers: 0 } })
  running.add(node)
  return node
}

/** Nodes of which each is linked to every other, who know each other. */
async function network(count: number): Promise<readonly SyncNode[]> {
  const nodes: SyncNode[] = []
  for (let index = 0; index < count; index++) nodes.push(await start(`node ${index}`))
  for (const [at, one] of nodes.entries())
    for (const other of nodes.slice(at + 1)) hub.link(one.network, other.network)
  await hub.run(3_000, 50)
  return nodes
}

/** The process is gone: its links are reset. */
function kill(one: SyncNode): void {
  running.delete(one)
  hub.remove(one.network)
  one.node.stop()
}

function states(holders: readonly SyncNode[], of: PeerId): (MemberState | undefined)[] {
  return holders.map(({ node }) => node.members.get(of)?.state)
}

function all<T>(holders: readonly unknown[], value: T): T[] {
  return holders.map(() => value)
}

function incarnationOf({ node, id }: SyncNode): number {
  return node.members.get(id)?.record.incarnation ?? 0
}

describe('members', () => {
  test('are known to all, and one that joins by one neighbour is told of everybody', async () => {
    const nodes = await network(4)
    const late = await start('late')
    hub.link(late.network, (nodes[0] as SyncNode).network)
    await hub.run(2_000, 50)
    for (const one of [...nodes, late])
      expect(states([...nodes, late], one.id)).toEqual(all([...nodes, late], 'alive'))
    const sums = new Set([...nodes, late].map(({ node }) => node.members.members.list.sum))
    expect(sums.size).toBe(1)
  })

  test('that are killed are dead for all within ten seconds, and nobody else is suspected', async () => {
    const [killed, ...others] = (await network(6)) as [SyncNode, ...SyncNode[]]
    kill(killed)
    await hub.run(10_000, 50)
    expect(states(others, killed.id)).toEqual(all(others, 'dead'))
    for (const { node } of others) {
      expect(node.members.liveCount).toBe(5)
      expect(node.members.counts).toMatchObject({ suspicions: 1, refuted: 0, deaths: 1 })
      node.members.members.assertInvariants()
    }
  })

  test('that leave are known to have left at once, and nobody suspects them', async () => {
    const [leaving, ...others] = (await network(5)) as [SyncNode, ...SyncNode[]]
    await leaving.node.leave()
    kill(leaving)
    await hub.run(100, 50)
    expect(states(others, leaving.id)).toEqual(all(others, 'left'))
    await hub.run(10_000, 50)
    expect(others.map(({ node }) => node.members.counts.suspicions)).toEqual(all(others, 0))
  })

  test('that return with an incarnation of an earlier life outdo it and are alive', async () => {
    const [killed, ...others] = (await network(4)) as [SyncNode, ...SyncNode[]]
    const far = recordBy(killed.id, { incarnation: incarnationOf(killed) + 100 })
    kill(killed)
    await (others[0] as SyncNode).network.receive(memberTopic(killed), far, 'stranger' as PeerId)
    await hub.run(12_000, 50)
    const again = await start(killed.id)
    for (const { network: other } of others) hub.link(again.network, other)
    await hub.run(3_000, 50)
    expect(states(others, again.id)).toEqual(all(others, 'alive'))
  })

  test('on both sides of a partition are dead to each other, and alive when it has healed', async () => {
    const nodes = await network(6)
    const [left, right] = [nodes.slice(0, 3), nodes.slice(3)]
    const walls = left.flatMap((one) =>
      right.flatMap((other) => [refuseDials(one, other), refuseDials(other, one)]),
    )
    for (const one of left) for (const other of right) hub.unlink(one.network, other.network)
    await hub.run(60_000, 50)
    expect(left.flatMap((one) => states(right, one.id))).toEqual(all(Array(9).fill(0), 'dead'))
    for (const open of walls) open()
    hub.link((left[0] as SyncNode).network, (right[0] as SyncNode).network)
    await hub.run(60_000, 50)
    for (const one of nodes) expect(states(nodes, one.id)).toEqual(all(nodes, 'alive'))
  })
})

/** Nobody of the other side can be dialled from here. */
function refuseDials({ network: from }: SyncNode, to: SyncNode): () => void {
  const dial = from.dial.bind(from)
  from.dial = (address) => {
    if (address.includes(to.id)) return Promise.reject(new Error('cut off'))
    return dial(address)
  }
  return () => {
    from.dial = dial
  }
}

function memberTopic({ node }: SyncNode): string {
  return topicName(node.chain.genesis.hash, 'member')
}

describe('a liar', () => {
  test('annoys and does not remove: who is accused stays live and refutes, at most once a second', async () => {
    const nodes = await network(5)
    const [victim, ...others] = nodes as [SyncNode, ...SyncNode[]]
    const before = incarnationOf(victim)
    const topic = memberTopic(victim)
    for (const { network: to } of nodes)
      for (const liar of LIARS) await to.receive(topic, recordBy(liar), liar as PeerId)
    const lives = new Set<boolean>()
    for (let second = 0; second < 30; second++) {
      for (const liar of LIARS)
        for (const { network: to } of nodes)
          await to.receive(
            topic,
            accusationBy(liar, victim.id, incarnationOf(victim)),
            liar as PeerId,
          )
      await hub.run(1_000, 50)
      for (const { node } of others)
        lives.add(['alive', 'suspect'].includes(node.members.get(victim.id)?.state ?? ''))
    }
    await hub.run(3_000, 50)
    expect([...lives]).toEqual([true])
    expect(states(nodes, victim.id)).toEqual(all(nodes, 'alive'))
    expect(incarnationOf(victim) - before).toBeGreaterThan(0)
    expect(incarnationOf(victim) - before).toBeLessThanOrEqual(34)
    for (const { node } of others)
      expect(node.members.members.storyOf(victim.id).map(({ state }) => state)).not.toContain(
        'dead',
      )
  })

  test('that is no member accuses nobody', async () => {
    const nodes = await network(3)
    const victim = nodes[0] as SyncNode
    const accusation = accusationBy('stranger', victim.id, incarnationOf(victim))
    for (const { network: to } of nodes)
      await to.receive(memberTopic(victim), accusation, 'stranger' as PeerId)
    await hub.run(2_000, 50)
    expect(nodes.map(({ node }) => node.members.counts.suspicions)).toEqual(all(nodes, 0))
  })

  test('that hands on a changed record changes nothing and pays for it', async () => {
    const [one, two] = (await network(2)) as [SyncNode, SyncNode]
    const forged = recordBy(two.id, { incarnation: incarnationOf(two) + 1, hasLeft: true })
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
    await one.network.receive(memberTopic(one), forged, 'liar' as PeerId)
    await hub.run(100, 50)
    expect(states([one], two.id)).toEqual(['alive'])
    expect(one.node.relay.counts()).toContainEqual(
      expect.objectContaining({ topic: 'member', reason: 'member-bad-signature' }),
    )
  })

  test('that answers a probe with nonsense loses its connection', async () => {
    const one = await start('honest')
    const liar = await statusPuppet(hub, one)
    liar.network.answersPings = false
    await liar.serve('probe', async function* () {
      yield Uint8Array.of(1, 2, 3)
    })
    await one.network.receive(memberTopic(one), recordBy(liar.id), liar.id)
    await hub.run(5_000, 50)
    expect(one.network.dropped.map(({ peer }) => peer)).toContain(liar.id)
  })

  test('that asks for probes of others gets few, of members alone', async () => {
    const [one, two] = (await network(2)) as [SyncNode, SyncNode]
    const asker = puppet(hub)
    hub.link(asker.network, one.network)
    const ask = async (peer: string): Promise<bigint> => {
      const request = encodeRlp([integer(1), new TextEncoder().encode(peer)])
      let answer = 0n
      for await (const frame of asker.requests.send(one.id, 'probe', request))
        answer = BigInt(bytesOf(listOf(frame, 1)[0], 1)[0] ?? 0)
      return answer
    }
    const answers: bigint[] = []
    for (let count = 0; count < 12; count++) answers.push(await ask(two.id))
    expect(answers.filter((answer) => answer === 1n)).toHaveLength(8)
    expect(await ask('nobody')).toBe(0n)
  })
})

/** More than a suspicion needs. */
const LIARS = ['liar 1', 'liar 2', 'liar 3', 'liar 4', 'liar 5']
