import { afterEach, expect, test } from 'vitest'
import { rpcClient } from '../../src/rpc/client/rpcClient.ts'
import { RECONCILE_AGE_MS } from '../../src/sync/reconcile/reconcileLimits.ts'
import {
  eventually,
  genesisFile,
  startPeer,
  stopPeers,
  type TestPeer,
} from '../builders/runningPeer.ts'
import { ALONE, submit, transfersOf } from '../builders/reconciling.ts'

afterEach(stopPeers)

/** Whether everything in the pools is so old that gossip is not waited for. */
function areOld(hosts: readonly TestPeer[]): boolean {
  return hosts.every(({ node }) => {
    const nowMs = node.parts.clock.monotonicMs()
    return [...node.mempool.entries()].every(({ addedMs }) => nowMs - addedMs > RECONCILE_AGE_MS)
  })
}

test('what three nodes took while they were apart is on all of them when they have met', async () => {
  const genesis = genesisFile()
  const hosts = await Promise.all(
    ['a', 'b', 'c'].map(() => startPeer({ ...ALONE, genesis, rpc: true, targetPeers: 0 })),
  )
  const [one, two, three] = hosts as [TestPeer, TestPeer, TestPeer]
  const txs = [transfersOf(0, 40), transfersOf(1, 30), transfersOf(2, 20)]
  for (const [index, host] of hosts.entries()) await submit(host, txs[index] ?? [])
  await eventually(hosts, () => areOld(hosts))
  const [address = ''] = two.network.addresses()
  await Promise.all([one, three].map(({ network }) => network.dial(address)))
  await eventually(hosts, () => hosts.every(({ node }) => node.mempool.pendingCount === 90))
  for (const { node, lines, rpc } of hosts) {
    node.mempool.assertInvariants()
    expect(lines.filter(({ message }) => message.includes('broke'))).toEqual([])
    const answer = await rpcClient(rpc?.url ?? '').call('gossip_inSync')
    expect(answer).toContainEqual(
      expect.objectContaining({ comparedAtMs: expect.any(Number) as number }),
    )
  }
})
