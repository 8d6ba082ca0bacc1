import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Hash } from '../../src/crypto/keccak.ts'
import { keccak256Hash } from '../../src/crypto/keccak.ts'
import type { PublishOutcome } from '../../src/gossip/network.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { readJournal } from '../../src/mempool/journalFile.ts'
import type { PoolLimits } from '../../src/mempool/limits.ts'
import { OWN_TX_LIMITS } from '../../src/mempool/ownTxLimits.ts'
import { openJournal } from '../../src/node/openJournal.ts'
import { OwnTransactions } from '../../src/node/ownTransactions.ts'
import type { Tx } from '../../src/tx/tx.ts'
import { nextBlock, testChain } from '../builders/chain.ts'
import { gossipNode } from '../builders/gossipNode.ts'
import { MemoryHub, MemoryNetwork } from '../builders/network.ts'
import { signedTransfer } from '../builders/tx.ts'

const REBROADCAST_AFTER_MS = OWN_TX_LIMITS.rebroadcastAfterMs.value
const REBROADCAST_ROUND_MS = OWN_TX_LIMITS.rebroadcastRoundMs.value

/** As the router does it: what reaches nobody is not marked seen. Tells what was sent, and when. */
class RecordingNetwork extends MemoryNetwork {
  readonly sent: { readonly hash: Hash; readonly atMs: number }[] = []
  readonly #clock: ManualClock

  constructor(hub: MemoryHub) {
    super('own' as MemoryNetwork['self'], hub)
    this.#clock = hub.clock
  }

  override async publish(topic: string, data: Uint8Array): Promise<PublishOutcome> {
    if (this.peers().length === 0) return { recipients: [], duplicate: false }
    this.sent.push({ hash: keccak256Hash(data), atMs: this.#clock.monotonicMs() })
    return super.publish(topic, data)
  }
}

let dataDir = ''

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'grapevine-own-'))
})

afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

/**
 * A node's own transactions over a real judge, pool and chain, and a journal in the test's
 * directory.
 */
async function ownNode({ pool = {}, chain = testChain() }: Options = {}) {
  const hub = new MemoryHub()
  const network = new RecordingNetwork(hub)
  const peer = hub.join('peer')
  const node = gossipNode({ hub, network, pool, chain })
  const { clock } = hub
  const opened = await openJournal({ dataDir, sync: 'never', clock, log: silentLogger })
  const own = new OwnTransactions({
    ...node,
    network,
    log: silentLogger,
    opened,
    rebroadcasts: true,
  })
  await own.start()
  return {
    ...node,
    network,
    own,
    connect: () => hub.link(network, peer),
    submit: async (txs: readonly Tx[]) => {
      for (const tx of txs) await own.submit(tx.raw)
      await hub.settle()
    },
    /** Lets time pass in small steps, so that what waits for a moment goes on. */
    pass: async (ms: number) => {
      await hub.run(ms, 50)
    },
    close: async () => {
      own.stop()
      await opened?.journal.close()
    },
  }
}

interface Options {
  readonly pool?: Partial<PoolLimits>
  readonly chain?: ReturnType<typeof testChain>
}

function transfers(count: number, from = 0): Tx[] {
  return Array.from({ length: count }, (_, nonce) => signedTransfer({ nonce: BigInt(nonce), from }))
}

function hashes(txs: readonly { readonly hash: Hash }[]): Hash[] {
  return txs.map(({ hash }) => hash)
}

describe('own transactions', () => {
  test('accepted while there were no peers go out as soon as there are some, in nonce order', async () => {
    const node = await ownNode()
    const txs = transfers(40)
    await node.submit(txs)
    await node.pass(5_000)
    expect(node.network.sent).toEqual([])
    expect(node.own.txs.unpublishedCount).toBe(40)
    node.connect()
    await node.pass(1_000)
    expect(hashes(node.network.sent)).toEqual(hashes(txs))
    expect(node.own.txs.unpublishedCount).toBe(0)
    await node.pass(60_000)
    expect(node.network.sent).toHaveLength(40)
    await node.close()
  })

  test('are answered when they are accepted, before they are sent to anybody', async () => {
    const node = await ownNode()
    node.connect()
    const [tx = signedTransfer()] = transfers(1)
    await node.own.submit(tx.raw)
    expect(node.mempool.get(tx.hash)?.place).toBe('pending')
    expect(node.network.sent).toEqual([])
    await node.pass(50)
    expect(hashes(node.network.sent)).toEqual([tx.hash])
    await node.close()
  })

  test('that were accepted as the node stops are not sent any more', async () => {
    const node = await ownNode()
    node.connect()
    await node.own.submit(signedTransfer().raw)
    await node.close()
    await node.pass(50)
    expect(node.network.sent).toEqual([])
  })

  test('that no block takes are published again, not sooner than the seen time and 10 s, 30 a round', async () => {
    const node = await ownNode()
    node.connect()
    const txs = transfers(40)
    await node.submit(txs)
    expect(node.network.sent).toHaveLength(40)
    await node.pass(REBROADCAST_AFTER_MS - REBROADCAST_ROUND_MS)
    expect(node.network.sent).toHaveLength(40)
    await node.pass(REBROADCAST_ROUND_MS + 5_000)
    const again = node.network.sent.slice(40)
    expect(hashes(again)).toEqual(hashes(txs.slice(0, 30)))
    for (const { atMs } of again) expect(atMs).toBeGreaterThanOrEqual(310_000)
    await node.pass(REBROADCAST_ROUND_MS)
    expect(hashes(node.network.sent.slice(40))).toEqual(hashes(txs))
    await node.close()
  })

  test('that a block has are published no more, and are forgotten when it is deep', async () => {
    const node = await ownNode()
    node.connect()
    const txs = transfers(3)
    await node.submit(txs)
    const { block, senders } = nextBlock(node.chain, { txs })
    node.chain.import(block, senders)
    await node.pass(REBROADCAST_AFTER_MS + 2 * REBROADCAST_ROUND_MS)
    expect(node.network.sent).toHaveLength(3)
    expect(node.own.txs.count).toBe(3)
    for (let depth = 0; depth < 64; depth++) {
      const next = nextBlock(node.chain)
      node.chain.import(next.block, next.senders)
    }
    await node.pass(REBROADCAST_ROUND_MS)
    expect(node.own.txs.count).toBe(0)
    await node.close()
  })

  test('behind a gap too wide to forward stay here until it closes', async () => {
    const node = await ownNode()
    node.connect()
    const parked = signedTransfer({ nonce: 20n })
    await node.submit([parked])
    await node.pass(REBROADCAST_AFTER_MS + REBROADCAST_ROUND_MS)
    expect(node.network.sent).toEqual([])
    await node.submit(transfers(20))
    await node.pass(1_000)
    expect(hashes(node.network.sent)).toContain(parked.hash)
    await node.close()
  })

  test('that had to leave a full pool are offered to it again', async () => {
    const pool = { pendingSlots: 1, queuedSlots: 1, senderPendingSlots: 1 }
    const node = await ownNode({ pool })
    const cheap = signedTransfer({ from: 0 })
    const dear = signedTransfer({ from: 1, maxPriorityFeePerGas: 10n ** 9n + 1n })
    await node.submit([cheap, dear])
    expect(node.mempool.get(cheap.hash)).toBeUndefined()
    expect(node.own.txs.count).toBe(2)
    const { block, senders } = nextBlock(node.chain, { txs: [dear] })
    node.chain.import(block, senders)
    await node.pass(REBROADCAST_ROUND_MS)
    expect(node.mempool.get(cheap.hash)?.origin).toBe('local')
    await node.close()
  })

  test('that were replaced, or whose nonce another used, are forgotten', async () => {
    const node = await ownNode()
    const [tx = signedTransfer()] = transfers(1)
    await node.submit([tx])
    const more = 3n * 10n ** 9n
    const better = signedTransfer({ maxFeePerGas: more, maxPriorityFeePerGas: more })
    await node.submit([better])
    expect(node.own.txs.get(tx.hash)).toBeUndefined()
    const { block, senders } = nextBlock(node.chain, { txs: [tx] })
    node.chain.import(block, senders)
    expect(node.own.txs.count).toBe(0)
    await node.close()
  })
})

describe('the journal of own transactions', () => {
  test('brings them back to the pool, the included ones not, and holds only what still matters', async () => {
    const txs = transfers(5)
    const first = await ownNode()
    await first.submit(txs)
    const remote = signedTransfer({ from: 3 })
    await first.receive('tx', remote.raw)
    await first.close()
    const chain = testChain()
    const { block, senders } = nextBlock(chain, { txs: txs.slice(0, 2) })
    chain.import(block, senders)

    const second = await ownNode({ chain })
    expect(hashes(second.own.txs.all().map(({ tx }) => tx))).toEqual(hashes(txs.slice(2)))
    for (const { hash } of txs.slice(2))
      expect(second.mempool.get(hash)).toMatchObject({ origin: 'local', place: 'pending' })
    expect(second.mempool.get(remote.hash)).toBeUndefined()
    second.connect()
    await second.pass(1_000)
    expect(hashes(second.network.sent)).toEqual(hashes(txs.slice(2)))
    await second.close()
    const { payloads } = readJournal(readFileSync(join(dataDir, 'own.journal')))
    expect(payloads.map(keccak256Hash)).toEqual(hashes(txs.slice(2)))
  })

  test('has a transaction before its sender has the answer, and each once', async () => {
    const node = await ownNode()
    const [tx = signedTransfer()] = transfers(1)
    await node.own.submit(tx.raw)
    await node.own.submit(tx.raw)
    const { payloads } = readJournal(readFileSync(join(dataDir, 'own.journal')))
    expect(payloads).toEqual([tx.raw])
    await node.close()
  })

  test('with bytes that are no transaction brings back the others', async () => {
    const { journal } = (await openJournal({
      dataDir,
      sync: 'never',
      clock: new ManualClock(),
      log: silentLogger,
    })) ?? { journal: undefined }
    const [tx = signedTransfer()] = transfers(1)
    for (const payload of [Uint8Array.of(1, 2, 3), tx.raw, tx.raw]) journal?.append(payload)
    await journal?.close()
    const node = await ownNode()
    expect(hashes(node.own.txs.all().map(({ tx }) => tx))).toEqual([tx.hash])
    await node.close()
  })
})
