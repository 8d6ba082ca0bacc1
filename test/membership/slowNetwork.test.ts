/**
 * A network whose nodes answer late, as when many share a core. Asking others to look makes it
 * slower still: their dials once cost fifty nodes on two cores all their time.
 */
import { beforeEach, expect, test } from 'vitest'
import type { MemoryHub } from '../builders/network.ts'
import { syncHub, syncNode, type SyncNode } from '../builders/syncNode.ts'

const NODES = 8

let hub: MemoryHub

beforeEach(() => {
  hub = syncHub()
})

/** Nodes in a ring that know each other: helpers have to dial. */
async function ring(): Promise<readonly SyncNode[]> {
  const nodes: SyncNode[] = []
  for (let index = 0; index < NODES; index++)
    nodes.push(await syncNode(hub, { seed: index + 1, settings: { targetPeers: 0 } }))
  for (const [at, { network }] of nodes.entries())
    hub.link(network, (nodes[(at + 1) % NODES] as SyncNode).network)
  await hub.run(5_000, 50)
  return nodes
}

function sum(nodes: readonly SyncNode[], of: (node: SyncNode['node']) => number): number {
  return nodes.reduce((total, { node }) => total + of(node), 0)
}

test('neighbours that answer after 700 ms are waited for, and soon nobody is asked to look', async () => {
  const nodes = await ring()
  for (const { network } of nodes) network.pingMs = 700
  await hub.run(40_000, 50)
  const asked = sum(nodes, ({ members }) => members.probeCounts.indirect)
  await hub.run(120_000, 50)
  expect(sum(nodes, ({ members }) => members.probeCounts.indirect)).toBe(asked)
  expect(sum(nodes, ({ members }) => members.counts.suspicions)).toBe(0)
  expect(sum(nodes, ({ members }) => members.probeCounts.sent)).toBeGreaterThan(NODES * 20)
})

test('a node takes itself for slow when a neighbour was there and did not answer in time', async () => {
  const [one, two] = (await ring()) as [SyncNode, SyncNode, ...SyncNode[]]
  const scores: number[] = []
  two.network.pingMs = 700
  for (let step = 0; step < 80; step++) {
    await hub.run(50, 50)
    scores.push(one.node.members.health.score)
  }
  expect(scores.some((score) => score > 0)).toBe(true)
  two.network.pingMs = 0
  await hub.run(30_000, 50)
  expect(one.node.members.health.score).toBe(0)
})
