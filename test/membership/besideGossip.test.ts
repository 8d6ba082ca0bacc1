import { expect, test } from 'vitest'
import type { PeerId } from '../../src/gossip/network.ts'
import { BESIDE_GOSSIP_MS } from '../../src/membership/limits.ts'
import { gossipNode, type GossipNode } from '../builders/gossipNode.ts'
import { memberRecord, recordBy } from '../builders/members.ts'

/** Takes the record of `a` as the answer to a probe brings it. */
function learn(node: GossipNode): void {
  const told = { by: 'a' as PeerId, route: 'probe', atMs: node.clock.monotonicMs() } as const
  node.members.takeRecord(memberRecord('a'), told)
}

async function hear(node: GossipNode): Promise<void> {
  await node.receive('member', recordBy('a'))
  await node.hub.settle()
}

test('a record that a probe has just brought is accepted by gossip, so that it goes on', async () => {
  const node = gossipNode()
  learn(node)
  await hear(node)
  expect([node.count('member', 'accept'), node.count('member', 'duplicate')]).toEqual([1, 0])
})

test('a record that a probe brought long ago is known', async () => {
  const node = gossipNode()
  learn(node)
  await node.hub.run(BESIDE_GOSSIP_MS + 1)
  await hear(node)
  expect([node.count('member', 'accept'), node.count('member', 'duplicate')]).toEqual([0, 1])
})
