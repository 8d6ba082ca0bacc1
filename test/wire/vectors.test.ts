import { readdirSync } from 'node:fs'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, test } from 'vitest'
import { decodeVote, signerOf } from '../../src/finality/vote.ts'
import { decodeVotesRequest, encodeVotesRequest } from '../../src/sync/finality/voteExchange.ts'
import { domainOf, voteOf } from '../builders/votes.ts'
import { decodeBlock } from '../../src/block/block.ts'
import { isBlockDefect } from '../../src/block/defect.ts'
import { keccak256, keccak256Hash, type Hash } from '../../src/crypto/keccak.ts'
import { messageId, topicName } from '../../src/gossip/topics/topicNames.ts'
import type { PeerId } from '../../src/gossip/network.ts'
import { ITEM_KINDS, KINDS, type ItemKind } from '../../src/item/itemKinds.ts'
import { bytesToHex, hexToBytes } from '../../src/lib/bytes.ts'
import { encodeRlp } from '../../src/lib/rlp.ts'
import {
  decodeEntry,
  decodeExchange,
  decodeSameness,
  encodeEntry,
  encodeExchange,
  encodeSameness,
} from '../../src/membership/exchangeMessages.ts'
import {
  decodeDirectAnswer,
  decodeIndirectAnswer,
  decodeProbe,
  encodeDirectAnswer,
  encodeIndirectAnswer,
  encodeProbe,
} from '../../src/membership/probeMessages.ts'
import {
  accusationStatement,
  MEMBER_DOMAIN,
  readStatement,
  recordStatement,
} from '../../src/membership/statements.ts'
import { envelopesOf } from '../../src/p2p/peers/envelopes.ts'
import { serveBlocks } from '../../src/sync/catchUp/blockRequests.ts'
import { decodeGoodbye, encodeGoodbye, GOODBYE_CODES } from '../../src/sync/goodbyeMessage.ts'
import { PROTOCOL_LIMITS, type ProtocolName } from '../../src/sync/limits.ts'
import { serveTransactions } from '../../src/sync/pool/txRequests.ts'
import { integer, listOf, protocolId } from '../../src/sync/protocol.ts'
import {
  decodeAnswer,
  decodeDifference,
  decodeReconcile,
  encodeAnswer,
  encodeDifference,
  encodeReconcile,
} from '../../src/sync/reconcile/messages.ts'
import { encodeIds, ReconcileSet } from '../../src/sync/reconcile/reconcileSet.ts'
import { Sketch } from '../../src/sync/reconcile/sketch.ts'
import { decodeStatus, encodeStatus } from '../../src/sync/status/status.ts'
import { decodeTx, isTxDefect } from '../../src/tx/decodeTx.ts'
import { testChain, testGenesis } from '../builders/chain.ts'
import { MemoryHub } from '../builders/network.ts'
import { chainOf, collect, puppet, statusOf } from '../builders/syncNode.ts'
import { signedTransfer } from '../builders/tx.ts'
import { aggregateVectors } from './aggregateVectors.ts'
import { searchVectors } from './searchVectors.ts'
import { answered, asked, plain, read, type WireVector } from './vectorForms.ts'

const FOLDER = new URL('../vectors/wire', import.meta.url)
const GENESIS = testGenesis()
const NETWORK = GENESIS.hash.slice(2, 10)
const chain = testChain()
const blocks = chainOf(3, chain)
const txs = [signedTransfer({ nonce: 0n }), signedTransfer({ nonce: 1n, type: 0 })]
const hashes = txs.map(({ hash }) => hash)
const [first = '0x' as Hash] = hashes

/** What a node with a chain of three blocks and two transactions answers. */
async function served(
  protocol: 'blocks' | 'transactions',
  name: string,
  means: unknown,
  request: Uint8Array,
): Promise<WireVector> {
  const hub = new MemoryHub()
  const [asker, server] = [puppet(hub), puppet(hub)]
  hub.link(asker.network, server.network)
  await serveBlocks(server.requests, chain)
  const pool = new Map(txs.map((tx) => [tx.hash, { tx }]))
  await serveTransactions(server.requests, {
    get: (hash) => pool.get(hash) as ReturnType<Parameters<typeof serveTransactions>[1]['get']>,
  })
  const frames = await collect(asker.requests.send(server.id, protocol, request))
  return { name, means, request: bytesToHex(request), answer: frames.map(bytesToHex) }
}

async function peersVectors(): Promise<readonly WireVector[]> {
  const key = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(7))
  const peerId = peerIdFromPrivateKey(key)
  const multiaddrs = [multiaddr('/ip4/127.0.0.1/tcp/4001')]
  const record = new PeerRecord({ peerId, multiaddrs, seqNumber: 1n })
  const envelope = (await RecordEnvelope.seal(record, key)).marshal()
  const back = await RecordEnvelope.openAndCertify(envelope, PeerRecord.DOMAIN)
  expect(PeerRecord.createFromProtobuf(back.payload).peerId.toString()).toBe(peerId.toString())
  return [
    {
      name: 'at most 16 records, of which there is one',
      means: {
        count: 16,
        peer: peerId.toString(),
        addresses: multiaddrs.map(String),
        seqNumber: 1,
      },
      request: bytesToHex(encodeRlp([integer(16)])),
      answer: [bytesToHex(envelope)],
    },
  ]
}

function comparisonVectors(): readonly WireVector[] {
  const key = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])
  const set = new ReconcileSet(
    hashes.map((hash, at) => ({ hash, order: BigInt(at), isMember: true })),
    key,
  )
  const ids = encodeIds(set.ids)
  const cells = new Sketch(set.ids).cells(0, 4)
  const compare = { key, size: 2, from: 0 }
  return [
    {
      name: 'short ids and cells of two elements',
      means: plain({ key, elements: hashes, ids, cells }),
    },
    asked(
      read(
        'four cells',
        { form: 'cells', ...compare, body: cells },
        encodeReconcile,
        decodeReconcile,
      ),
    ),
    asked(
      read(
        'all short ids',
        { form: 'ids', ...compare, body: ids },
        encodeReconcile,
        decodeReconcile,
      ),
    ),
    asked(
      read(
        'an element that is lacked',
        { form: 'give', key, hashes: [first] },
        encodeReconcile,
        decodeReconcile,
      ),
    ),
    answered(read('more is needed', { state: 'more', size: 2 }, encodeAnswer, decodeAnswer)),
    answered(
      read('the difference follows', { state: 'found', size: 2 }, encodeAnswer, decodeAnswer),
    ),
    answered(read('come again later', { state: 'later', size: 2 }, encodeAnswer, decodeAnswer)),
    answered(
      read(
        'a difference',
        { hashes: [first], ids: set.ids.slice(1) },
        (part) => encodeDifference(part)[0] ?? new Uint8Array(0),
        decodeDifference,
      ),
    ),
  ]
}

function poolVectors(): readonly WireVector[] {
  const offer = encodeRlp([integer(0), hashes.map(hexToBytes)])
  const wanted = encodeRlp([integer(1)])
  expect(listOf(offer, 2)).toHaveLength(2)
  return [
    {
      name: 'an offer of two, of which one is wanted',
      means: { kind: 'offer', hashes, wanted: 1 },
      request: bytesToHex(offer),
      answer: [bytesToHex(wanted)],
    },
    ...comparisonVectors(),
  ]
}

async function statements() {
  const key = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(7))
  const envelopes = envelopesOf(key)
  const facts = {
    incarnation: 3,
    hasLeft: false,
    isSigner: true,
    client: 'other/1.0',
    addresses: ['/ip4/127.0.0.1/tcp/4001'],
  }
  const accused = '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2' as PeerId
  return {
    facts,
    accused,
    envelopes,
    record: await envelopes.seal(MEMBER_DOMAIN, recordStatement(NETWORK, facts)),
    accusation: await envelopes.seal(MEMBER_DOMAIN, accusationStatement(NETWORK, accused, 3)),
  }
}

async function memberVectors(): Promise<readonly WireVector[]> {
  const { record, accusation } = await statements()
  const entry = { record, accusations: [accusation], ageMs: 1_500 }
  return [
    asked(read('a sum', { form: 'sum', sum: 255n }, encodeExchange, decodeExchange)),
    answered(read('the same sum', true, encodeSameness, decodeSameness)),
    answered(read('another sum', false, encodeSameness, decodeSameness)),
    asked(read('two elements', { form: 'get', elements: hashes }, encodeExchange, decodeExchange)),
    answered(read('a member that is held dead', entry, encodeEntry, decodeEntry)),
  ]
}

async function probeVectors(): Promise<readonly WireVector[]> {
  const { record, accused } = await statements()
  const direct = { form: 'direct', incarnation: 2, isSuspected: true } as const
  return [
    asked(read('are you there', direct, encodeProbe, decodeProbe)),
    answered(read('yes, with a newer record', record, encodeDirectAnswer, decodeDirectAnswer)),
    answered(read('yes', undefined, encodeDirectAnswer, decodeDirectAnswer)),
    asked(read('is it there', { form: 'indirect', peer: accused }, encodeProbe, decodeProbe)),
    answered(read('it is there', true, encodeIndirectAnswer, decodeIndirectAnswer)),
    answered(read('it is not', false, encodeIndirectAnswer, decodeIndirectAnswer)),
  ]
}

function voteVectors(): readonly WireVector[] {
  const chain = testChain({ signers: 4 })
  const source = { number: 0n, hash: chain.genesis.hash }
  const target = { number: 4n, hash: `0x${'22'.repeat(32)}` as Hash }
  const { raw, signer } = voteOf(chain, 0, { source, target })
  const summaries = [{ height: 4n, summary: '0badcafe' }]
  const request = { lowest: 1n, highest: 32n, summaries, culprits: '0000beef' }
  const decode = (bytes: Uint8Array) => {
    const vote = decodeVote(bytes)
    return (
      vote && { source: vote.source, target: vote.target, signer: signerOf(domainOf(chain), vote) }
    )
  }
  return [
    asked(read('what the asker has', request, encodeVotesRequest, decodeVotesRequest)),
    answered(read('a vote of signer 0', { source, target, signer }, () => raw, decode)),
  ]
}

const VECTORS: Readonly<
  Record<ProtocolName, () => readonly WireVector[] | Promise<readonly WireVector[]>>
> = {
  status: () => [
    asked(read('a status that asks', statusOf({ receivedUs: 0 }), encodeStatus, decodeStatus)),
    answered(read('a status that answers', statusOf(), encodeStatus, decodeStatus)),
    answered(
      read(
        'a refusal',
        statusOf({ refusal: 'other-chain-id: its chain id is 7, ours is 1337' }),
        encodeStatus,
        decodeStatus,
      ),
    ),
  ],
  goodbye: () => [
    {
      ...asked(
        read(
          'no status in time',
          { code: GOODBYE_CODES['no-status'], text: 'no status within 3000 ms' },
          encodeGoodbye,
          decodeGoodbye,
        ),
      ),
      answer: [],
    },
  ],
  peers: peersVectors,
  blocks: async () => [
    await served(
      'blocks',
      'two blocks from number 1 on',
      { first: 1, count: 2 },
      encodeRlp([integer(0), integer(1), integer(2)]),
    ),
    await served(
      'blocks',
      'a range that ends at the head',
      { first: 3, count: 9 },
      encodeRlp([integer(0), integer(3), integer(9)]),
    ),
    await served(
      'blocks',
      'a block by hash, and one that is not known',
      { hashes: [`0x${'ee'.repeat(32)}`, blocks[1]?.hash] },
      encodeRlp([
        integer(1),
        [hexToBytes(`0x${'ee'.repeat(32)}`), hexToBytes(blocks[1]?.hash ?? '0x')],
      ]),
    ),
  ],
  transactions: async () => [
    await served('transactions', 'two of two', { hashes }, encodeRlp([hashes.map(hexToBytes)])),
  ],
  pool: poolVectors,
  probe: probeVectors,
  members: memberVectors,
  votes: voteVectors,
  aggregate: aggregateVectors,
  search: searchVectors,
}

/** A message of each topic; throws where a receiver could not decode it. */
const MESSAGES: Readonly<Record<ItemKind, () => Promise<Uint8Array> | Uint8Array>> = {
  tx: () => {
    const { raw } = signedTransfer({ nonce: 0n })
    expect(isTxDefect(decodeTx(raw))).toBe(false)
    return raw
  },
  block: () => {
    const [block] = blocks
    if (block === undefined) throw new Error('no block')
    expect(isBlockDefect(decodeBlock(block.raw))).toBe(false)
    return block.raw
  },
  member: async () => (await statements()).record,
  vote: () => {
    const source = { number: 4n, hash: keccak256Hash(Uint8Array.of(1)) }
    const target = { number: 8n, hash: keccak256Hash(Uint8Array.of(2)) }
    const { raw } = voteOf(chain, 0, { source, target })
    expect(decodeVote(raw)).toMatchObject({ source, target })
    return raw
  },
}

/**
 * The committed file says the same; `npx vitest run test/wire -u` writes it after a change of the
 * wire format.
 */
async function expectFile(name: string, content: unknown): Promise<void> {
  const text = `${JSON.stringify(content, null, 2)}\n`
  await expect(text).toMatchFileSnapshot(`../vectors/wire/${name}.json`)
}

describe('the vectors of the wire protocol', () => {
  test.each(Object.keys(PROTOCOL_LIMITS) as ProtocolName[])(
    '%s has vectors, and they say what the code does',
    async (name) => {
      const vectors = await VECTORS[name]()
      expect(vectors.length).toBeGreaterThan(0)
      await expectFile(name, { protocol: protocolId(GENESIS.hash, name), vectors })
    },
  )

  test('statements of members are read back as what was signed', async () => {
    const { record, accusation, envelopes, facts, accused } = await statements()
    const signed = [record, accusation].map((data) => {
      const envelope = envelopes.read(data)
      if (envelope === undefined) throw new Error('no envelope')
      return { envelope, read: readStatement(NETWORK, envelope, data) }
    })
    for (const { envelope } of signed) expect(await envelope.isSigned(MEMBER_DOMAIN)).toBe(true)
    expect(signed[0]?.read).toMatchObject({ form: 'record', ...facts })
    expect(signed[1]?.read).toMatchObject({ form: 'accusation', accused, incarnation: 3 })
    await expectFile('statements', {
      domain: MEMBER_DOMAIN,
      networkId: NETWORK,
      record: { facts, envelope: bytesToHex(record) },
      accusation: { accused, incarnation: 3, envelope: bytesToHex(accusation) },
    })
  })

  test.each(KINDS)(
    'the topic of a %s has a message that is accepted in form, and its id',
    async (kind) => {
      const data = await MESSAGES[kind]()
      const id = messageId(ITEM_KINDS[kind].byte, keccak256(data))
      expect(data.length).toBeLessThanOrEqual(ITEM_KINDS[kind].maxBytes)
      expect(id[0]).toBe(ITEM_KINDS[kind].byte)
      const topic = topicName(GENESIS.hash, kind)
      await expectFile(`topic-${kind}`, { topic, data: bytesToHex(data), id: bytesToHex(id) })
    },
  )

  test('are all in the repository, and none that nobody checks', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))
    const names = [
      ...Object.keys(PROTOCOL_LIMITS),
      ...KINDS.map((kind) => `topic-${kind}`),
      'statements',
    ]
    expect(files.toSorted()).toEqual(names.map((name) => `${name}.json`).toSorted())
  })
})
