import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { makeBlock, type Block } from '../../src/block/block.ts'
import { inspectBlockLine, type InspectBlockContext } from '../../src/cli/inspect/inspectBlock.ts'
import { parseGenesis } from '../../src/chain/genesis/genesis.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { genesisHeader, sealedBlock } from '../builders/block.ts'
import { account } from '../builders/keys.ts'
import { signedTransfer, TEST_CHAIN_ID } from '../builders/tx.ts'
import { vectorChain, vectorChainBytes } from '../builders/vectorChain.ts'

const LONDON: InspectBlockContext = { chainId: TEST_CHAIN_ID, fork: 'london' }
const parent = genesisHeader()

function inspect(block: Block, context = LONDON): object {
  return inspectBlockLine(bytesToHex(block.raw), context)
}

const vectorGenesis = parseGenesis(
  JSON.parse(readFileSync(new URL('../vectors/rpc/genesis.json', import.meta.url), 'utf8')),
)

describe('a line with a block', () => {
  test('is answered with what the block is and who sealed it', () => {
    const transactions = [signedTransfer({ nonce: 0n }), signedTransfer({ nonce: 1n })]
    const block = sealedBlock({ parent, transactions })
    expect(inspect(block)).toMatchObject({
      hash: block.hash,
      number: '0x1',
      parentHash: block.header.parentHash,
      transactions: 2,
      signer: account().address,
      size: `0x${block.raw.length.toString(16)}`,
    })
  })

  test('is taken for every block of a public chain that passes through all forks', () => {
    const context = {
      chainId: vectorGenesis.config.chainId,
      fork: undefined,
      genesis: vectorGenesis,
    }
    const answers = vectorChainBytes().map((raw) => inspectBlockLine(bytesToHex(raw), context))
    expect(answers).toHaveLength(54)
    for (const [index, answer] of answers.entries()) {
      expect(answer).toMatchObject({ number: `0x${(index + 1).toString(16)}` })
      expect(answer).not.toHaveProperty('signer')
    }
  })
})

describe('a line is refused', () => {
  const transactions = [signedTransfer()]
  const good = sealedBlock({ parent, transactions })

  test.each<[string, string, () => object]>([
    ['that is no hex', 'not-hex', () => inspectBlockLine('block', LONDON)],
    ['of no bytes', 'rlp-empty', () => inspectBlockLine('', LONDON)],
    [
      'with trailing bytes',
      'rlp-trailing-bytes',
      () => inspectBlockLine(`${bytesToHex(good.raw)}00`, LONDON),
    ],
    ['of another fork', 'fork-fields', () => inspect(good, { ...LONDON, fork: 'shanghai' })],
    [
      'of the latest fork where none is given',
      'fork-fields',
      () => inspect(good, { ...LONDON, fork: undefined }),
    ],
    [
      'with more gas used than allowed',
      'gas-used-above-limit',
      () => inspect(sealedBlock({ parent, change: { gasUsed: 40_000_000n } })),
    ],
    [
      'whose transactions are others than the header says',
      'transactions-root-mismatch',
      () =>
        inspect(
          sealedBlock({ parent, transactions, change: { transactionsRoot: parent.parentHash } }),
        ),
    ],
    [
      'with a transaction for another chain',
      'transaction-invalid',
      () => inspect(sealedBlock({ parent, transactions: [signedTransfer({ chainId: 5n })] })),
    ],
    [
      'with a transaction of more gas than the block',
      'transaction-gas-above-block',
      () =>
        inspect(
          sealedBlock({
            parent,
            transactions: [signedTransfer({ gasLimit: 31_000_000n })],
            change: { gasUsed: 21_000n },
          }),
        ),
    ],
    [
      'with a transaction that cannot pay the base fee',
      'transaction-below-base-fee',
      () =>
        inspect(
          sealedBlock({
            parent,
            transactions: [signedTransfer({ maxFeePerGas: 1n, maxPriorityFeePerGas: 1n })],
          }),
        ),
    ],
  ])('%s: %s', (_name, reason, answer) => {
    expect(answer()).toEqual({ error: { reason, message: expect.any(String) } })
  })

  test('whose header counts other blobs than it carries', () => {
    const block = vectorChain().at(-1)
    if (block === undefined) throw new Error('the chain has blocks')
    const header = { ...block.header, blobGasUsed: (block.header.blobGasUsed ?? 0n) + 131_072n }
    const wrong = makeBlock(header, block.transactions, block.uncles, block.withdrawals)
    const { config } = vectorGenesis
    const context = { chainId: config.chainId, fork: undefined, genesis: vectorGenesis }
    expect(inspect(block, context)).toHaveProperty('hash')
    expect(inspect(wrong, context)).toHaveProperty('error.reason', 'blob-gas-mismatch')
  })

  test('not sealed by a signer of the genesis', () => {
    const context = {
      ...LONDON,
      genesis: { ...vectorGenesis, header: parent, config: cliqueConfig() },
    }
    const stranger = sealedBlock({ parent, sealer: account(1) })
    const { extraData } = good.header
    const header = { ...good.header, extraData: extraData.with(extraData.length - 1, 4) }
    const unsealed = makeBlock(header, transactions)
    expect(inspect(good, context)).toHaveProperty('signer', account().address)
    expect(inspect(stranger, context)).toHaveProperty('error.reason', 'unauthorized-signer')
    expect(inspect(unsealed, context)).toHaveProperty('error.reason', 'bad-seal')
  })

  function cliqueConfig(): typeof vectorGenesis.config {
    return { ...vectorGenesis.config, clique: { periodS: 1n, epoch: 30_000n } }
  }
})
