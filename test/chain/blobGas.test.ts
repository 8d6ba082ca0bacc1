import { describe, expect, test } from 'vitest'
import type { Header } from '../../src/block/header.ts'
import { parseGenesis } from '../../src/chain/genesis/genesis.ts'
import {
  blobBaseFee,
  MAX_BLOB_BASE_FEE,
  maxBlobGas,
  nextBlobBaseFee,
  nextExcessBlobGas,
} from '../../src/chain/rules/blobGas.ts'
import { GAS_PER_BLOB } from '../../src/tx/gas.ts'
import { testGenesis } from '../builders/chain.ts'
import { vectorChain } from '../builders/vectorChain.ts'
import vectorGenesis from '../vectors/rpc/genesis.json' with { type: 'json' }

const { config, header } = testGenesis({
  file: (json) => ({
    ...json,
    config: { ...json.config, shanghaiTime: 0, cancunTime: 0, pragueTime: 1000, osakaTime: 2000 },
  }),
})

const CANCUN = 1n
const PRAGUE = 1000n
const OSAKA = 2000n

function headerOf(change: Partial<Header>): Header {
  return { ...header, excessBlobGas: 0n, blobGasUsed: 0n, ...change }
}

describe('the price of blob gas', () => {
  test('follows the excess of the blocks through every schedule', () => {
    const genesis = parseGenesis(vectorGenesis)
    const blocks = vectorChain()
    const fees = blocks.map((block) => blobBaseFee(genesis.config, block.header))
    expect(new Set(fees)).toEqual(new Set([undefined, 1n]))
    const cancun = blocks.find((block) => block.header.excessBlobGas !== undefined)
    if (cancun === undefined) throw new Error('the vectors have a Cancun block')
    const crowded = { ...cancun.header, excessBlobGas: 10n * 2n ** 20n }
    expect(blobBaseFee(genesis.config, crowded)).toBe(23n)
    expect(nextBlobBaseFee(genesis.config, { ...crowded, blobGasUsed: 6n * GAS_PER_BLOB })).toBe(
      26n,
    )
  })

  test('stops at 2^256-1, whatever a header or a genesis says', () => {
    for (const baseFeeUpdateFraction of [1n, 3_338_477n, 2n ** 64n - 1n]) {
      const steep = { ...config, blobSchedule: { cancun: { ...BLOBS, baseFeeUpdateFraction } } }
      const excessBlobGas = 2n ** 64n - 1n
      const fee = blobBaseFee(steep, headerOf({ excessBlobGas }))
      expect(fee).toBe(baseFeeUpdateFraction === 2n ** 64n - 1n ? 2n : MAX_BLOB_BASE_FEE)
      expect(nextBlobBaseFee(steep, headerOf({ excessBlobGas }))).toBe(fee)
    }
  })

  test('rises up to its end without a step back', () => {
    const fraction = 3_338_477n
    let before = 0n
    for (const times of [0n, 1n, 100n, 176n, 177n, 178n, 179n]) {
      const fee = blobBaseFee(config, headerOf({ excessBlobGas: fraction * times })) ?? 0n
      expect(fee).toBeGreaterThanOrEqual(before)
      before = fee
    }
    expect(before).toBe(MAX_BLOB_BASE_FEE)
  })

  test('is none before Cancun', () => {
    expect(blobBaseFee(testGenesis().config, header)).toBeUndefined()
    expect(maxBlobGas(testGenesis().config, 0n)).toBe(0n)
  })
})

const BLOBS = { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477n }

describe('the excess blob gas of a child', () => {
  test('is what the parent has above the target of the child', () => {
    const full = headerOf({ excessBlobGas: GAS_PER_BLOB, blobGasUsed: 6n * GAS_PER_BLOB })
    expect(nextExcessBlobGas(config, full, CANCUN)).toBe(4n * GAS_PER_BLOB)
    expect(nextExcessBlobGas(config, full, PRAGUE)).toBe(GAS_PER_BLOB)
    const half = headerOf({ blobGasUsed: 2n * GAS_PER_BLOB })
    expect(nextExcessBlobGas(config, half, CANCUN)).toBe(0n)
  })

  test('is 0 in the first Cancun block and before', () => {
    expect(nextExcessBlobGas(config, header, CANCUN)).toBe(0n)
    expect(nextExcessBlobGas(testGenesis().config, header, CANCUN)).toBe(0n)
  })

  test('never falls from Osaka on while a blob is cheaper than the execution gas it is worth (EIP-7918)', () => {
    const used = { excessBlobGas: 5n * GAS_PER_BLOB, blobGasUsed: 3n * GAS_PER_BLOB }
    const cheap = headerOf({ ...used, baseFeePerGas: 17n })
    expect(nextExcessBlobGas(config, cheap, OSAKA)).toBe(6n * GAS_PER_BLOB)
    expect(nextExcessBlobGas(config, cheap, PRAGUE)).toBe(2n * GAS_PER_BLOB)
    const dear = headerOf({ ...used, baseFeePerGas: 16n })
    expect(nextExcessBlobGas(config, dear, OSAKA)).toBe(2n * GAS_PER_BLOB)
  })
})

test('a genesis that gives no blob parameters has those of the EIPs', () => {
  expect(maxBlobGas(config, CANCUN)).toBe(6n * GAS_PER_BLOB)
  expect(maxBlobGas(config, PRAGUE)).toBe(9n * GAS_PER_BLOB)
  expect(maxBlobGas(config, OSAKA)).toBe(9n * GAS_PER_BLOB)
})
