import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeBlock, type Block } from '../../src/block/block.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import { RequestFailure, type PeerId, type RequestHandler } from '../../src/gossip/network.ts'
import { concatBytes, hexToBytes } from '../../src/lib/bytes.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { encodeRlp, type RlpItem } from '../../src/lib/rlp.ts'
import { fetchBlock, fetchRange, serveBlocks } from '../../src/sync/catchUp/blockRequests.ts'
import {
  MAX_RANGE_BLOCKS,
  PROTOCOL_LIMITS,
  SOFT_BLOCKS_BYTES,
  SOFT_TXS_BYTES,
  type ProtocolName,
} from '../../src/sync/limits.ts'
import { integer, ProtocolViolation, requestsOf, type Requests } from '../../src/sync/protocol.ts'
import { fetchTransactions, serveTransactions } from '../../src/sync/pool/txRequests.ts'
import type { Tx } from '../../src/tx/tx.ts'
import { anyRlp } from '../builders/anyRlp.ts'
import { testChain, testGenesis } from '../builders/chain.ts'
import { MemoryHub } from '../builders/network.ts'
import { chainOf, collect, frames, puppet, type Puppet } from '../builders/syncNode.ts'
import { signedTransfer } from '../builders/tx.ts'

const chain = testChain()
const blocks = chainOf(12, chain)
const txs = Array.from({ length: 6 }, (_, nonce) => signedTransfer({ nonce: BigInt(nonce) }))
const NOBODY = `0x${'ee'.repeat(32)}` as Hash

/** A server of the real protocols and one who asks it. */
async function served(): Promise<{ asker: Puppet; server: PeerId; requests: Requests }> {
  const hub = new MemoryHub()
  const [asker, server] = [puppet(hub), puppet(hub)]
  hub.link(asker.network, server.network)
  const pool = new Map(txs.map((tx) => [tx.hash, { tx }]))
  await serveBlocks(server.requests, chain)
  await serveTransactions(server.requests, {
    get: (hash) => pool.get(hash) as ReturnType<Parameters<typeof serveTransactions>[1]['get']>,
  })
  return { asker, server: server.id, requests: asker.requests }
}

/** One who asks a peer that answers a protocol with this. */
async function lying(name: ProtocolName, handler: RequestHandler) {
  const hub = new MemoryHub()
  const [asker, liar] = [puppet(hub), puppet(hub)]
  hub.link(asker.network, liar.network)
  await liar.serve(name, handler)
  return { requests: asker.requests, liar: liar.id }
}

async function numbersOf(range: AsyncIterable<Block>): Promise<number[]> {
  const numbers: number[] = []
  for await (const block of range) numbers.push(Number(block.header.number))
  return numbers
}

describe('blocks', () => {
  let asker: Puppet
  let requests: Requests
  let server: PeerId

  beforeEach(async () => {
    ;({ asker, requests, server } = await served())
  })

  function raw(...items: RlpItem[]): Promise<Uint8Array[]> {
    return collect(requests.send(server, 'blocks', encodeRlp(items)))
  }

  test('come as a range in order, which ends with the chain', async () => {
    expect(await numbersOf(fetchRange(requests, server, 3n, 4))).toEqual([3, 4, 5, 6])
    expect(await numbersOf(fetchRange(requests, server, 11n, 128))).toEqual([11, 12])
    expect(await numbersOf(fetchRange(requests, server, 13n, 128))).toEqual([])
  })

  test.each([
    ['a count of 0', 1n, 0n, 0],
    ['a count of 2^64-1', 1n, 2n ** 64n - 1n, 12],
    ['a first number of 2^64-1', 2n ** 64n - 1n, 2n ** 64n - 1n, 0],
    ['a first number past the head', 13n, 5n, 0],
  ])('asked for with %s are what there is', async (_, first, count, expected) => {
    expect(await raw(integer(0), integer(first), integer(count))).toHaveLength(expected)
  })

  test('of a range are no more than the limit, however many there are', async () => {
    const hub = new MemoryHub()
    const [asker, one] = [puppet(hub), puppet(hub)]
    hub.link(asker.network, one.network)
    const [block] = blocks
    await serveBlocks(one.requests, { block: () => block, blockByNumber: () => block })
    const request = encodeRlp([integer(0), integer(1), integer(2n ** 64n - 1n)])
    const answer = await collect(asker.requests.send(one.id, 'blocks', request))
    expect(answer).toHaveLength(MAX_RANGE_BLOCKS)
  })

  test('end after the one that passes 2 MiB', async () => {
    const hub = new MemoryHub()
    const [asker, one] = [puppet(hub), puppet(hub)]
    hub.link(asker.network, one.network)
    const large = { raw: new Uint8Array(900_000) } as Block
    await serveBlocks(one.requests, { block: () => large, blockByNumber: () => large })
    const request = encodeRlp([integer(0), integer(1), integer(9)])
    expect(await collect(asker.requests.send(one.id, 'blocks', request))).toHaveLength(3)
  })

  test('are found by hash, and left out where they are not', async () => {
    const hash = blocks[4]?.hash ?? NOBODY
    expect((await fetchBlock(requests, server, hash))?.header.number).toBe(5n)
    expect(await fetchBlock(requests, server, NOBODY)).toBeUndefined()
    expect(await raw(integer(1), [hexToBytes(NOBODY), hexToBytes(hash)])).toHaveLength(1)
    expect(await raw(integer(1), [])).toEqual([])
  })

  test.each<[string, RlpItem[]]>([
    ['no fields', []],
    ['an unknown kind', [integer(2), []]],
    ['a range without a count', [integer(0), integer(1)]],
    ['a count of nine bytes', [integer(0), integer(1), new Uint8Array(9).fill(1)]],
    ['129 hashes', [integer(1), Array.from({ length: 129 }, () => hexToBytes(NOBODY))]],
    ['a hash of 31 bytes', [integer(1), [new Uint8Array(31)]]],
    ['a hash that is a list', [integer(1), [[]]]],
  ])('asked for with %s cost the asker its connection', async (_, items) => {
    await expect(raw(...items)).rejects.toThrow(RequestFailure)
    await new Promise((resolve) => setImmediate(resolve))
    expect(asker.network.peers()).toEqual([])
  })
})

describe('an answer of blocks', () => {
  const answers: [string, readonly Uint8Array[]][] = [
    ['in another order', [rawOf(2), rawOf(1)]],
    ['with a gap', [rawOf(1), rawOf(3)]],
    ['of other numbers', [rawOf(5)]],
    ['longer than asked', [rawOf(1), rawOf(2), rawOf(3), rawOf(4)]],
    ['with the same block twice', [rawOf(1), rawOf(1)]],
    ['that is no block', [new Uint8Array([0xc0])]],
    ['of empty frames', [new Uint8Array(0)]],
    ['with a byte too many', [concatBytes(rawOf(1), new Uint8Array(1))]],
  ]

  test.each(answers)('%s is a violation', async (_, answer) => {
    const { requests, liar } = await lying('blocks', frames(...answer))
    await expect(numbersOf(fetchRange(requests, liar, 1n, 3))).rejects.toThrow(ProtocolViolation)
  })

  test('whose blocks do not follow one another is a violation', async () => {
    const other = chainOf(2, testChain({ signers: 2 }))[1]?.raw ?? new Uint8Array(0)
    const { requests, liar } = await lying('blocks', frames(rawOf(1), other))
    await expect(numbersOf(fetchRange(requests, liar, 1n, 3))).rejects.toThrow('does not follow')
  })

  test('that goes on past its bytes is a violation, and what came before is kept', async () => {
    const wide = wideBlocks(30)
    const { requests, liar } = await lying('blocks', frames(...wide.map(({ raw }) => raw)))
    const taken: Block[] = []
    const all = (async () => {
      for await (const block of fetchRange(requests, liar, 1n, 30)) taken.push(block)
    })()
    await expect(all).rejects.toThrow('goes on past its bytes')
    const bytes = taken.map(({ raw }) => raw.length)
    const total = bytes.reduce((sum, length) => sum + length, 0)
    expect(total).toBeGreaterThan(SOFT_BLOCKS_BYTES)
    expect(total - (bytes.at(-1) ?? 0)).toBeLessThanOrEqual(SOFT_BLOCKS_BYTES)
  })

  test('that is short or empty is the end', async () => {
    const short = await lying('blocks', frames(rawOf(1)))
    expect(await numbersOf(fetchRange(short.requests, short.liar, 1n, 3))).toEqual([1])
    const empty = await lying('blocks', frames())
    expect(await numbersOf(fetchRange(empty.requests, empty.liar, 1n, 3))).toEqual([])
  })

  test('of another hash, or of two blocks for one, is a violation', async () => {
    const hash = blocks[0]?.hash ?? NOBODY
    const other = await lying('blocks', frames(rawOf(2)))
    await expect(fetchBlock(other.requests, other.liar, hash)).rejects.toThrow(ProtocolViolation)
    const two = await lying('blocks', frames(rawOf(1), rawOf(1)))
    await expect(fetchBlock(two.requests, two.liar, hash)).rejects.toThrow(ProtocolViolation)
  })

  function rawOf(number: number): Uint8Array {
    return blocks[number - 1]?.raw ?? new Uint8Array(0)
  }
})

describe('transactions', () => {
  test('come in the order of the request, those not known left out', async () => {
    const { requests, server } = await served()
    const wanted = [txs[3], txs[0]].map((tx) => tx?.hash ?? NOBODY)
    const got = await hashesOf(fetchTransactions(requests, server, [NOBODY, ...wanted]))
    expect(got).toEqual(wanted)
  })

  test('too large for a frame are left out, and the others come', async () => {
    const hub = new MemoryHub()
    const [asker, one] = [puppet(hub), puppet(hub)]
    hub.link(asker.network, one.network)
    const { maxFrameBytes } = PROTOCOL_LIMITS.transactions
    const sizes = [100, maxFrameBytes + 1, maxFrameBytes]
    await serveTransactions(one.requests, {
      get: () => {
        const tx = { raw: new Uint8Array(sizes.shift() ?? 0) } as Tx
        return { tx } as ReturnType<Parameters<typeof serveTransactions>[1]['get']>
      },
    })
    const request = encodeRlp([Array.from({ length: 3 }, () => hexToBytes(NOBODY))])
    const answer = await collect(asker.requests.send(one.id, 'transactions', request))
    expect(answer.map(({ length }) => length)).toEqual([100, maxFrameBytes])
  })

  test('end after the one that passes 128 KiB', async () => {
    const hub = new MemoryHub()
    const [asker, one] = [puppet(hub), puppet(hub)]
    hub.link(asker.network, one.network)
    const tx = { raw: new Uint8Array(SOFT_TXS_BYTES / 2) } as Tx
    await serveTransactions(one.requests, {
      get: () => ({ tx }) as ReturnType<Parameters<typeof serveTransactions>[1]['get']>,
    })
    const request = encodeRlp([Array.from({ length: 9 }, () => hexToBytes(NOBODY))])
    expect(await collect(asker.requests.send(one.id, 'transactions', request))).toHaveLength(3)
  })

  test.each([
    ['not asked for', [1, 5]],
    ['twice', [1, 1]],
    ['in another order', [2, 1]],
  ])('%s are a violation', async (_, order) => {
    const answer = order.map((at) => txs[at]?.raw ?? new Uint8Array(0))
    const { requests, liar } = await lying('transactions', frames(...answer))
    const wanted = txs.slice(0, 4).map(({ hash }) => hash)
    await expect(hashesOf(fetchTransactions(requests, liar, wanted))).rejects.toThrow(
      ProtocolViolation,
    )
  })

  async function hashesOf(all: ReturnType<typeof fetchTransactions>): Promise<Hash[]> {
    const hashes: Hash[] = []
    for await (const { hash } of all) hashes.push(hash)
    return hashes
  }
})

describe('a peer that breaks a protocol', () => {
  test('is dropped once, whoever finds out, and one that is gone or late is not', async () => {
    const dropped: string[] = []
    const network = {
      handle: async () => {},
      request: frames() as never,
      disconnect: async (peer: PeerId) => void dropped.push(peer),
    }
    const parts = {
      network,
      genesisHash: testGenesis().hash,
      clock: new ManualClock(),
      log: silentLogger,
    }
    const requests = requestsOf(parts)
    requests.blame('late' as PeerId, new Error('nothing came in time'))
    requests.blame('liar' as PeerId, new ProtocolViolation('not what was asked for'))
    requests.blame('liar' as PeerId, new ProtocolViolation('and again'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(dropped).toEqual(['liar'])
  })

  test('and cannot be dropped does not make us fail', async () => {
    const failing = {
      handle: async () => {},
      request: frames() as never,
      disconnect: () => Promise.reject(new Error('the network is closed')),
    }
    const noted: string[] = []
    const log = { ...silentLogger, debug: (message: string) => noted.push(message) }
    const parts = {
      network: failing,
      genesisHash: testGenesis().hash,
      clock: new ManualClock(),
      log,
    }
    requestsOf(parts).drop('peer' as PeerId, 'reason')
    await new Promise((resolve) => setImmediate(resolve))
    expect(noted).toEqual(['a peer could not be dropped'])
  })
})

/** The one failure this process may have is that of an expectation. */
describe('arbitrary bytes', () => {
  const strays: unknown[] = []
  const note = (reason: unknown): void => void strays.push(reason)

  beforeAll(() => void process.on('unhandledRejection', note))
  afterAll(() => void process.off('unhandledRejection', note))

  const someBytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    anyRlp().map((item) => encodeRlp(item)),
  )

  test('as a request end in frames or an error, and the next request is served', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<ProtocolName>('blocks', 'transactions'),
        someBytes,
        async (name, bytes) => {
          const { requests, server } = await served()
          const [outcome] = await Promise.allSettled([collect(requests.send(server, name, bytes))])
          const failure: unknown = outcome.status === 'rejected' ? outcome.reason : undefined
          expect(failure === undefined || failure instanceof RequestFailure).toBe(true)
          const again = await served()
          expect(await numbersOf(fetchRange(again.requests, again.server, 1n, 1))).toEqual([1])
        },
      ),
    )
  })

  test('as an answer are a violation or an end, never another failure', async () => {
    const [block] = blocks
    const [tx] = txs
    await fc.assert(
      fc.asyncProperty(fc.array(someBytes, { maxLength: 3 }), async (answer) => {
        const one = await lying('blocks', frames(...answer))
        const range = numbersOf(fetchRange(one.requests, one.liar, 1n, 3))
        const single = fetchBlock(one.requests, one.liar, block?.hash ?? NOBODY)
        const two = await lying('transactions', frames(...answer))
        const all = collectTxs(fetchTransactions(two.requests, two.liar, [tx?.hash ?? NOBODY]))
        const outcomes = await Promise.allSettled([range, single, all])
        expect(outcomes.map(violates)).not.toContain('otherwise')
      }),
    )
    expect(strays).toEqual([])
  })

  function violates(outcome: PromiseSettledResult<unknown>): 'not' | 'plainly' | 'otherwise' {
    if (outcome.status === 'fulfilled') return 'not'
    return outcome.reason instanceof ProtocolViolation ? 'plainly' : 'otherwise'
  }

  async function collectTxs(all: ReturnType<typeof fetchTransactions>): Promise<number> {
    let count = 0
    for await (const _ of all) count += _.raw.length
    return count
  }
})

/** Blocks that follow one another, of some 100 KB each. */
function wideBlocks(count: number): readonly Block[] {
  const [model] = blocks
  if (model === undefined) throw new Error('there are blocks')
  const wide: Block[] = []
  for (let number = 1n; number <= count; number++) {
    const parentHash = wide.at(-1)?.hash ?? model.header.parentHash
    const extraData = new Uint8Array(100_000)
    wide.push(makeBlock({ ...model.header, number, parentHash, extraData }, []))
  }
  return wide
}
