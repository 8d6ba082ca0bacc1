/**
 * What a node does about members that it is not connected to, and what that costs, in virtual time.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MemberState } from '../../src/membership/member.ts'
import type { MemoryHub } from '../builders/network.ts'
import { syncHub, syncNode, type SyncNode } from '../builders/syncNode.ts'

let hub: MemoryHub
let nodes: readonly SyncNode[] = []
let dials = 0

beforeEach(() => {
  hub = syncHub()
  dials = 0
})

afterEach(() => {
  for (const { node } of nodes) node.stop()
})

/** Each is linked to the next two; all know all. */
async function ring(count: number): Promise<readonly SyncNode[]> {
  const made: SyncNode[] = []
  for (let index = 0; index < count; index++) {
    const settings = { targetPeers: 0 }
    const one = await syncNode(hub, { name: `node ${index}`, seed: index + 1, settings })
    made.push(one)
    countDials(one)
  }
  for (const [at, one] of made.entries())
    for (const step of [1, 2]) hub.link(one.network, nodeAt(made, at + step).network)
  nodes = made
  await hub.run(3_000, 100)
  return made
}

function nodeAt(all: readonly SyncNode[], index: number): SyncNode {
  return all[index % all.length] as SyncNode
}

function countDials({ network }: SyncNode): void {
  const dial = network.dial.bind(network)
  network.dial = (address) => {
    dials++
    return dial(address)
  }
}

function kill(one: SyncNode): void {
  hub.remove(one.network)
  one.node.stop()
}

function held(holders: readonly SyncNode[], of: SyncNode): (MemberState | undefined)[] {
  return holders.map(({ node }) => node.members.get(of.id)?.state)
}

function suspicions(): number {
  return nodes.reduce((sum, { node }) => sum + node.members.counts.suspicions, 0)
}

describe('a member that is no neighbour', () => {
  test('and dies with all its neighbours is dead for all others in the end', async () => {
    const all = await ring(10)
    const [dying, others] = [all.slice(0, 5), all.slice(5)]
    for (const one of dying) kill(one)
    await hub.run(180_000, 100)
    for (const one of dying) expect(held(others, one)).toEqual(others.map(() => 'dead'))
    for (const one of others) expect(held(others, one)).toEqual(others.map(() => 'alive'))
  }, 60_000)

  test('and runs is suspected by nobody, at a dial of each node in half a minute', async () => {
    await ring(10)
    await hub.run(300_000, 100)
    expect(suspicions()).toBe(0)
    expect(dials).toBeGreaterThan(0)
    expect(dials).toBeLessThanOrEqual(10 * 10)
  }, 60_000)

  test('and cannot be dialled refutes that, and is left in peace by all who have seen it', async () => {
    const all = await ring(10)
    const hidden = nodeAt(all, 0)
    for (const { network } of all) refuseDialsTo(network, hidden)
    await hub.run(600_000, 100)
    expect(held(all, hidden)).toEqual(all.map(() => 'alive'))
    expect(suspicions()).toBeLessThanOrEqual(10)
    expect(all.map(({ node }) => node.members.counts.deaths)).toEqual(all.map(() => 0))
  }, 120_000)
})

describe('a link that is lost between two that run', () => {
  test('costs a few dials, since connections made to probe are nobody to miss', async () => {
    const all = await ring(12)
    hub.unlink(nodeAt(all, 0).network, nodeAt(all, 1).network)
    await hub.run(5_000, 100)
    expect(dials).toBeLessThanOrEqual(4)
    expect(suspicions()).toBe(0)
  })
})

function refuseDialsTo(network: SyncNode['network'], hidden: SyncNode): void {
  const dial = network.dial.bind(network)
  network.dial = (address) =>
    address.includes(hidden.id) ? Promise.reject(new Error('no route')) : dial(address)
}
