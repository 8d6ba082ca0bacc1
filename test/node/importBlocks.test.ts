import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { makeBlock, type Block } from '../../src/block/block.ts'
import { transactionsRoot } from '../../src/block/bodyRoots.ts'
import { sealHeader } from '../../src/block/clique.ts'
import { Chain } from '../../src/chain/chain.ts'
import { parseGenesis, type Genesis } from '../../src/chain/genesis/genesis.ts'
import { inlineVerifier } from '../../src/crypto/verifier.ts'
import { importBlocks, type ImportReport } from '../../src/node/importBlocks.ts'
import { decodeTx, isTxDefect } from '../../src/tx/decodeTx.ts'
import { encodeTx } from '../../src/tx/encodeTx.ts'
import { Senders } from '../../src/tx/senders.ts'
import type { Tx } from '../../src/tx/tx.ts'
import { extend, resealed, testChain, testGenesis, testSigners } from '../builders/chain.ts'
import { signedTransfer, transferFields } from '../builders/tx.ts'
import { vectorChainBytes } from '../builders/vectorChain.ts'

function vectorGenesis(): Genesis {
  const file = new URL('../vectors/rpc/genesis.json', import.meta.url)
  return parseGenesis(JSON.parse(readFileSync(file, 'utf8')))
}

async function take(
  chain: Chain,
  pieces: readonly Uint8Array[],
  isAskedToEnd: () => boolean = () => false,
): Promise<ImportReport> {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* pieces
  }
  const senders = new Senders(inlineVerifier())
  return importBlocks(source(), {
    chain,
    senders,
    isAskedToEnd,
    onBlock: () => {},
    flushed: async () => {},
  })
}

/** Blocks with transfers, from a chain that executed them. */
function executedBlocks(count: number): Block[] {
  const chain = testChain()
  return Array.from({ length: count }, (_, nonce) =>
    extend(chain, { txs: [signedTransfer({ nonce: BigInt(nonce) })] }),
  )
}

/** Its r is within bounds but no x of a point. */
function nobodysTx(): Tx {
  const signature = { r: 5n, s: 1n, yParity: 0 } as const
  const tx = decodeTx(encodeTx(transferFields(), signature))
  if (isTxDefect(tx)) throw new Error(tx.message)
  return tx
}

/** A sealed first block with a transaction that need not be executable. */
function blockWith(tx: Tx): { number: bigint; raw: Uint8Array } {
  const signer = testSigners(1)[0]
  if (signer === undefined) throw new Error('there is a signer')
  const { header } = extend(testChain())
  const sealed = sealHeader(
    { ...header, transactionsRoot: transactionsRoot([tx]) },
    signer.privateKey,
  )
  return { number: header.number, raw: makeBlock(sealed, [tx]).raw }
}

describe('importing blocks', () => {
  test('takes a recorded chain of every fork in, without executing it', async () => {
    const chain = new Chain({ genesis: vectorGenesis(), ledger: 'none' })
    const report = await take(chain, vectorChainBytes())
    expect(report).toEqual({ imported: 54, known: 0, end: 'complete' })
    expect(chain.head.header.number).toBe(54n)
  })

  test('executes where there is a ledger, and comes to the same accounts', async () => {
    const blocks = executedBlocks(12)
    const chain = testChain()
    expect(
      await take(
        chain,
        blocks.map(({ raw }) => raw),
      ),
    ).toMatchObject({ imported: 12, end: 'complete' })
    expect(chain.stateAt(chain.head.hash)?.root()).toBe(chain.head.header.stateRoot)
    chain.assertInvariants()
  })

  test('skips what is known, the genesis included', async () => {
    const chain = new Chain({ genesis: vectorGenesis(), ledger: 'none' })
    const blocks = [chain.genesis.block.raw, ...vectorChainBytes()]
    expect(await take(chain, blocks.slice(0, 31))).toMatchObject({ imported: 30, known: 1 })
    expect(await take(chain, blocks)).toEqual({ imported: 24, known: 31, end: 'complete' })
  })

  test('keeps what stands before a broken block, and says where that begins', async () => {
    const chain = new Chain({ genesis: vectorGenesis(), ledger: 'none' })
    const blocks = vectorChainBytes().slice(0, 5)
    const offset = blocks.reduce((sum, { length }) => sum + length, 0)
    const report = await take(chain, [...blocks, Uint8Array.of(0xc0)])
    expect(report).toMatchObject({ imported: 5, end: 'defect' })
    expect(report.defect).toContain(`broken at byte ${offset}: block-field-count`)
    expect(chain.head.header.number).toBe(5n)
  })

  test('names the number, the place and the rule of a block that is refused', async () => {
    const [first, second] = executedBlocks(2)
    const signer = testSigners(1)[0]
    if (first === undefined || second === undefined || signer === undefined) throw new Error()
    const greedy = resealed(second, signer, { gasUsed: second.header.gasUsed + 1n })
    const report = await take(testChain(), [first.raw, greedy.raw])
    expect(report).toMatchObject({ imported: 1, end: 'defect' })
    expect(report.defect).toContain(
      `block 2 at byte ${first.raw.length} was refused: gas-used-out-of-reach`,
    )
  })

  test('refuses an excess of blob gas that the parent does not give, on a chain that nobody executes', async () => {
    const file = (name: string) => new URL(`../vectors/cases/${name}`, import.meta.url)
    const json = readFileSync(file('excess-blob-gas.genesis.json'), 'utf8')
    const chain = new Chain({ genesis: parseGenesis(JSON.parse(json)), ledger: 'none' })
    const report = await take(chain, [readFileSync(file('excess-blob-gas.chain.rlp'))])
    expect(report.defect).toContain('block 1 at byte 0 was refused: wrong-excess-blob-gas')
  })

  test('says that blocks before are missing', async () => {
    const chain = new Chain({ genesis: vectorGenesis(), ledger: 'none' })
    const report = await take(chain, vectorChainBytes().slice(1))
    expect(report).toMatchObject({ imported: 0, end: 'defect' })
    expect(report.defect).toMatch(/^block 2 at byte 0: its parent 0x80e911b6.* is not there/)
  })

  test.each([
    ['its first block', vectorChainBytes()],
    ['its genesis', [vectorGenesis().block.raw]],
  ])('tells a chain of another genesis by %s', async (_, blocks) => {
    const report = await take(testChain(), blocks)
    expect(report).toMatchObject({ imported: 0, end: 'defect' })
    expect(report.defect).toContain(
      `of another chain, whose genesis is ${vectorGenesis().hash}, not ${testGenesis().hash}`,
    )
  })

  test.each(['none', 'transfers'] as const)(
    'refuses a transaction that nobody can have signed, with the ledger %s',
    async (ledger) => {
      const { number, raw } = blockWith(nobodysTx())
      const report = await take(testChain({ ledger }), [raw])
      expect(report).toMatchObject({ imported: 0, end: 'defect' })
      expect(report.defect).toContain(`block ${number} at byte 0 was refused: bad-signature`)
    },
  )

  test('waits for the disk now and then, so that what is not written stays little', async () => {
    const source = testChain({ file: (file) => ({ ...file, gasLimit: '0x5f5e100' }) })
    const chain = testChain({ file: (file) => ({ ...file, gasLimit: '0x5f5e100' }) })
    const data = new Uint8Array(100_000).fill(1)
    const blocks = Array.from({ length: 100 }, (_, nonce) =>
      extend(source, {
        txs: [signedTransfer({ nonce: BigInt(nonce), data, gasLimit: 5_000_000n })],
      }),
    )
    let flushes = 0
    await importBlocks(
      (async function* () {
        for (const { raw } of blocks) yield raw
      })(),
      {
        chain,
        senders: new Senders(inlineVerifier()),
        isAskedToEnd: () => false,
        onBlock: () => {},
        flushed: async () => {
          flushes++
        },
      },
    )
    expect(chain.head.header.number).toBe(100n)
    expect(flushes).toBe(2)
  })

  test('ends between two blocks when it is asked to', async () => {
    const chain = new Chain({ genesis: vectorGenesis(), ledger: 'none' })
    let asked = 0
    const report = await take(chain, vectorChainBytes(), () => ++asked > 10)
    expect(report).toEqual({ imported: 10, known: 0, end: 'asked' })
    expect(chain.head.header.number).toBe(10n)
  })
})
