import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeBlock, type Block } from '../../src/block/block.ts'
import { transactionsRoot } from '../../src/block/bodyRoots.ts'
import { Chain } from '../../src/chain/chain.ts'
import { parseGenesis } from '../../src/chain/genesis/genesis.ts'
import { asHash } from '../../src/crypto/keccak.ts'
import { seededRandom, shuffled } from '../../src/lib/random.ts'
import {
  extend,
  nextBlock,
  recordHeads,
  resealed,
  sendersOf,
  testChain,
  testSigners,
} from '../builders/chain.ts'
import { account, type TestAccount } from '../builders/keys.ts'
import { GWEI, RECIPIENT, signedTransfer, testAccount } from '../builders/tx.ts'
import { vectorChain } from '../builders/vectorChain.ts'
import vectorGenesis from '../vectors/rpc/genesis.json' with { type: 'json' }

const someHash = asHash(new Uint8Array(32).fill(7))
const [first = account(), second = account(), third = account()] = testSigners(3)

/** A chain whose first block is out of turn: any branch with more difficulty takes its place. */
function forked() {
  const chain = testChain({ signers: 3 })
  const genesis = chain.genesis.block
  const txs = [signedTransfer({ from: 0 }), signedTransfer({ from: 1, value: 5n })]
  const light = extend(chain, { signer: third, txs })
  return { chain, genesis, txs, light }
}

describe('importing a block', () => {
  test('moves the head, the state and the indexes', () => {
    const chain = testChain()
    const changes = recordHeads(chain)
    const txs = [signedTransfer({ nonce: 0n }), signedTransfer({ nonce: 1n, type: 0 })]
    const { block, senders } = nextBlock(chain, { txs })
    const outcome = chain.import(block, senders)
    const headChange = { head: block, added: [block], dropped: [] }
    expect(outcome).toEqual({ status: 'imported', headChange })
    expect(changes).toEqual([headChange])
    expect(chain.head).toBe(block)
    expect(chain.block(block.hash)).toBe(block)
    expect(chain.blockByNumber(1n)).toBe(block)
    expect(chain.totalDifficulty(block.hash)).toBe(3n)
    expect(chain.location(txs[1]?.hash ?? block.hash)).toEqual({ block, index: 1 })
    expect(chain.state.nonce(testAccount(0).address)).toBe(2n)
    expect(chain.state.balance(RECIPIENT)).toBe(2n)
    expect(chain.stateAt(chain.genesis.hash)?.nonce(testAccount(0).address)).toBe(0n)
    expect(chain.receipts(block.hash)).toMatchObject([
      { type: 2, status: 1, cumulativeGasUsed: 21_000n, logs: [] },
      { type: 0, status: 1, cumulativeGasUsed: 42_000n, logs: [] },
    ])
    chain.assertInvariants()
  })

  test('pays the tip to the signer and burns the base fee', () => {
    const chain = testChain()
    const { address } = account(0)
    const before = chain.state.balance(testAccount(0).address)
    const block = extend(chain, { txs: [signedTransfer({ value: 3n, maxFeePerGas: 5n * GWEI })] })
    const baseFee = block.header.baseFeePerGas ?? 0n
    expect(chain.state.balance(address)).toBe(21_000n * GWEI)
    expect(before - chain.state.balance(testAccount(0).address)).toBe(
      3n + 21_000n * (baseFee + GWEI),
    )
    expect(chain.nextBaseFee()).toBeLessThan(baseFee)
  })

  test('answers known for a block it has, the genesis included', () => {
    const chain = testChain()
    const block = extend(chain)
    expect(chain.import(block, [])).toEqual({ status: 'known' })
    expect(chain.import(chain.genesis.block, [])).toEqual({ status: 'known' })
  })

  test('answers orphan for a block whose parent it does not have, and takes it after the parent', () => {
    const [source, chain] = [testChain(), testChain()]
    const parent = extend(source)
    const child = extend(source)
    expect(chain.import(child, [])).toEqual({ status: 'orphan' })
    expect(chain.import(parent, []).status).toBe('imported')
    expect(chain.import(child, []).status).toBe('imported')
    expect(chain.head.hash).toBe(source.head.hash)
  })

  test('refuses what breaks a rule of any kind, by its reason', () => {
    const chain = testChain()
    const { block } = nextBlock(chain, { txs: [signedTransfer()] })
    const wrong = (change: Partial<Block['header']>) => resealed(block, account(0), change)
    const cases: readonly (readonly [Block, string])[] = [
      [wrong({ number: 2n }), 'wrong-number'],
      [resealed(block, account(5), {}), 'unauthorized-signer'],
      [wrong({ gasUsed: 20_000n }), 'gas-used-mismatch'],
      [wrong({ stateRoot: someHash }), 'state-root-mismatch'],
      [wrong({ receiptsRoot: someHash }), 'receipts-root-mismatch'],
      [wrong({ logsBloom: new Uint8Array(256).fill(1) }), 'logs-bloom-mismatch'],
      [wrong({ transactionsRoot: someHash }), 'transactions-root-mismatch'],
    ]
    for (const [bad, reason] of cases)
      expect(chain.import(bad, sendersOf(bad))).toMatchObject({ status: 'refused', reason })
    expect(chain.head).toBe(chain.genesis.block)
    expect(chain.import(block, sendersOf(block)).status).toBe('imported')
  })

  test.each([
    ['transaction-invalid', signedTransfer({ chainId: 1n })],
    ['transaction-below-base-fee', signedTransfer({ maxFeePerGas: 1n, maxPriorityFeePerGas: 1n })],
    ['contract-creation', signedTransfer({ to: undefined, gasLimit: 60_000n })],
    ['nonce-too-high', signedTransfer({ nonce: 1n })],
    ['insufficient-funds', signedTransfer({ value: 10n ** 22n })],
  ])('refuses a block with a transaction that is %s', (reason, tx) => {
    const chain = testChain()
    const { block } = nextBlock(chain, { txs: [signedTransfer()] })
    const bad = withTransactions(block, [tx])
    expect(chain.import(bad, sendersOf(bad))).toMatchObject({ status: 'refused', reason })
  })

  test('remembers bad blocks and refuses their children unjudged', () => {
    const chain = testChain()
    const { block } = nextBlock(chain)
    const bad = resealed(block, account(0), { stateRoot: someHash })
    const child = resealed(block, account(0), { parentHash: bad.hash, number: 2n })
    const grandchild = resealed(block, account(0), { parentHash: child.hash, number: 3n })
    expect(chain.import(bad, [])).toMatchObject({ reason: 'state-root-mismatch' })
    expect(chain.import(bad, [])).toMatchObject({ reason: 'known-bad-block' })
    expect(chain.import(child, [])).toMatchObject({ reason: 'bad-ancestor' })
    expect(chain.import(grandchild, [])).toMatchObject({ reason: 'bad-ancestor' })
  })

  test('does not hold a wrong body, or missing senders, against the hash of the header', () => {
    const chain = testChain()
    const { block, senders } = nextBlock(chain, { txs: [signedTransfer()] })
    const mutated = makeBlock(block.header, [])
    expect(mutated.hash).toBe(block.hash)
    expect(chain.import(mutated, [])).toMatchObject({ reason: 'transactions-root-mismatch' })
    expect(chain.import(block, [])).toMatchObject({ reason: 'senders-missing' })
    expect(chain.import(block, senders).status).toBe('imported')
  })

  test('throws for no header at all', () => {
    const chain = testChain()
    const { block } = nextBlock(chain)
    const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    const changes = fc.record(
      {
        number: fc.oneof(fc.constant(1n), uint64),
        timestamp: uint64,
        gasLimit: uint64,
        gasUsed: uint64,
        difficulty: uint64,
        baseFeePerGas: uint64,
        extraData: fc.uint8Array({ maxLength: 200 }),
        nonce: fc.uint8Array({ minLength: 8, maxLength: 8 }),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(changes, (change) => {
        const bad = makeBlock({ ...block.header, ...change }, [])
        const { status } = chain.import(bad, [])
        expect(['refused', 'imported', 'known']).toContain(status)
      }),
    )
    chain.assertInvariants()
  })
})

describe('a reorganisation', () => {
  test('tells dropped and added blocks oldest first and moves the indexes', () => {
    const { chain, genesis, txs, light } = forked()
    const changes = recordHeads(chain)
    const heavy = extend(chain, { parent: genesis, signer: second, txs: txs.slice(1) })
    expect(changes).toEqual([{ head: heavy, added: [heavy], dropped: [light] }])
    const [gone, kept] = txs
    expect(chain.location(gone?.hash ?? someHash)).toBeUndefined()
    expect(chain.location(kept?.hash ?? someHash)).toEqual({ block: heavy, index: 0 })
    expect(chain.state.nonce(testAccount(0).address)).toBe(0n)
    expect(chain.blockByNumber(1n)).toBe(heavy)
    expect(chain.block(light.hash)).toBe(light)
    chain.assertInvariants()
  })

  test('over several blocks drops and adds all of them', () => {
    const { chain, genesis, light } = forked()
    const lightChild = extend(chain, { parent: light, signer: second })
    const changes = recordHeads(chain)
    const heavy = nextBlock(chain, { parent: genesis, signer: first })
    expect(chain.import(heavy.block, [])).toEqual({ status: 'imported' })
    const heavyChild = extend(chain, { parent: heavy.block, signer: third })
    expect(changes).toEqual([
      { head: heavyChild, added: [heavy.block, heavyChild], dropped: [light, lightChild] },
    ])
    chain.assertInvariants()
  })

  test('can make the canonical chain shorter', () => {
    const { chain, genesis, light } = forked()
    const long = extend(chain, { parent: light, signer: first })
    const short = extend(chain, { parent: genesis, signer: second })
    expect(chain.head).toBe(short)
    expect(chain.blockByNumber(2n)).toBeUndefined()
    expect(chain.block(long.hash)).toBe(long)
    chain.assertInvariants()
  })
})

test('peers that get the same blocks in any order have the same head and the same state', () => {
  const source = testChain({ signers: 4 })
  const signers = testSigners(4)
  const blocks: Block[] = [source.genesis.block]
  const random = seededRandom(11)
  for (let i = 0; i < 40; i++) {
    const parent = blocks[Math.max(0, blocks.length - 1 - random.int(5))] ?? source.head
    const signer = signers[random.int(4)] ?? account()
    const nonce = source.stateAt(parent.hash)?.nonce(testAccount(0).address) ?? 0n
    const txs = [signedTransfer({ nonce, value: BigInt(random.int(100)) })]
    const { block, senders } = nextBlock(source, { parent, signer, txs, lateS: random.int(3) })
    if (source.import(block, senders).status === 'imported') blocks.push(block)
  }
  expect(blocks.length).toBeGreaterThan(20)
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const peer = testChain({ signers: 4 })
      importAll(peer, shuffled(seededRandom(seed), blocks))
      expect(peer.head.hash).toBe(source.head.hash)
      expect(peer.state.balance(RECIPIENT)).toBe(source.state.balance(RECIPIENT))
      peer.assertInvariants()
    }),
    { numRuns: 15 },
  )
})

describe('the bounds of a chain', () => {
  const limits = { maxReorgDepth: 4, maxBlocks: 6, maxSideBlocks: 3, maxBadBlocks: 2 }

  test('hold while blocks and side blocks come', () => {
    const chain = testChain({ signers: 3, limits })
    for (let i = 0; i < 12; i++) {
      const parent = chain.head
      extend(chain, { txs: [signedTransfer({ nonce: BigInt(i) })] })
      const side = nextBlock(chain, { parent, lateS: 1, signer: outOfTurn(parent) })
      chain.import(side.block, side.senders)
      chain.assertInvariants()
    }
    expect(chain.blockByNumber(6n)).toBeUndefined()
    expect(chain.blockByNumber(7n)?.header.number).toBe(7n)
    expect(chain.blockByNumber(0n)).toBe(chain.genesis.block)
    expect(chain.stateAt(chain.blockByNumber(7n)?.hash ?? someHash)).toBeUndefined()
    expect(chain.stateAt(chain.blockByNumber(8n)?.hash ?? someHash)).toBeDefined()
  })

  test('refuse a fork from deeper than a reorganisation reaches', () => {
    const chain = testChain({ signers: 3, limits })
    const other = testChain({ signers: 3, limits })
    const old = extend(other, { lateS: 9 })
    for (let i = 0; i < 6; i++) extend(chain)
    expect(chain.import(old, [])).toMatchObject({ status: 'refused', reason: 'too-deep' })
  })

  test('refuse side blocks beyond their number, but never a block that becomes the head', () => {
    const chain = testChain({ signers: 3, limits })
    const genesis = chain.genesis.block
    extend(chain)
    for (let i = 1; i <= 3; i++) extend(chain, { parent: genesis, signer: first, lateS: i })
    const one = nextBlock(chain, { parent: genesis, signer: first, lateS: 9 })
    expect(chain.import(one.block, [])).toMatchObject({ reason: 'too-many-side-blocks' })
    expect(extend(chain)).toBe(chain.head)
    chain.assertInvariants()
  })

  test('hold for the bytes of the blocks kept too', () => {
    const chain = testChain({ limits: { maxReorgDepth: 2, maxBlockBytes: 3000 } })
    for (let i = 0; i < 8; i++) {
      extend(chain)
      chain.assertInvariants()
    }
    expect(chain.blockByNumber(1n)).toBeUndefined()
    expect(chain.blockByNumber(7n)).toBeDefined()
  })
})

describe('a chain that executes nothing', () => {
  test('takes a recorded chain through all forks and ends at its head', () => {
    const genesis = parseGenesis(vectorGenesis)
    const chain = new Chain({ genesis, ledger: 'none' })
    const blocks = vectorChain()
    for (const block of blocks)
      expect(chain.import(block, sendersOf(block))).toMatchObject({ status: 'imported' })
    expect(chain.head.hash).toBe(
      '0xd226371d0b1551adb03fb52b71f08e3e11247fe9b1af994768af8cdaa8e7dcd7',
    )
    expect(chain.receipts(chain.head.hash)).toBeUndefined()
    expect(chain.stateAt(chain.head.hash)).toBeUndefined()
    chain.assertInvariants()
  })

  test('still holds a Clique chain to its seals and bodies', () => {
    const chain = testChain({ ledger: 'none' })
    const { block } = nextBlock(testChain(), { txs: [signedTransfer()] })
    const forged = resealed(block, account(3), {})
    expect(chain.import(forged, [])).toMatchObject({ reason: 'unauthorized-signer' })
    const mutated = makeBlock(block.header, [])
    expect(chain.import(mutated, [])).toMatchObject({ reason: 'transactions-root-mismatch' })
    expect(chain.import(block, sendersOf(block)).status).toBe('imported')
    expect(() => nextBlock(chain)).toThrow('the state after block 1 is not kept')
  })
})

describe('the ledger of transfers refuses to run', () => {
  test.each([
    ['clique is missing', { clique: undefined }],
    ['shanghaiTime is given', { shanghaiTime: 0 }],
    ['terminalTotalDifficulty is given', { terminalTotalDifficulty: 5 }],
    [
      'byzantiumBlock is above 1',
      {
        byzantiumBlock: 2,
        constantinopleBlock: 2,
        petersburgBlock: 2,
        istanbulBlock: 2,
        berlinBlock: 2,
        londonBlock: 2,
      },
    ],
  ])('a chain where %s', (fault, change) => {
    const make = () =>
      testChain({ file: (json) => ({ ...json, config: { ...json.config, ...change } }) })
    expect(make).toThrow(`config: ${fault}`)
  })
})

test('a chain that comes to London late has no base fee before and the initial one then', () => {
  const file = (json: { config: object }) => ({
    ...json,
    config: { ...json.config, londonBlock: 2 },
  })
  const chain = testChain({ file })
  expect(chain.nextBaseFee()).toBeUndefined()
  const price = { type: 0, maxFeePerGas: 3n * GWEI, maxPriorityFeePerGas: 3n * GWEI } as const
  extend(chain, { txs: [signedTransfer(price)] })
  expect(chain.state.balance(account(0).address)).toBe(21_000n * 3n * GWEI)
  expect(chain.nextBaseFee()).toBe(10n ** 9n)
  const london = extend(chain, { txs: [signedTransfer({ ...price, nonce: 1n })] })
  expect(london.header.gasLimit).toBe(60_000_000n)
  expect(london.transactions).toHaveLength(1)
  chain.assertInvariants()
})

/** Imports in rounds until nothing is an orphan any more. */
function importAll(chain: Chain, blocks: readonly Block[]): void {
  let waiting = [...blocks]
  while (waiting.length > 0) {
    const orphans = waiting.filter(
      (block) => chain.import(block, sendersOf(block)).status === 'orphan',
    )
    if (orphans.length === waiting.length) throw new Error('orphans for ever')
    waiting = orphans
  }
}

/** The block with other transactions, under roots and gas that a forger would compute for them. */
function withTransactions(block: Block, transactions: Block['transactions']): Block {
  const body = makeBlock(block.header, transactions)
  const gasUsed = transactions.reduce((sum, { gasLimit }) => sum + gasLimit, 0n)
  return resealed(body, account(0), {
    transactionsRoot: transactionsRoot(transactions),
    gasUsed,
  })
}

function outOfTurn(parent: Block): TestAccount {
  const turn = Number((parent.header.number + 2n) % 3n)
  return [first, second, third][turn] ?? first
}
