import { describe, expect, test } from 'vitest'
import type { Header } from '../../src/block/header.ts'
import {
  firstBrokenHeaderRule,
  HEADER_RULE_REASONS,
  HEADER_RULES,
  type HeaderRuleReason,
} from '../../src/chain/rules/headerRules.ts'
import { parseGenesis } from '../../src/chain/genesis/genesis.ts'
import { EMPTY_TRIE_ROOT } from '../../src/block/trie.ts'
import { asHash } from '../../src/crypto/keccak.ts'
import { GAS_PER_BLOB } from '../../src/tx/gas.ts'
import { nextBlock, testChain, testGenesis } from '../builders/chain.ts'
import { RECIPIENT } from '../builders/tx.ts'
import { vectorChain } from '../builders/vectorChain.ts'
import vectorGenesis from '../vectors/rpc/genesis.json' with { type: 'json' }

const chain = testChain({ periodS: 2 })
const parent = chain.genesis.header
const { header: valid } = nextBlock(chain).block
const someHash = asHash(new Uint8Array(32).fill(1))

/** A block of the same chain with the rules of Cancun. */
const cancun = testGenesis({
  periodS: 2,
  file: (json) => ({ ...json, config: { ...json.config, shanghaiTime: 0, cancunTime: 0 } }),
})
const validInCancun = {
  ...valid,
  withdrawalsRoot: EMPTY_TRIE_ROOT,
  blobGasUsed: 6n * GAS_PER_BLOB,
  excessBlobGas: 0n,
  parentBeaconBlockRoot: someHash,
}

const BROKEN_IN_CANCUN: Readonly<Partial<Record<HeaderRuleReason, readonly Partial<Header>[]>>> = {
  'blob-gas-used-out-of-range': [{ blobGasUsed: 1n }, { blobGasUsed: 7n * GAS_PER_BLOB }],
  'wrong-excess-blob-gas': [{ excessBlobGas: 1n }, { excessBlobGas: 2n ** 64n - 1n }],
}

const BROKEN: Readonly<Partial<Record<HeaderRuleReason, readonly Partial<Header>[]>>> = {
  'wrong-number': [{ number: 0n }, { number: 2n }],
  'timestamp-too-early': [{ timestamp: 0n }, { timestamp: 1n }],
  'gas-limit-out-of-range': [{ gasLimit: 4999n }, { gasLimit: 2n ** 63n }],
  'gas-limit-step-too-large': [
    { gasLimit: parent.gasLimit + parent.gasLimit / 1024n },
    { gasLimit: parent.gasLimit - parent.gasLimit / 1024n },
  ],
  'gas-used-above-limit': [{ gasUsed: valid.gasLimit + 1n }],
  'fork-fields': [
    { withdrawalsRoot: someHash },
    { blobGasUsed: 0n },
    { excessBlobGas: 0n },
    { parentBeaconBlockRoot: someHash },
    { requestsHash: someHash },
  ],
  'wrong-base-fee': [{ baseFeePerGas: 10n ** 9n }, { baseFeePerGas: 0n }],
  'extra-data-length': [
    { extraData: valid.extraData.subarray(1) },
    { extraData: new Uint8Array(97 + 20) },
    { extraData: new Uint8Array(0) },
  ],
  'wrong-difficulty': [{ difficulty: 0n }, { difficulty: 3n }],
  'uncles-not-empty': [{ unclesHash: someHash }],
  'mix-hash-not-zero': [{ mixHash: someHash }],
  'nonce-not-zero': [{ nonce: new Uint8Array(8).fill(0xff) }, { nonce: new Uint8Array(8).fill(1) }],
  'coinbase-not-zero': [{ coinbase: RECIPIENT }],
}

describe('header rules', () => {
  test('hold for the next block', () => {
    expect(firstBrokenHeaderRule(valid, parent, chain.config)).toBeUndefined()
  })

  test('have a reason each, and every reason has a rule', () => {
    expect(HEADER_RULES.map(({ reason }) => reason)).toEqual(HEADER_RULE_REASONS)
  })

  test('have a case each', () => {
    const cases = [...Object.keys(BROKEN), ...Object.keys(BROKEN_IN_CANCUN)]
    expect(cases.sort()).toEqual([...HEADER_RULE_REASONS].sort())
  })

  test.each(HEADER_RULE_REASONS)('refuse a header that breaks %s', (reason) => {
    for (const change of BROKEN[reason] ?? [])
      expect(firstBrokenHeaderRule({ ...valid, ...change }, parent, chain.config)).toBe(reason)
    for (const change of BROKEN_IN_CANCUN[reason] ?? [])
      expect(
        firstBrokenHeaderRule({ ...validInCancun, ...change }, cancun.header, cancun.config),
      ).toBe(reason)
  })

  test('hold for a block full of blobs', () => {
    expect(firstBrokenHeaderRule(validInCancun, cancun.header, cancun.config)).toBeUndefined()
  })

  test('refuse a header without the base fee of its fork', () => {
    const { baseFeePerGas: _, ...beforeLondon } = valid
    expect(firstBrokenHeaderRule(beforeLondon, parent, chain.config)).toBe('fork-fields')
  })

  test('let the gas limit move by less than 1/1024', () => {
    const step = parent.gasLimit / 1024n - 1n
    for (const gasLimit of [parent.gasLimit + step, parent.gasLimit - step])
      expect(firstBrokenHeaderRule({ ...valid, gasLimit }, parent, chain.config)).toBeUndefined()
  })

  test('let a Clique chain without a period have two blocks in one second, as geth does', () => {
    const { config } = testGenesis({ periodS: 0 })
    expect(firstBrokenHeaderRule({ ...valid, timestamp: 0n }, parent, config)).toBeUndefined()
  })

  test('want the signers in the extra data of an epoch block and nowhere else', () => {
    const { config } = testGenesis()
    const epochal = { ...config, clique: { periodS: 0n, epoch: 1n } }
    expect(firstBrokenHeaderRule(valid, parent, epochal)).toBe('extra-data-length')
    const listing = { ...valid, extraData: new Uint8Array(97 + 40) }
    expect(firstBrokenHeaderRule(listing, parent, epochal)).toBeUndefined()
  })

  test('want twice the gas limit and the initial base fee of the first London block', () => {
    const { config } = testGenesis()
    const late = { ...config, forkBlocks: { ...config.forkBlocks, londonBlock: 1n } }
    const { baseFeePerGas: _, ...berlin } = parent
    const first = { ...valid, gasLimit: parent.gasLimit * 2n, baseFeePerGas: 10n ** 9n }
    expect(firstBrokenHeaderRule(first, berlin, late)).toBeUndefined()
    const same = { ...first, gasLimit: parent.gasLimit }
    expect(firstBrokenHeaderRule(same, berlin, late)).toBe('gas-limit-step-too-large')
  })

  test('hold for every block of a recorded chain through all forks, mined and merged', () => {
    const genesis = parseGenesis(vectorGenesis)
    let before = genesis.header
    for (const { header } of vectorChain()) {
      expect(firstBrokenHeaderRule(header, before, genesis.config)).toBeUndefined()
      before = header
    }
    const merged = { ...before, number: before.number + 1n, timestamp: before.timestamp + 10n }
    const mined = { ...merged, difficulty: 131072n }
    expect(firstBrokenHeaderRule(mined, before, genesis.config)).toBe('wrong-base-fee')
  })
})
