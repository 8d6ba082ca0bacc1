/** What a node finds out about an item it finds out once, by whatever way the item goes on. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Block } from '../../src/block/block.ts'
import { decodeHeader, encodeHeader } from '../../src/block/header.ts'
import type { Chain } from '../../src/chain/chain.ts'
import { BlockExecution } from '../../src/chain/ledger.ts'
import { BlockCheck } from '../../src/chain/rules/blockCheck.ts'
import { BODY_RULES } from '../../src/chain/rules/bodyRules.ts'
import type { GenesisJson } from '../../src/chain/genesis/devnetGenesis.ts'
import { secp256k1 } from '../../src/crypto/secp256k1.ts'
import { suggestTip } from '../../src/rpc/fees.ts'
import { TX_RULES } from '../../src/tx/rules.ts'
import { extend, nextBlock, sendersOf, testChain } from '../builders/chain.ts'
import { gossipNode } from '../builders/gossipNode.ts'
import { sealingNode } from '../builders/sealingNode.ts'
import { signedTransfer } from '../builders/tx.ts'

vi.mock('../../src/block/header.ts', { spy: true })

afterEach(() => {
  vi.clearAllMocks()
  vi.restoreAllMocks()
})

/** The canonical block of so many transactions. */
function blockWith(chain: Chain, count: number): Block {
  for (let { number } = chain.head.header; number > 0n; number--) {
    const block = chain.blockByNumber(number)
    if (block?.transactions.length === count) return block
  }
  throw new Error(`no block up to ${chain.head.header.number} has ${count} transactions`)
}

const NONCES = [0n, 1n, 2n]

/**
 * Rules of blobs and types that the topic answers by one rule before: they have nothing to judge
 * there.
 */
const BLOB_RULES = ['blob-none', 'blob-too-many', 'blob-version']

describe('a node that seals', () => {
  test('executes each transaction of its block once, and its chain has the state and the receipts', async () => {
    const run = vi.spyOn(BlockExecution.prototype, 'run')
    const clique = { period: 2, epoch: 30_000 }
    const { submit, pass, chain, sealer } = sealingNode(clique)
    for (const nonce of NONCES) await submit(nonce)
    await pass(2)
    const sealed = blockWith(chain, NONCES.length)
    sealer.stop()
    expect(run).toHaveBeenCalledTimes(NONCES.length)
    chain.assertInvariants()
    expect(chain.receipts(sealed.hash)).toHaveLength(NONCES.length)
    const file = (json: GenesisJson) => ({ ...json, config: { ...json.config, clique } })
    const other = testChain({ file })
    for (let number = 1n; number <= sealed.header.number; number++) {
      const block = chain.blockByNumber(number)
      if (block === undefined) throw new Error(`block ${number} is kept`)
      expect(other.import(block, sendersOf(block))).toMatchObject({ status: 'imported' })
    }
  })

  test('asks each static rule of a transaction once, from the message to the block', async () => {
    const asked = TX_RULES.map((rule) => ({ rule, spy: vi.spyOn(rule, 'holds') }))
    const { submit, pass, chain, sealer } = sealingNode({ period: 2, epoch: 30_000 })
    await submit(0n)
    await pass(2)
    sealer.stop()
    blockWith(chain, 1)
    for (const { rule, spy } of asked)
      expect([rule.reason, spy.mock.calls.length]).toEqual([
        rule.reason,
        BLOB_RULES.includes(rule.reason) ? 0 : 1,
      ])
  })
})

describe('the header of a block', () => {
  test('that this node seals is encoded to be signed and once sealed, and neither decoded nor its signer recovered', async () => {
    const { pass, chain, sealer, sealed } = sealingNode({ period: 2, epoch: 30_000 })
    const recover = vi.spyOn(secp256k1, 'recover')
    vi.mocked(encodeHeader).mockClear()
    await pass(4)
    sealer.stop()
    expect(sealed()).toBeGreaterThan(1)
    const encoded = vi.mocked(encodeHeader).mock.calls.map(([header]) => header)
    expect(encoded).toHaveLength(2 * sealed())
    expect(encoded.at(-1)).toBe(chain.head.header)
    expect(decodeHeader).not.toHaveBeenCalled()
    expect(recover).not.toHaveBeenCalled()
  })

  test('that comes by gossip is decoded once, encoded for its seal alone, and its signer recovered once', async () => {
    const { block } = nextBlock(testChain())
    const { receive, hub, chain } = gossipNode()
    hub.clock.advance(Number(block.header.timestamp) * 1000)
    const recover = vi.spyOn(secp256k1, 'recover')
    vi.clearAllMocks()
    await receive('block', block.raw)
    await receive('block', block.raw, 'another')
    await hub.settle()
    expect(chain.head.hash).toBe(block.hash)
    expect(decodeHeader).toHaveBeenCalledTimes(1)
    expect(encodeHeader).toHaveBeenCalledTimes(1)
    expect(recover).toHaveBeenCalledTimes(1)
  })
})

describe('a block that comes by gossip', () => {
  test('has its header, its seal and its body judged once, each transaction executed once', async () => {
    const source = testChain()
    const { block } = nextBlock(source, { txs: NONCES.map((nonce) => signedTransfer({ nonce })) })
    const { receive, hub, chain } = gossipNode()
    hub.clock.advance(Number(block.header.timestamp) * 1000)
    const stages = (['header', 'seal', 'body', 'order'] as const).map((stage) =>
      vi.spyOn(BlockCheck.prototype, stage),
    )
    const run = vi.spyOn(BlockExecution.prototype, 'run')
    const roots = BODY_RULES.map((rule) => vi.spyOn(rule, 'defect'))
    await receive('block', block.raw)
    await receive('block', block.raw, 'another')
    await hub.settle()
    expect(chain.head.hash).toBe(block.hash)
    for (const spy of [...stages, ...roots]) expect(spy).toHaveBeenCalledTimes(1)
    expect(run).toHaveBeenCalledTimes(NONCES.length)
  })
})

test('a tip is suggested from recent blocks once for each head', () => {
  const chain = testChain()
  extend(chain, { txs: [signedTransfer()] })
  const block = vi.spyOn(chain, 'block')
  const tip = suggestTip(chain)
  const walked = block.mock.calls.length
  expect(walked).toBeGreaterThan(0)
  expect(suggestTip(chain)).toBe(tip)
  expect(block).toHaveBeenCalledTimes(walked)
  extend(chain)
  suggestTip(chain)
  expect(block.mock.calls.length).toBeGreaterThan(walked)
})
