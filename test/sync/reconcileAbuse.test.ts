import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeRlp } from '../../src/lib/rlp.ts'
import { EARLY_STATUS_COUNT, STATUS_INTERVAL_MS } from '../../src/sync/limits.ts'
import { integer } from '../../src/sync/protocol.ts'
import {
  ALL_SESSIONS,
  FIRST_LOOK_MS,
  MAX_LED_SESSIONS,
  PEER_SESSIONS,
  RECONCILE_INTERVAL_MS,
  SILENCE_MS,
} from '../../src/sync/reconcile/reconcileLimits.ts'
import {
  decodeReconcile,
  encodeAnswer,
  encodeDifference,
  encodeReconcile,
  type ReconcileRequest,
} from '../../src/sync/reconcile/messages.ts'
import { encodeStatus } from '../../src/sync/status/status.ts'
import type { MemoryHub } from '../builders/network.ts'
import {
  AGEING_MS,
  ALONE,
  found,
  hashesOf,
  namesOf,
  pooled,
  submit,
  transfersOf,
} from '../builders/reconciling.ts'
import {
  chainOf,
  collect,
  frames,
  puppet,
  silence,
  statusOf,
  statusPuppet,
  syncHub,
  syncNode,
  type Puppet,
  type SyncNode,
} from '../builders/syncNode.ts'

const COMMON = transfersOf(0, 30)
const RIGHT_ONLY = transfersOf(2, 7)

describe('reconciliation', () => {
  let hub: MemoryHub
  let left: SyncNode
  let right: SyncNode

  beforeEach(async () => {
    hub = syncHub()
    left = await syncNode(hub, { name: 'left', settings: ALONE })
    right = await syncNode(hub, { name: 'right', seed: 2, settings: ALONE })
  })

  afterEach(() => {
    for (const { node } of [left, right]) {
      node.mempool.assertInvariants()
      node.stop()
    }
  })

  describe('with a peer that', () => {
    function reconciles(peer: Puppet): ReconcileRequest[] {
      return peer.asked
        .filter(({ name }) => name === 'pool')
        .map(({ request }) => decodeReconcile(request))
    }

    /**
     * A peer that is led by `left` and answers every request of the pool protocol with these
     * frames.
     */
    async function answering(...answer: readonly Uint8Array[]): Promise<Puppet> {
      const peer = await statusPuppet(hub, left)
      await peer.serve('pool', frames(...answer))
      return peer
    }

    function isConnected(peer: Puppet): boolean {
      return left.network.peers().some(({ id }) => id === peer.id)
    }

    beforeEach(async () => {
      await submit(left, COMMON)
      await hub.run(AGEING_MS, 500)
    })

    test.each([
      ['asks for more for ever', [encodeAnswer({ state: 'more', size: 30 })]],
      ['answers nothing', []],
      ['answers noise', [new Uint8Array(30).fill(0x99)]],
      ['lacks what it was not told of', [found(1), ...encodeDifference({ hashes: [], ids: [9] })]],
      ['names more than it has', [found(0), ...namesOf(RIGHT_ONLY)]],
      ['goes on after its answer', [encodeAnswer({ state: 'later', size: 0 }), found(1)]],
    ])('%s is dropped after a bounded number of requests', async (_, answer) => {
      const peer = await answering(...answer)
      await hub.run(1_000, 500)
      expect(isConnected(peer)).toBe(false)
      expect(reconciles(peer).length).toBeLessThan(5)
    })

    test('has no time is left alone until the next round', async () => {
      const peer = await answering(encodeAnswer({ state: 'later', size: 0 }))
      await hub.run(5_000, 500)
      expect(reconciles(peer).length, 'meeting, and at most one round').toBeLessThan(3)
      await hub.run(30_000, 500)
      expect(isConnected(peer)).toBe(true)
      expect(reconciles(peer).length).toBeLessThan(6)
    })

    test('says nothing holds up no other', async () => {
      for (let count = 0; count < 3; count++) {
        const peer = await statusPuppet(hub, left)
        await peer.serve('pool', silence)
      }
      hub.link(left.network, right.network)
      await hub.run(1_000, 500)
      expect(pooled(right)).toEqual(hashesOf(COMMON).sort())
    })

    test('says nothing takes one of few places, and the others wait', async () => {
      const peers: Puppet[] = []
      for (let count = 0; count < MAX_LED_SESSIONS + 2; count++) {
        const peer = await statusPuppet(hub, left)
        await peer.serve('pool', silence)
        peers.push(peer)
      }
      await hub.run(2_000, 500)
      const asked = () => peers.filter((peer) => reconciles(peer).length > 0).length
      expect(asked()).toBe(MAX_LED_SESSIONS)
      await hub.run(6_000, 500)
      expect(asked()).toBe(peers.length)
    })

    test('names what it does not deliver costs nothing but the request', async () => {
      const peer = await answering(found(9), ...namesOf(RIGHT_ONLY))
      await peer.serve('transactions', frames())
      await hub.run(1_000, 500)
      expect(peer.asked.filter(({ name }) => name === 'transactions')).toHaveLength(1)
      expect(isConnected(peer)).toBe(true)
      expect(pooled(left)).toEqual(hashesOf(COMMON).sort())
    })

    test('speaks again after a silence is compared with at once', async () => {
      const peer = await answering(encodeAnswer({ state: 'later', size: 0 }))
      await hub.run(1_000, 500)
      await peer.serve('status', busy)
      await hub.run(STATUS_INTERVAL_MS + SILENCE_MS, 500)
      const [heardMs, askedMs]: number[][] = [[], []]
      await peer.serve('status', async function* () {
        heardMs?.push(hub.clock.monotonicMs())
        yield encodeStatus(statusOf())
      })
      await peer.serve('pool', async function* () {
        askedMs?.push(hub.clock.monotonicMs())
        yield encodeAnswer({ state: 'later', size: 0 })
      })
      await hub.run(STATUS_INTERVAL_MS + FIRST_LOOK_MS)
      expect(askedMs).toContain((heardMs?.[0] ?? 0) + FIRST_LOOK_MS)
      expect(isConnected(peer)).toBe(true)
    })

    test('is asked for its status rarely, as one of many, is compared with no more often for that', async () => {
      const peers: Puppet[] = []
      for (let count = 0; count < 6; count++)
        peers.push(await answering(encodeAnswer({ state: 'later', size: 0 })))
      await hub.run(5 * RECONCILE_INTERVAL_MS, 500)
      const statuses = peers.flatMap(({ asked }) => asked.filter(({ name }) => name === 'status'))
      expect(statuses.length).toBeGreaterThan(EARLY_STATUS_COUNT * peers.length)
      const [looks, rounds] = [2 * peers.length, 6]
      expect(peers.flatMap(reconciles).length).toBeLessThanOrEqual(looks + rounds)
    })

    test('is ahead by many blocks is compared with when these have come or do not come', async () => {
      const few = chainOf(2)
      const rest = Promise.withResolvers<void>()
      const peer = puppet(hub)
      const ahead = statusOf({ headNumber: 30n, totalDifficulty: 1_000n })
      await peer.serve('status', frames(encodeStatus(ahead)))
      await peer.serve('pool', frames(encodeAnswer({ state: 'later', size: 0 })))
      await peer.serve('blocks', async function* () {
        const next = few[peer.asked.filter(({ name }) => name === 'blocks').length - 1]
        if (next !== undefined) yield next.raw
        if (next !== few[0]) await rest.promise
      })
      hub.link(peer.network, left.network)
      await hub.run(8_000, 500)
      expect(left.node.sync.progress()).toBeDefined()
      expect(reconciles(peer)).toEqual([])
      await peer.serve('blocks', frames())
      rest.resolve()
      await hub.run(1_500, 500)
      expect(left.node.sync.progress()).toBeUndefined()
      expect(reconciles(peer)).toHaveLength(1)
    })
  })

  describe('led by a peer that', () => {
    const key = new Uint8Array(8).fill(5)
    const first = (of: Uint8Array = key) =>
      encodeReconcile({ form: 'ids', key: of, size: 1, from: 0, body: new Uint8Array(6).fill(3) })

    async function ask(peer: Puppet, request: Uint8Array): Promise<readonly Uint8Array[]> {
      return collect(peer.requests.send(left.id, 'pool', request))
    }

    async function leader(): Promise<Puppet> {
      const peer = await statusPuppet(hub, left, {}, 'a-leader')
      await peer.serve('transactions', frames())
      await hub.settle()
      return peer
    }

    test('begins again and again is told to come later', async () => {
      const peer = await leader()
      const answers = []
      for (let count = 0; count <= PEER_SESSIONS.burst; count++)
        answers.push((await ask(peer, first(new Uint8Array(8).fill(count))))[0])
      expect(answers.at(-2)).toEqual(found(0))
      expect(answers.at(-1)).toEqual(encodeAnswer({ state: 'later', size: 0 }))
    })

    test('comes under ever new names meets the budget of all', async () => {
      const later = encodeAnswer({ state: 'later', size: 0 })
      let begun = 0
      for (let count = 0; count < ALL_SESSIONS.burst + 5; count++) {
        const peer = await statusPuppet(hub, left, {}, `a-leader-${count}`)
        const [answer] = await ask(peer, first())
        if (!Buffer.from(later).equals(answer ?? later)) begun++
        hub.unlink(peer.network, left.network)
      }
      expect(begun).toBe(ALL_SESSIONS.burst)
    })

    test('goes on with a session that it never began is told to come later', async () => {
      const peer = await leader()
      const request = { form: 'ids', key, size: 9, from: 3, body: new Uint8Array(6) } as const
      expect(await ask(peer, encodeReconcile(request))).toEqual([
        encodeAnswer({ state: 'later', size: 0 }),
      ])
    })

    test('begins while we lead is told to come later', async () => {
      const peer = await statusPuppet(hub, left)
      await peer.serve('pool', silence)
      await hub.run(1_000, 500)
      expect(await ask(peer, first())).toEqual([encodeAnswer({ state: 'later', size: 0 })])
    })

    test('has begun is not led at the same time', async () => {
      const peer = await statusPuppet(hub, left)
      await hub.settle()
      const body = new Uint8Array(20).fill(3)
      await ask(peer, encodeReconcile({ form: 'cells', key, size: 9, from: 0, body }))
      await hub.run(2_000, 500)
      expect(peer.asked.filter(({ name }) => name === 'pool')).toEqual([])
    })

    test('gives what nobody found missing is asked for nothing', async () => {
      const peer = await leader()
      const given = encodeReconcile({ form: 'give', key, hashes: hashesOf(RIGHT_ONLY) })
      expect(await ask(peer, given)).toEqual([encodeRlp([integer(0)])])
      await ask(peer, first())
      expect(await ask(peer, given)).toEqual([encodeRlp([integer(0)])])
      expect(peer.asked.filter(({ name }) => name === 'transactions')).toEqual([])
    })

    test('says it lacks everything is told hashes and nothing else', async () => {
      await submit(left, COMMON)
      await hub.run(AGEING_MS, 500)
      const peer = await leader()
      const empty = { form: 'ids', key, size: 0, from: 0, body: new Uint8Array(0) } as const
      const answer = await ask(peer, encodeReconcile(empty))
      expect(answer).toEqual([found(30), ...namesOf(COMMON)])
    })

    test('sends any bytes neither stops the node nor is answered with more than the limits', async () => {
      const kinds = fc.constantFrom(0, 1, 2, 3, 4)
      const items = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 })
      await fc.assert(
        fc.asyncProperty(kinds, items, fc.boolean(), async (kind, rest, isKeyed) => {
          const peer = await leader()
          const request = encodeRlp([integer(kind), ...(isKeyed ? [key] : []), ...rest])
          const answer = await ask(peer, request).catch(() => [])
          expect(answer.length).toBeLessThan(3)
          hub.unlink(peer.network, left.network)
        }),
        { numRuns: 60 },
      )
      expect(left.lines.filter(({ message }) => message.includes('failed'))).toEqual([])
    })
  })
})

/** Takes the request and fails. */
async function* busy(): AsyncIterable<Uint8Array> {
  yield* []
  throw new Error('busy')
}
