import { afterEach, describe, expect, test } from 'vitest'
import type { MemberState } from '../../src/membership/member.ts'
import { rpcClient } from '../../src/rpc/client/rpcClient.ts'
import {
  eventually,
  genesisFile,
  startPeer,
  stopPeers,
  type TestPeer,
} from '../builders/runningPeer.ts'

afterEach(stopPeers)

/** What a host holds another for. */
function stateAt({ node }: TestPeer, of: TestPeer): MemberState | undefined {
  return node.members.get(of.id)?.state
}

/** Hosts that all join by the first one. */
async function startHosts(count: number): Promise<readonly TestPeer[]> {
  const settings = { genesis: genesisFile(), rpc: true, probeIntervalMs: 200 }
  const first = await startPeer(settings)
  const others = await Promise.all(
    Array.from({ length: count - 1 }, () => startPeer(settings, first)),
  )
  return [first, ...others]
}

function allHold(hosts: readonly TestPeer[], of: TestPeer, state: MemberState): () => boolean {
  return () => hosts.every((host) => stateAt(host, of) === state)
}

async function untilAllKnowAll(hosts: readonly TestPeer[]): Promise<void> {
  await eventually(hosts, () => hosts.every((of) => allHold(hosts, of, 'alive')()))
}

describe('the members of a network on real sockets', () => {
  test('are known to each, with who told of them, and a later one learns of all', async () => {
    const hosts = await startHosts(4)
    await untilAllKnowAll(hosts)
    const [first, second] = hosts as readonly [TestPeer, TestPeer]
    const late = await startPeer({ genesis: first.node.parts.settings.genesis }, second)
    await untilAllKnowAll([...hosts, late])
    const answer = await rpcClient(first.rpc?.url ?? '').call('gossip_member', [late.id])
    expect(answer).toMatchObject({
      peer: late.id,
      state: 'alive',
      role: 'relay',
      addresses: late.network.addresses().map((address) => address.replace(/\/p2p\/.*/, '')),
      story: [{ state: 'alive' }],
    })
    for (const { node } of hosts) node.members.members.assertInvariants()
  })

  test('that are killed are dead for all others, and one that stops has left', async () => {
    const hosts = await startHosts(5)
    await untilAllKnowAll(hosts)
    const [killed, stopped, ...others] = hosts as readonly [TestPeer, TestPeer, ...TestPeer[]]
    await stopped.stop()
    await eventually(others, allHold(others, stopped, 'left'))
    await killed.kill()
    await eventually(others, allHold(others, killed, 'dead'))
    expect(others.map(({ node }) => node.members.liveCount)).toEqual(others.map(() => 3))
    for (const { node } of others) node.members.members.assertInvariants()
  })
})
