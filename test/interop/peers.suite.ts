/** Peers of other implementations, written from docs/wire.md alone, in a network of ours. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Peer } from '../../src/devnet/devnetPeer.ts'
import { describeNeeding } from '../builders/needs.ts'
import { RECIPIENT, signedTransfer } from '../builders/tx.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import {
  includedAt,
  knownTo,
  meshedWith,
  nodeAt,
  startNetwork,
  type JoinedNetwork,
} from './network.ts'
import { ReferencePeer } from './referencePeer.ts'

const GO_PEER = process.env['INTEROP_GO_PEER'] ?? ''

describeNeeding(GO_PEER === '' ? 'needs go: see test/interop/README.md' : '', 'the Go peer', () => {
  let network: JoinedNetwork
  let peer: ReferencePeer
  const node = (index: number): Peer => nodeAt(network.devnet, index)

  beforeAll(async () => {
    network = await startNetwork(0, 0)
    peer = await ReferencePeer.start({ program: GO_PEER, networkFile: network.networkFile, key: 1 })
    for (const index of [0, 1]) {
      const [address] = node(index).process.info.multiaddrs
      await peer.order('connect', { address })
    }
  })

  afterAll(async () => {
    await peer?.leave()
    await network?.stop()
  })

  test('gives its status, takes ours, and joins the meshes', async () => {
    const { peerId } = node(0).process.info
    expect(await knownTo(node(0), peer.id)).toMatchObject({ client: 'go-reference-peer' })
    expect(await peer.event('status', { peer: peerId })).toMatchObject({ refusal: '' })
    await meshedWith(node(0), peer.id)
    await meshedWith(node(1), peer.id)
  })

  test('receives a transaction, and has one of its own included everywhere', async () => {
    const { raw, hash } = signedTransfer({ from: 0 })
    await node(2).rpc.call('eth_sendRawTransaction', [bytesToHex(raw)])
    expect(await peer.event('item', { hash })).toMatchObject({ verdict: 'accept' })
    const key = network.devnet.accounts[1]?.privateKey
    const own = await peer.order('transfer', { key, nonce: 0, to: RECIPIENT, gas: 21_000 })
    for (const index of [0, 1, 2]) await includedAt(node(index), String(own))
  })
})
