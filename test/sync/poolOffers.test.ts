import { beforeEach, describe, expect, test } from 'vitest'
import { hexToBytes, bytesToBigint } from '../../src/lib/bytes.ts'
import { decodeRlp, encodeRlp } from '../../src/lib/rlp.ts'
import { isOffer } from '../../src/sync/pool/poolOffers.ts'
import { integer } from '../../src/sync/protocol.ts'
import type { Tx } from '../../src/tx/tx.ts'
import type { MemoryHub } from '../builders/network.ts'
import {
  collect,
  frames,
  silence,
  statusPuppet,
  syncHub,
  syncNode,
  type Puppet,
  type SyncNode,
} from '../builders/syncNode.ts'
import { signedTransfer } from '../builders/tx.ts'

const txs = Array.from({ length: 40 }, (_, nonce) => signedTransfer({ nonce: BigInt(nonce) }))
const largeTxs = Array.from({ length: 5 }, (_, nonce) =>
  signedTransfer({
    from: 1,
    nonce: BigInt(nonce),
    data: new Uint8Array(60_000),
    gasLimit: 3_000_000n,
  }),
)

/** An offer as it stands on the wire. */
function offerOf(offered: readonly Tx[]): Uint8Array {
  return encodeRlp([integer(0), offered.map(({ hash }) => hexToBytes(hash))])
}

describe('offers', () => {
  let hub: MemoryHub
  let one: SyncNode

  beforeEach(async () => {
    hub = syncHub()
    one = await syncNode(hub)
  })

  /** A peer that has these transactions and serves as many at a time as fit into an answer. */
  async function holder(all: readonly Tx[], maxBytes = 128 * 1024): Promise<Puppet> {
    const peer = await statusPuppet(hub, one)
    await peer.serve('transactions', async function* (_, request) {
      const [hashes] = decodeRlp(request) as [Uint8Array[]]
      let bytes = 0
      for (const hash of hashes ?? []) {
        const tx = all.find((tx) => bytesToBigint(hash) === BigInt(tx.hash))
        if (tx === undefined || bytes > maxBytes) continue
        bytes += tx.raw.length
        yield tx.raw
      }
    })
    return peer
  }

  async function offer(peer: Puppet, offered: readonly Tx[]): Promise<number> {
    const answer = await collect(peer.requests.send(one.id, 'pool', offerOf(offered)))
    const [wanted] = decodeRlp(answer[0] ?? new Uint8Array(0)) as Uint8Array[]
    return Number(bytesToBigint(wanted ?? new Uint8Array(0)))
  }

  function has(tx: Tx | undefined): boolean {
    return tx !== undefined && one.node.mempool.has(tx.hash)
  }

  function fetches(peer: Puppet): number {
    return peer.asked.filter(({ name }) => name === 'transactions').length
  }

  test('carry a transaction that the router no longer does, to all nodes', async () => {
    const [left, middle, right] = [one, await syncNode(hub), await syncNode(hub)]
    const source = await statusPuppet(hub, left)
    const gapped = signedTransfer({ nonce: 20n })
    void left.receive('tx', gapped.raw, source.id)
    await hub.run(12_000, 500)
    expect(left.node.mempool.get(gapped.hash)?.place).toBe('parked')
    hub.link(left.network, middle.network)
    hub.link(middle.network, right.network)
    await hub.settle()
    for (const { raw } of txs.slice(0, 20)) await left.node.relay.submit('tx', raw, 'rpc')
    await hub.run(1_000, 500)
    for (const { node } of [left, middle, right]) {
      expect(node.mempool.pendingCount).toBe(21)
      node.mempool.assertInvariants()
      node.stop()
    }
  })

  test('bring what the peer has, in one request', async () => {
    const peer = await holder(txs)
    await hub.settle()
    expect(await offer(peer, txs.slice(0, 10))).toBe(10)
    await hub.settle()
    expect(one.node.mempool.pendingCount).toBe(10)
    expect(fetches(peer)).toBe(1)
    expect(await offer(peer, txs.slice(0, 10))).toBe(0)
    expect(fetches(peer)).toBe(1)
    one.node.stop()
  })

  test('larger than one answer are fetched in as many as it takes', async () => {
    const peer = await holder(largeTxs)
    await hub.settle()
    await offer(peer, largeTxs)
    await hub.settle()
    expect(largeTxs.map(has)).toEqual([true, true, true, true, true])
    expect(fetches(peer)).toBe(2)
    one.node.stop()
  })

  test('that are not delivered are asked for at the next peer that made them', async () => {
    const staller = await statusPuppet(hub, one)
    await staller.serve('transactions', silence)
    const honest = await holder(txs)
    await hub.settle()
    await offer(staller, txs.slice(0, 5))
    await offer(honest, txs.slice(0, 5))
    await hub.settle()
    expect(fetches(honest)).toBe(0)
    await hub.run(5_500, 500)
    expect(txs.slice(0, 5).every(has)).toBe(true)
    expect(fetches(staller)).toBe(1)
    expect(one.network.dropped).toEqual([])
    one.node.stop()
  })

  test('left out of the answer are asked for at the next peer at once', async () => {
    const forgetful = await holder(txs.slice(1, 3))
    const honest = await holder(txs)
    await hub.settle()
    await offer(forgetful, txs.slice(0, 5))
    await offer(honest, txs.slice(0, 5))
    await hub.settle()
    expect(txs.slice(0, 5).every(has)).toBe(true)
    one.node.stop()
  })

  test('of a peer that goes in the middle are asked for elsewhere', async () => {
    const leaver = await statusPuppet(hub, one)
    await leaver.serve('transactions', silence)
    const honest = await holder(txs)
    await hub.settle()
    await offer(leaver, txs.slice(0, 3))
    await offer(honest, txs.slice(0, 3))
    hub.unlink(leaver.network, one.network)
    await hub.settle()
    expect(txs.slice(0, 3).every(has)).toBe(true)
    one.node.stop()
  })

  test.each([
    ['a transaction that was not asked for', signedTransfer({ from: 3 }).raw],
    ['garbage', new Uint8Array([1, 2, 3])],
  ])('answered with %s cost the peer its connection', async (_, raw) => {
    const peer = await statusPuppet(hub, one)
    await peer.serve('transactions', frames(raw))
    await hub.settle()
    await offer(peer, txs.slice(0, 2))
    await hub.settle()
    expect(one.network.dropped).toMatchObject([{ peer: peer.id }])
    one.node.stop()
  })

  test('of a transaction that is rejected cost the peer its connection', async () => {
    const foreign = signedTransfer({ chainId: 5n })
    const peer = await holder([foreign])
    await hub.settle()
    await offer(peer, [foreign])
    await hub.settle()
    expect(one.network.dropped).toMatchObject([
      { reason: expect.stringContaining('rejected') as string },
    ])
    one.node.stop()
  })

  test.each([
    ['of an unknown kind', encodeRlp([integer(9), []])],
    [
      'of 257 hashes',
      encodeRlp([integer(0), Array.from({ length: 257 }, () => new Uint8Array(32))]),
    ],
    ['of hashes that are none', encodeRlp([integer(0), [new Uint8Array(31)]])],
  ])('%s cost the peer its connection', async (_, request) => {
    const peer = await statusPuppet(hub, one)
    await hub.settle()
    await expect(collect(peer.requests.send(one.id, 'pool', request))).rejects.toThrow(Error)
    await hub.settle()
    expect(one.network.peers()).toEqual([])
    one.node.stop()
  })

  test('that nobody answers hold up nothing, and end with the node', async () => {
    const deaf = await statusPuppet(hub, one)
    await deaf.serve('pool', silence)
    await hub.settle()
    one.node.relay.released.emit(txs.map(({ hash }) => hash))
    await hub.run(1_000, 500)
    one.node.relay.released.emit(txs.map(({ hash }) => hash))
    await hub.run(20_000, 500)
    const offers = offersTo(deaf).length
    expect(offers).toBe(2)
    one.node.stop()
    one.node.relay.released.emit(txs.map(({ hash }) => hash))
    await hub.run(5_000, 500)
    expect(offersTo(deaf)).toHaveLength(offers)
  })
})

/** Requests of the pool protocol that were offers; the others are of reconciliation. */
function offersTo({ asked }: Puppet): Puppet['asked'] {
  return asked.filter(({ name, request }) => name === 'pool' && isOffer(request))
}
