import { describe, expect, test } from 'vitest'
import { keccak256Hash, type Hash } from '../../src/crypto/keccak.ts'
import type { PeerId } from '../../src/gossip/network.ts'
import type { SetComparison } from '../../src/sync/reconcile/comparisons.ts'
import { rpcCaller, rpcNode } from '../builders/rpc.ts'

const hashes: readonly Hash[] = Array.from({ length: 12 }, (_, index) =>
  keccak256Hash(Uint8Array.of(index)),
)

const comparison: SetComparison = {
  peer: 'peer-1' as PeerId,
  led: 'here',
  atMs: 1_700_000_000_123,
  membersHere: 100,
  membersThere: 110,
  missingHere: 12,
  missingThere: 2,
  samplesHere: hashes,
  samplesThere: hashes.slice(0, 2),
  sentBytes: 220,
  receivedBytes: 400,
  roundTrips: 3,
}

describe('gossip_inSync', () => {
  const { context } = rpcNode()
  const caller = rpcCaller({ ...context, poolComparisons: () => [comparison] })

  test('tells per peer how the pools differed, with samples, time and cost', async () => {
    const { atMs, ...shown } = comparison
    expect(await caller.result('gossip_inSync')).toEqual([
      { ...shown, comparedAtMs: atMs, samplesHere: hashes.slice(0, 8) },
    ])
  })

  test('shows as many samples of each side as asked for', async () => {
    expect(await caller.result('gossip_inSync', 1)).toMatchObject([
      { missingHere: 12, samplesHere: hashes.slice(0, 1), samplesThere: hashes.slice(0, 1) },
    ])
    expect(await caller.result('gossip_inSync', '0x0')).toMatchObject([{ samplesHere: [] }])
    expect(await caller.error('gossip_inSync', -1)).toMatchObject({ code: -32602 })
  })

  test('says which peers were not compared with yet', async () => {
    const never = [{ peer: 'peer-1', comparedAtMs: null }]
    expect(await rpcCaller(context).result('gossip_inSync')).toEqual(never)
    const nowhere = rpcCaller({ ...context, poolComparisons: () => [] })
    expect(await nowhere.result('gossip_inSync')).toEqual(never)
  })
})
