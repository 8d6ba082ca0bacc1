/** Peers of other implementations, written from docs/wire.md alone, in a network of ours. */
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Peer } from '../../src/devnet/devnetPeer.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import type { UnsignedTx } from '../../src/tx/encodeTx.ts'
import { describeNeeding } from '../builders/needs.ts'
import { GWEI, signedTransfer } from '../builders/tx.ts'
import {
  cameFrom,
  controlOf,
  agreedBlock,
  includedAt,
  isConnected,
  knownTo,
  meshedWith,
  untilNextBlock,
  nodeAt,
  queuedAt,
  scoreOf,
  startMixedNetwork,
  subscribed,
  until,
  type JoinedNetwork,
} from './network.ts'
import { ReferencePeer } from './referencePeer.ts'

const PEERS = [
  { language: 'Go', tool: 'go', program: process.env['INTEROP_GO_PEER'] },
  { language: 'Rust', tool: 'cargo', program: process.env['INTEROP_RUST_PEER'] },
]
const KEY = { peer: 1, second: 2, meshless: 3, hostile: 4, stranger: 5 }
const BIG_TX_BYTES = 100_000
const BIG_TX_GAS = 450_000n
/** Senders of a block of 4 MB, each of which gives 11 of the largest transactions. */
const BLOCK_SENDERS = [10, 11, 12]
const LAST_NONCE = 10n
const LARGEST_TX = { data: new Uint8Array(125_000), gasLimit: 550_000n, maxFeePerGas: 100n * GWEI }

for (const { language, tool, program = '' } of PEERS) {
  const missing = program === '' ? `needs ${tool}: see test/interop/README.md` : ''
  describeNeeding(missing, `the ${language} peer`, () => joining(program))
}

/**
 * Nodes 0 to 2 seal. The peer is linked to 0, 1 and 3; behind 3 stands a second peer, and behind
 * that node 4. A peer without meshes stands between 1 and 5. Node 6 comes late and knows the peer
 * alone.
 */
function joining(program: string): void {
  let network: JoinedNetwork
  let peer: ReferencePeer
  const started: ReferencePeer[] = []
  const node = (index: number): Peer => nodeAt(network.devnet, index)
  const start = async (key: number, degree = 8): Promise<ReferencePeer> => {
    const { networkFile } = network
    const one = await ReferencePeer.start({ program, networkFile, key, degree })
    started.push(one)
    return one
  }
  const connect = async (one: ReferencePeer, index: number): Promise<void> => {
    await one.order('connect', { address: node(index).process.info.multiaddrs[0] })
    await knownTo(node(index), one.id)
  }
  /** The node dials the peer. */
  const dial = async (index: number, one: ReferencePeer): Promise<void> => {
    await node(index).rpc.call('admin_addPeer', [one.address])
    await knownTo(node(index), one.id)
  }
  const disconnected = (one: ReferencePeer): Promise<true> =>
    until('the end of the connection', async () =>
      (await isConnected(node(0), one.id)) ? undefined : true,
    )
  const submit = async (
    index: number,
    changes: Partial<UnsignedTx> & { readonly from: number },
  ): Promise<string> => {
    const { raw, hash } = signedTransfer(changes)
    await node(index).rpc.call('eth_sendRawTransaction', [bytesToHex(raw)])
    return hash
  }
  const transfer = async (from: number, bytes = 0): Promise<string> => {
    const key = network.devnet.accounts[from]?.privateKey
    return String(await peer.order('transfer', { key, bytes }))
  }

  /** Fills a block and answers one of its transactions. */
  const submitBigBlock = async (): Promise<string> => {
    // None can be sealed before the first of its sender, which comes last.
    for (let nonce = LAST_NONCE; nonce > 0n; nonce--)
      for (const from of BLOCK_SENDERS) await submit(0, { from, nonce, ...LARGEST_TX })
    // Whoever seals the block has all, and a whole period for the firsts.
    for (const index of [0, 1, 2])
      await queuedAt(node(index), BLOCK_SENDERS.length * Number(LAST_NONCE))
    await untilNextBlock(node(0))
    const firsts = BLOCK_SENDERS.map((from) => submit(0, { from, ...LARGEST_TX }))
    return (await Promise.all(firsts))[0] ?? ''
  }

  beforeAll(async () => {
    network = await startMixedNetwork(3, 1)
    peer = await start(KEY.peer)
    await connect(peer, 0)
    await connect(peer, 1)
    await dial(3, peer)
  })

  afterAll(async () => {
    await Promise.all(started.map((one) => one.leave()))
    await network?.stop()
  })

  test('gives its status, takes ours, and joins the meshes', async () => {
    const { peerId } = node(0).process.info
    expect(await peer.event('status', { peer: peerId })).toMatchObject({ refusal: '' })
    for (const kind of ['tx', 'block', 'member', 'vote'])
      for (const index of [0, 1, 3]) await meshedWith(node(index), peer.id, kind)
  })

  test('receives a transaction, and has one of its own included everywhere', async () => {
    const hash = await submit(0, { from: 0 })
    expect(await peer.event('item', { hash })).toMatchObject({ verdict: 'accept' })
    const own = await transfer(1)
    for (const index of [0, 1, 2, 3]) await includedAt(node(index), own)
    expect(await scoreOf(node(0), peer.id)).toBeGreaterThanOrEqual(0)
  })

  test('asks by lazy negotiation for status, blocks by number and by hash, and pooled transactions', async () => {
    const { peerId } = node(0).process.info
    expect(await peer.event('status', { peer: peerId })).toMatchObject({ refusal: '' })
    const blocks = await peer.order('blocks', { peer: peerId, first: 1, count: 1 })
    expect(blocks).toMatchObject([{ number: 1 }])
    const [{ hash }] = blocks as [{ hash: string }]
    const both = { peer: peerId, hashes: [hash, `0x${'00'.repeat(32)}`] }
    expect(await peer.order('blocks', both)).toEqual(blocks)
    const waiting = await submit(0, { from: 2, nonce: 1n })
    const asked = { peer: peerId, hashes: [waiting, `0x${'00'.repeat(32)}`] }
    expect(await peer.order('transactions', asked)).toEqual([waiting])
  })

  test('takes and brings transactions of 100 KB, and IDONTWANT goes both ways', async () => {
    const second = await start(KEY.second)
    await dial(3, second)
    await dial(4, second)
    for (const index of [3, 4]) await meshedWith(node(index), second.id)
    const data = new Uint8Array(BIG_TX_BYTES)
    const hash = await submit(0, { from: 3, data, gasLimit: BIG_TX_GAS })
    expect(await peer.event('item', { hash })).toMatchObject({ verdict: 'accept' })
    expect(await cameFrom(node(3), hash)).toBe(peer.id)
    expect(await cameFrom(node(4), hash)).toBe(second.id)
    // Node 4 hears from the second peer alone. Node 3 tells the second peer, since what it has came
    // from the first.
    await until('IDONTWANT to 4', () => controlOf(node(4), 'idontwant', 'received'))
    await until('IDONTWANT to 3', () => controlOf(node(3), 'idontwant', 'received'))
    await until('IDONTWANT by 3', () => controlOf(node(3), 'idontwant', 'sent'))
    const own = await transfer(4, BIG_TX_BYTES)
    for (const index of [0, 1, 2, 3, 4]) await includedAt(node(index), own)
  })

  test('takes and brings a block of 4 MB by gossip, and by request to a node that it alone feeds', async () => {
    const first = await submitBigBlock()
    const hash = await agreedBlock([node(0), node(3)], first)
    const { bytes } = await peer.event('item', { kind: 'block', hash })
    expect(Number(bytes)).toBeGreaterThan(4_000_000)
    expect(await cameFrom(node(3), hash)).toBe(peer.id)
    const asked = { peer: node(0).process.info.peerId, hashes: [hash] }
    const number = await includedAt(node(0), first)
    expect(await peer.order('blocks', asked)).toMatchObject([{ hash, number, bytes }])
    await network.devnet.start(6)
    await dial(6, peer)
    expect(await includedAt(node(6), first)).toBe(number)
  })

  test('hears by IHAVE what it has to ask for by IWANT, and gives to others who ask so', async () => {
    const meshless = await start(KEY.meshless, 0)
    await dial(1, meshless)
    await dial(5, meshless)
    await subscribed(node(1), meshless.id)
    await subscribed(node(5), meshless.id)
    const before = (await controlOf(node(1), 'iwant', 'received')) ?? 0
    const hash = await submit(0, { from: 6 })
    const item = await meshless.event('item', { hash })
    expect(item).toMatchObject({ from: node(1).process.info.peerId, verdict: 'accept' })
    expect(await controlOf(node(1), 'iwant', 'received')).toBeGreaterThan(before)
    expect(await cameFrom(node(5), hash)).toBe(meshless.id)
    expect(await controlOf(node(5), 'iwant', 'sent')).toBeGreaterThan(0)
  })

  test('loses score for what is invalid', async () => {
    const hostile = await start(KEY.hostile)
    await connect(hostile, 0)
    await meshedWith(node(0), hostile.id)
    expect(await scoreOf(node(0), hostile.id)).toBeGreaterThanOrEqual(0)
    for (let nonce = 0n; nonce < 5n; nonce++) {
      const { raw } = signedTransfer({ from: 7, chainId: 1n, nonce })
      await hostile.order('publish', { kind: 'tx', data: bytesToHex(raw) })
    }
    await until('a lower score', async () => {
      const score = await scoreOf(node(0), hostile.id)
      return score !== undefined && score < 0 ? score : undefined
    })
    expect(await scoreOf(node(0), peer.id)).toBeGreaterThanOrEqual(0)
  })

  test('is disconnected if it has other rules', async () => {
    const { networkFile } = network
    const facts = JSON.parse(readFileSync(networkFile, 'utf8')) as Record<string, unknown>
    const otherFile = networkFile.replace(/json$/, 'other.json')
    writeFileSync(otherFile, JSON.stringify({ ...facts, checkpointInterval: 5 }))
    const options = { program, networkFile: otherFile, key: KEY.stranger }
    const stranger = await ReferencePeer.start(options)
    started.push(stranger)
    await stranger.order('connect', { address: node(0).process.info.multiaddrs[0] })
    const { peerId } = node(0).process.info
    expect(await stranger.event('disconnected', { peer: peerId })).toBeDefined()
    await disconnected(stranger)
  })

  test('comes back after it was killed, and after it said goodbye', async () => {
    await peer.kill()
    started.splice(started.indexOf(peer), 1)
    await disconnected(peer)
    const missed = await submit(0, { from: 8 })
    await includedAt(node(0), missed)
    peer = await start(KEY.peer)
    await connect(peer, 0)
    const head = Number(await node(0).rpc.call('eth_blockNumber'))
    await until('the blocks that it missed', async () => {
      const own = (await peer.order('head')) as { readonly number: number }
      return own.number >= head ? true : undefined
    })
    const { peerId } = node(0).process.info
    await peer.order('goodbye', { peer: peerId, code: 1, text: 'back soon' })
    // Without these waits the transaction can go to the connection that ends, or to a peer that
    // joins the mesh just then.
    await peer.event('disconnected', { peer: peerId })
    await connect(peer, 0)
    await meshedWith(node(0), peer.id)
    const hash = await submit(0, { from: 8, nonce: 1n })
    expect(await peer.event('item', { hash })).toMatchObject({ verdict: 'accept' })
  })
}
