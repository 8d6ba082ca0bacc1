import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { multiaddr } from '@multiformats/multiaddr'
import * as fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { Libp2pNetwork } from '../../src/p2p/libp2pNetwork.ts'
import { addressOf, startNetwork, stopAll } from '../builders/p2p.ts'

afterEach(stopAll)

/** A record of a new peer, signed by it unless `signer` is given. */
async function recordOf(addresses: readonly string[], signer?: 'another'): Promise<Uint8Array> {
  const key = await generateKeyPair('Ed25519')
  const peerId = peerIdFromPrivateKey(key)
  const record = new PeerRecord({ peerId, multiaddrs: addresses.map((text) => multiaddr(text)) })
  const by = signer === undefined ? key : await generateKeyPair('Ed25519')
  return (await RecordEnvelope.seal(record, by)).marshal()
}

async function trio(): Promise<[Libp2pNetwork, Libp2pNetwork, Libp2pNetwork]> {
  return Promise.all([startNetwork(), startNetwork(), startNetwork()])
}

/** Resolves when the network can hand out the records of `count` others. */
async function identifies(network: Libp2pNetwork, count: number): Promise<void> {
  const identified = Promise.withResolvers<void>()
  const look = async (): Promise<void> => {
    if ((await network.peerRecords(count + 1)).length === count + 1) identified.resolve()
  }
  network.libp2p.addEventListener('peer:update', () => void look())
  await look()
  await identified.promise
}

describe('signed peer records', () => {
  test('lead one peer to another that it has only heard of', async () => {
    const [a, b, c] = await trio()
    await a.dial(addressOf(b))
    const learnt: unknown[] = []
    for (const record of await c.peerRecords(8)) learnt.push(await a.learnPeer(record))
    expect(learnt).toEqual([c.self])
    await a.dialPeer(c.self)
    expect(a.peers().map(({ id }) => id)).toContain(c.self)
  })

  test('are those of connected peers and our own, no more than asked for', async () => {
    const [a, b, c] = await trio()
    await Promise.all([b.dial(addressOf(a)), c.dial(addressOf(a))])
    await identifies(a, 2)
    expect((await a.peerRecords(2)).length).toBe(2)
    expect(await a.peerRecords(0)).toEqual([])
    const learners = await Promise.all(
      (await a.peerRecords(8)).map((record) => b.learnPeer(record)),
    )
    expect(learners.filter((peer) => peer !== undefined).length).toBe(2)
  })

  test('that are told again are known by their bytes, and not checked again', async () => {
    const a = await startNetwork()
    const { peerStore } = a.libp2p
    let checked = 0
    const consume = peerStore.consumePeerRecord.bind(peerStore)
    peerStore.consumePeerRecord = (...args) => {
      checked++
      return consume(...args)
    }
    const record = await recordOf(['/ip4/127.0.0.1/tcp/4001'])
    const first = await a.learnPeer(record)
    expect(first).toBeDefined()
    expect(await a.learnPeer(record.slice())).toBe(first)
    expect(checked).toBe(1)
    const changed = record.slice()
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
    expect(await a.learnPeer(changed)).toBeUndefined()
  })

  test('of ourselves are one record while our addresses stay', async () => {
    const a = await startNetwork()
    const [once] = await a.peerRecords(1)
    const [again] = await a.peerRecords(1)
    expect(again).toEqual(once)
  })

  test('that are larger than anybody would take are not handed out', async () => {
    const [a, b] = await trio()
    await b.dial(addressOf(a))
    await identifies(a, 1)
    const { peerRecordMaxBytes } = a.limits
    const setRecord = (bytes: number): Promise<unknown> =>
      a.libp2p.peerStore.merge(b.libp2p.peerId, { peerRecordEnvelope: new Uint8Array(bytes) })
    await setRecord(peerRecordMaxBytes)
    expect((await a.peerRecords(8)).map(({ length }) => length)).toContain(peerRecordMaxBytes)
    await setRecord(peerRecordMaxBytes + 1)
    const [own, ...others] = await a.peerRecords(8)
    expect(others).toEqual([])
    expect(await b.learnPeer(own ?? new Uint8Array(0))).toBe(a.self)
  })

  test('of ourselves, without addresses, with too many or with none to dial are of no use', async () => {
    const network = await startNetwork()
    const [own] = await network.peerRecords(1)
    const many = Array.from({ length: 9 }, (_, i) => `/ip4/127.0.0.1/tcp/${4000 + i}`)
    const useless = [
      own,
      await recordOf([]),
      await recordOf(many),
      await recordOf(['/ip4/127.0.0.1/udp/1']),
    ]
    for (const record of useless)
      expect(await network.learnPeer(record ?? new Uint8Array(0))).toBeUndefined()
  })

  test('signed by another than the peer they name are refused', async () => {
    const network = await startNetwork()
    const address = '/ip4/127.0.0.1/tcp/4001'
    expect(await network.learnPeer(await recordOf([address], 'another'))).toBeUndefined()
    expect(await network.learnPeer(await recordOf([address]))).toBeDefined()
  })

  test('that were changed name no other peer, and junk names none, without throwing', async () => {
    const network = await startNetwork()
    const record = await recordOf(['/ip4/127.0.0.1/tcp/4001'])
    const genuine = await network.learnPeer(record)
    const flipped = fc.tuple(fc.nat(record.length - 1), fc.integer({ min: 1, max: 255 }))
    await fc.assert(
      fc.asyncProperty(flipped, async ([at, change]) => {
        const changed = new Uint8Array(record)
        changed[at] = (changed[at] ?? 0) ^ change
        const learnt = await network.learnPeer(changed)
        expect([undefined, genuine]).toContain(learnt)
      }),
      { numRuns: 50 },
    )
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (junk) => {
        expect(await network.learnPeer(junk)).toBeUndefined()
      }),
      { numRuns: 50 },
    )
  })

  test('are remembered for a bounded number of peers', async () => {
    const network = await startNetwork({ limits: { learntPeers: 3 } })
    for (let i = 0; i < 6; i++)
      await network.learnPeer(await recordOf([`/ip4/127.0.0.1/tcp/${4000 + i}`]))
    const known = await network.libp2p.peerStore.all()
    expect(known.filter(({ id }) => !id.equals(network.libp2p.peerId)).length).toBe(3)
  })

  test('of a peer that is not there end a dial with one error', async () => {
    const network = await startNetwork()
    const peer = await network.learnPeer(await recordOf(['/ip4/127.0.0.1/tcp/1']))
    if (peer === undefined) throw new Error('the record was refused')
    await expect(network.dialPeer(peer)).rejects.toThrow(`cannot dial peer ${peer}: `)
  })
})
