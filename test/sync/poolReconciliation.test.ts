import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { asHash, type Hash } from '../../src/crypto/keccak.ts'
import { decodeRlp } from '../../src/lib/rlp.ts'
import { FIRST_LOOK_MS } from '../../src/sync/reconcile/reconcileLimits.ts'
import { reconcileIntervalMs } from '../../src/sync/reconcile/reconciliation.ts'
import type { MemoryHub } from '../builders/network.ts'
import {
  AGEING_MS,
  ALONE,
  hashesOf,
  meet,
  pooled,
  submit,
  transfersOf,
} from '../builders/reconciling.ts'
import { statusPuppet, syncHub, syncNode, type SyncNode } from '../builders/syncNode.ts'
import { GWEI, signedTransfer } from '../builders/tx.ts'

const COMMON = transfersOf(0, 30)
const LEFT_ONLY = transfersOf(1, 5)
const RIGHT_ONLY = transfersOf(2, 7)

describe('reconciliation', () => {
  let hub: MemoryHub
  let left: SyncNode
  let right: SyncNode
  const others: SyncNode[] = []

  beforeEach(async () => {
    hub = syncHub()
    left = await syncNode(hub, { name: 'left', settings: ALONE })
    right = await syncNode(hub, { name: 'right', seed: 2, settings: ALONE })
  })

  afterEach(() => {
    for (const { node } of [left, right, ...others.splice(0)]) {
      node.mempool.assertInvariants()
      node.stop()
    }
  })

  /** Records the hashes that a node asks for from now on. */
  function fetchedBy({ network }: SyncNode): Hash[] {
    const fetched: Hash[] = []
    const request = network.request.bind(network)
    vi.spyOn(network, 'request').mockImplementation((to, protocol, limits, data) => {
      if (protocol.includes('/transactions/')) {
        const [hashes] = decodeRlp(data) as [Uint8Array[]]
        fetched.push(...hashes.map(asHash))
      }
      return request(to, protocol, limits, data)
    })
    return fetched
  }

  /** What the node publishes meanwhile reaches nobody. */
  async function withoutGossip({ network }: SyncNode, act: () => Promise<void>): Promise<void> {
    const lost = vi.spyOn(network, 'publish')
    lost.mockResolvedValue({ recipients: [], duplicate: false })
    await act()
    lost.mockRestore()
  }

  test('makes two pools equal that met late, and moves the difference alone', async () => {
    await submit(left, [...COMMON, ...LEFT_ONLY])
    await submit(right, [...COMMON, ...RIGHT_ONLY])
    await hub.run(AGEING_MS, 500)
    const [byLeft, byRight] = [fetchedBy(left), fetchedBy(right)]
    await meet(hub, left, right)
    expect(pooled(left)).toEqual(hashesOf([...COMMON, ...LEFT_ONLY, ...RIGHT_ONLY]).sort())
    expect(pooled(right)).toEqual(pooled(left))
    expect(byLeft.toSorted()).toEqual(hashesOf(RIGHT_ONLY).sort())
    expect(byRight.toSorted()).toEqual(hashesOf(LEFT_ONLY).sort())
  })

  test('tells both sides what the difference was and what it cost', async () => {
    await submit(left, [...COMMON, ...LEFT_ONLY])
    await submit(right, [...COMMON, ...RIGHT_ONLY])
    await hub.run(AGEING_MS, 500)
    await meet(hub, left, right)
    const [byLeft] = left.node.sync.poolComparisons()
    expect(byLeft).toMatchObject({
      peer: right.id,
      led: 'here',
      atMs: hub.clock.wallMs(),
      membersHere: 35,
      membersThere: 37,
      missingHere: 7,
      missingThere: 5,
    })
    expect(byLeft?.samplesHere.toSorted()).toEqual(hashesOf(RIGHT_ONLY).sort())
    expect(byLeft?.samplesThere.toSorted()).toEqual(hashesOf(LEFT_ONLY).sort())
    const [byRight] = right.node.sync.poolComparisons()
    expect(byRight).toEqual({
      ...byLeft,
      peer: left.id,
      led: 'there',
      membersHere: 37,
      membersThere: 35,
      missingHere: 5,
      missingThere: 7,
      samplesHere: byLeft?.samplesThere,
      samplesThere: byLeft?.samplesHere,
      sentBytes: byLeft?.receivedBytes,
      receivedBytes: byLeft?.sentBytes,
    })
    expect(left.node.sync.reconciliationCounts()).toEqual({
      ledHere: 1,
      ledThere: 0,
      taken: 7,
      given: 5,
      sentBytes: byLeft?.sentBytes,
      receivedBytes: byLeft?.receivedBytes,
      roundTrips: byLeft?.roundTrips,
    })
    expect(right.node.sync.reconciliationCounts()).toMatchObject({
      ledHere: 0,
      ledThere: 1,
      taken: 5,
      given: 7,
    })
    await hub.run(15_000, 500)
    expect(left.node.sync.poolComparisons()[0]).toMatchObject({ missingHere: 0, missingThere: 0 })
    hub.unlink(left.network, right.network)
    expect(left.node.sync.poolComparisons()).toEqual([])
  })

  test('opens no nonce gap on the way', async () => {
    const many = transfersOf(3, 500)
    await submit(left, many)
    await hub.run(AGEING_MS, 500)
    const kinds = new Set<string>()
    right.node.mempool.events.on(({ kind }) => kinds.add(kind))
    await meet(hub, left, right)
    expect(right.node.mempool.pendingCount).toBe(500)
    expect([...kinds]).toEqual(['pending'])
  })

  test('brings at once what a pool held before the peer came, however young it is', async () => {
    await submit(left, LEFT_ONLY)
    await submit(right, RIGHT_ONLY)
    await meet(hub, left, right)
    expect(pooled(left)).toEqual(hashesOf([...LEFT_ONLY, ...RIGHT_ONLY]).sort())
    expect(pooled(right)).toEqual(pooled(left))
  })

  test('leaves what comes after the peer to gossip for 10 s, and looks again when it is old', async () => {
    hub.link(left.network, right.network)
    await hub.settle()
    await hub.run(100, 50)
    await withoutGossip(left, () => submit(left, LEFT_ONLY))
    await hub.run(FIRST_LOOK_MS + 8_000, 500)
    expect(pooled(right)).toEqual([])
    await hub.run(4_000, 500)
    expect(pooled(right)).toEqual(hashesOf(LEFT_ONLY).sort())
  })

  test('does not fetch what is old on one side and young on the other', async () => {
    const [byLeft, byRight] = [fetchedBy(left), fetchedBy(right)]
    await submit(left, COMMON)
    await submit(right, LEFT_ONLY)
    await hub.run(8_000, 500)
    await submit(right, COMMON)
    await submit(left, LEFT_ONLY)
    await hub.run(3_000, 500)
    await meet(hub, left, right)
    expect(left.node.sync.poolComparisons()).toMatchObject([{ missingHere: 0, missingThere: 0 }])
    expect([...byLeft, ...byRight]).toEqual([])
  })

  test('does not show what is parked, but what is queued', async () => {
    const [queued, parked] = [10n, 40n].map((nonce) => signedTransfer({ from: 4, nonce }))
    const source = await statusPuppet(hub, left)
    for (const tx of [queued, parked])
      if (tx !== undefined) void left.receive('tx', tx.raw, source.id)
    await hub.run(AGEING_MS, 500)
    expect(left.node.mempool.queuedCount).toBe(2)
    hub.link(left.network, right.network)
    await hub.run(1_000, 500)
    expect(pooled(right)).toEqual([queued?.hash])
  })

  test('spreads further what it brought', async () => {
    const third = await syncNode(hub, { name: 'third', settings: ALONE })
    others.push(third)
    hub.link(right.network, third.network)
    await submit(left, LEFT_ONLY)
    await hub.run(AGEING_MS, 500)
    await meet(hub, left, right)
    expect(pooled(third)).toEqual(hashesOf(LEFT_ONLY).sort())
  })

  test('repeats with a random peer: what gossip loses later is found within 15 s', async () => {
    hub.link(left.network, right.network)
    await hub.run(20_000, 500)
    await withoutGossip(left, () => submit(left, LEFT_ONLY))
    await hub.settle()
    expect(pooled(right)).toEqual([])
    await hub.run(10_000 + 15_000, 500)
    expect(pooled(right)).toEqual(hashesOf(LEFT_ONLY).sort())
  })

  test('asks once for what the pool then refuses, not every 15 s', async () => {
    const dear = signedTransfer({
      from: 5,
      maxFeePerGas: 4n * GWEI,
      maxPriorityFeePerGas: 4n * GWEI,
    })
    const cheap = signedTransfer({ from: 5 })
    await submit(left, [dear])
    await submit(right, [cheap])
    await hub.run(AGEING_MS, 500)
    const fetched = fetchedBy(left)
    hub.link(left.network, right.network)
    await hub.run(100_000, 500)
    expect(fetched).toEqual([cheap.hash])
    expect(pooled(left)).toEqual([dear.hash])
    expect(pooled(right)).toEqual([dear.hash])
  })
})

test('the interval grows with the doublings of the peers beyond 32', () => {
  expect([1, 32, 33, 64, 65, 300].map((peers) => reconcileIntervalMs(15_000, peers))).toEqual([
    15_000, 15_000, 30_000, 30_000, 45_000, 75_000,
  ])
})
