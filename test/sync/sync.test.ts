import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PeerId } from '../../src/gossip/network.ts'
import { assert } from '../../src/lib/assert.ts'
import { encodeRlp } from '../../src/lib/rlp.ts'
import { PROTOCOL_LIMITS, type ProtocolName } from '../../src/sync/limits.ts'
import { encodeStatus } from '../../src/sync/status/status.ts'
import { anyRlp } from '../builders/anyRlp.ts'
import type { MemoryHub } from '../builders/network.ts'
import {
  chainOf,
  collect,
  frames,
  puppet,
  statusOf,
  statusPuppet,
  syncHub,
  syncNode,
  type SyncNode,
} from '../builders/syncNode.ts'
import { signedTransfer } from '../builders/tx.ts'

const NAMES = Object.keys(PROTOCOL_LIMITS) as ProtocolName[]
const [parent, child] = chainOf(2)
const parked = signedTransfer({ nonce: 40n })

const someBytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  anyRlp().map((item) => encodeRlp(item)),
  fc.constant(encodeStatus(statusOf({ headNumber: 2n ** 64n - 1n, totalDifficulty: 2n ** 255n }))),
  fc.constant(child?.raw ?? new Uint8Array(0)),
)

describe('the pull side of a node', () => {
  const strays: unknown[] = []
  const note = (reason: unknown): void => void strays.push(reason)
  let hub: MemoryHub
  let one: SyncNode

  beforeEach(async () => {
    process.on('unhandledRejection', note)
    hub = syncHub()
    one = await syncNode(hub)
  })

  afterEach(() => {
    process.off('unhandledRejection', note)
    one.node.stop()
    one.node.sync.held.assertInvariants()
    assert(strays.splice(0).length === 0, 'every rejection is handled')
  })

  function errors(): unknown[] {
    return one.lines.filter(({ message }) => /failed|invariant/.test(message))
  }

  /** Whether a node that behaves gets a status. */
  async function serves(): Promise<boolean> {
    const peer = await statusPuppet(hub, one)
    const request = encodeStatus(statusOf({ receivedUs: 0 }))
    const answer = await collect(peer.requests.send(one.id, 'status', request))
    hub.unlink(peer.network, one.network)
    return answer.length === 1
  }

  test('answers any bytes on any protocol with frames or an end, and serves on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...NAMES), someBytes, async (name, bytes) => {
        const peer = await statusPuppet(hub, one)
        await Promise.allSettled([collect(peer.requests.send(one.id, name, bytes))])
        await hub.settle()
        hub.unlink(peer.network, one.network)
        expect(await serves()).toBe(true)
        expect(errors()).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  test('takes any bytes for an answer to any of its requests, and goes on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(someBytes, { maxLength: 3 }),
        fc.boolean(),
        async (all, isStatus) => {
          const peer = puppet(hub)
          for (const name of NAMES) await peer.serve(name, frames(...all))
          const claim = { headNumber: 50n, totalDifficulty: 500n }
          if (isStatus) await peer.serve('status', frames(encodeStatus(statusOf(claim))))
          hub.link(peer.network, one.network)
          await hub.settle()
          void one.receive('block', child?.raw ?? new Uint8Array(0), peer.id)
          one.node.relay.released.emit([parked.hash])
          await hub.run(1_000, 500)
          hub.unlink(peer.network, one.network)
          expect(one.node.chain.head.header.number).toBe(0n)
          expect(await serves()).toBe(true)
          expect(errors()).toEqual([])
        },
      ),
      { numRuns: 40 },
    )
  })

  test('survives peers that vanish in the middle of every request', async () => {
    for (const vanishing of NAMES) {
      const peer = puppet(hub)
      for (const name of NAMES) await peer.serve(name, frames())
      await peer.serve('status', frames(encodeStatus(statusOf({ totalDifficulty: 500n }))))
      await peer.serve(vanishing, async function* () {
        hub.unlink(peer.network, one.network)
        yield new Uint8Array([0xc0])
      })
      hub.link(peer.network, one.network)
      await hub.settle()
      void one.receive('block', child?.raw ?? new Uint8Array(0), peer.id)
      one.node.relay.released.emit([parked.hash])
      await hub.run(5_000, 500)
    }
    expect(errors()).toEqual([])
    expect(await serves()).toBe(true)
  })

  test('asks nobody for anything after it has stopped', async () => {
    const peer = await statusPuppet(hub, one)
    for (const name of ['blocks', 'peers', 'pool', 'transactions'] as const)
      await peer.serve(name, frames())
    await hub.settle()
    void one.receive('block', child?.raw ?? new Uint8Array(0), peer.id)
    one.node.relay.released.emit([parked.hash])
    one.node.stop()
    await hub.settle()
    const asked = peer.asked.length
    await hub.run(120_000, 2_000)
    expect(peer.asked).toHaveLength(asked)
  })

  test.each<[string, (parentRaw: Uint8Array, from: PeerId) => Promise<unknown>]>([
    ['by gossip', (raw, from) => one.receive('block', raw, from)],
    ['from the sealer', (raw) => one.node.relay.submit('block', raw, 'sealer')],
    ['as the answer to a request', (raw, from) => one.node.relay.judgeFetched('block', raw, from)],
  ])('releases a held block when its parent comes %s', async (_, bring) => {
    const peer = await statusPuppet(hub, one)
    await peer.serve('blocks', frames())
    await hub.settle()
    void one.receive('block', child?.raw ?? new Uint8Array(0), peer.id)
    await hub.settle()
    expect(one.node.sync.held.count).toBe(1)
    void bring(parent?.raw ?? new Uint8Array(0), peer.id)
    await hub.run(1_000, 100)
    expect(one.node.sync.held.count).toBe(0)
    expect(one.node.chain.head.hash).toBe(child?.hash)
  })
})
