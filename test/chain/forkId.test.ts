import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { forkHash, forkIdAt, forkIdMismatch } from '../../src/chain/genesis/forkId.ts'
import { genesisRules } from '../../src/chain/genesis/genesisRules.ts'
import { parseGenesis, type Genesis } from '../../src/chain/genesis/genesis.ts'
import { asHash } from '../../src/crypto/keccak.ts'
import { hexToBytes, type Hex } from '../../src/lib/bytes.ts'
import { testGenesis } from '../builders/chain.ts'

/** Mainnet's numbers and times, which EIP-2124 and EIP-6122 give checksums of. */
const MAINNET_CONFIG = {
  chainId: 1,
  homesteadBlock: 1_150_000,
  daoForkBlock: 1_920_000,
  eip150Block: 2_463_000,
  eip155Block: 2_675_000,
  eip158Block: 2_675_000,
  byzantiumBlock: 4_370_000,
  constantinopleBlock: 7_280_000,
  petersburgBlock: 7_280_000,
  istanbulBlock: 9_069_000,
  muirGlacierBlock: 9_200_000,
  berlinBlock: 12_244_000,
  londonBlock: 12_965_000,
  arrowGlacierBlock: 13_773_000,
  grayGlacierBlock: 15_050_000,
  shanghaiTime: 1_681_338_455,
  terminalTotalDifficulty: 0,
  ethash: {},
}
const MAINNET_HASH = '0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3'

function mainnet(): Genesis {
  const genesis = parseGenesis({
    config: MAINNET_CONFIG,
    alloc: {},
    difficulty: '0x1',
    gasLimit: '0x1388',
  })
  return { ...genesis, hash: asHash(hexToBytes(MAINNET_HASH)) }
}

describe('the fork hash', () => {
  test('is that of EIP-6122 for mainnet after Gray Glacier and after Shanghai', () => {
    expect(forkHash(mainnet(), 1_681_338_454n)).toBe('0xf0afd0e3')
    expect(forkHash(mainnet(), 1_681_338_455n)).toBe('0xdce96c2d')
  })

  test('is that of execution-apis for a chain with every fork', () => {
    const file = new URL('../vectors/rpc/genesis.json', import.meta.url)
    const genesis = parseGenesis(JSON.parse(readFileSync(file, 'utf8')))
    expect(forkHash(genesis, 540n)).toBe('0xe272ecbe')
  })

  test('of a chain whose forks are all of its genesis is the checksum of its hash alone', () => {
    const genesis = testGenesis()
    expect(forkHash(genesis, 0n)).toBe(forkHash(genesis, 2n ** 63n))
  })
})

/** Mainnet before Istanbul was planned, as the tests of EIP-2124 have it. */
function untilPetersburg(): Genesis {
  const genesis = mainnet()
  const known = Object.entries(genesis.config.forkBlocks).filter(([, start]) => start <= 7_280_000n)
  return {
    ...genesis,
    config: { ...genesis.config, forkBlocks: Object.fromEntries(known), forkTimes: {} },
  }
}

const at = (number: number, timestamp = 0) => ({
  number: BigInt(number),
  timestamp: BigInt(timestamp),
})

describe('the fork id', () => {
  test.each([
    [0, '0xfc64ec04', 1_150_000],
    [1_149_999, '0xfc64ec04', 1_150_000],
    [1_150_000, '0x97c2c34c', 1_920_000],
    [1_920_000, '0x91d1f948', 2_463_000],
    [2_463_000, '0x7a64da13', 2_675_000],
    [2_675_000, '0x3edd5b10', 4_370_000],
    [4_370_000, '0xa00bc324', 7_280_000],
    [7_280_000, '0x668db0af', 0],
  ])('of mainnet at block %i is that of EIP-2124: %s', (number, hash, next) => {
    expect(forkIdAt(untilPetersburg(), at(number))).toEqual({ hash, next: BigInt(next) })
  })

  test('counts by number until the forks by number have passed, then by time', () => {
    expect(forkIdAt(mainnet(), at(15_050_000, 1_681_338_454))).toEqual({
      hash: '0xf0afd0e3',
      next: 1_681_338_455n,
    })
    expect(forkIdAt(mainnet(), at(15_050_000, 1_681_338_455))).toEqual({
      hash: '0xdce96c2d',
      next: 0n,
    })
    expect(forkIdAt(mainnet(), at(12_244_000, 1_681_338_455)).next).toBe(12_965_000n)
  })

  const FAR = 2n ** 64n - 1n
  test.each<[string, number, Hex, bigint]>([
    ['has our rules', 7_987_396, '0x668db0af', 0n],
    ['has our rules, and a fork far ahead', 7_987_396, '0x668db0af', FAR],
    ['has our rules and does not know of our next fork yet', 7_279_999, '0xa00bc324', 0n],
    ['has our rules and our next fork', 7_279_999, '0xa00bc324', 7_280_000n],
    ['is behind and knows what comes', 7_987_396, '0xa00bc324', 7_280_000n],
    ['is two forks behind and knows what comes', 7_987_396, '0x3edd5b10', 4_370_000n],
    ['is ahead', 7_279_999, '0x668db0af', 0n],
    ['is ahead, but not as far as we know', 4_369_999, '0xa00bc324', 0n],
  ])('of a peer that %s fits (EIP-2124)', (_, head, hash, next) => {
    expect(forkIdMismatch(untilPetersburg(), at(head), { hash, next })).toBeUndefined()
  })

  test.each<[string, number, Hex, bigint, string]>([
    ['does not know a fork that we passed', 7_987_396, '0xa00bc324', 0n, 'does not know a fork'],
    ['passed a fork unknown here', 7_987_396, '0x5cddc0e1', 0n, 'unknown here'],
    ['passed a fork after our next', 7_279_999, '0x5cddc0e1', 0n, 'unknown here'],
    ['is of another chain', 7_987_396, '0xafec6b27', 0n, 'unknown here'],
    ['plans a fork that we passed', 88_888_888, '0x668db0af', 88_888_888n, 'at 88888888, which we'],
    ['plans a fork before our next', 7_279_999, '0xa00bc324', 7_279_999n, 'at 7279999, which we'],
  ])('of a peer that %s does not fit (EIP-2124)', (_, head, hash, next, fault) => {
    expect(forkIdMismatch(untilPetersburg(), at(head), { hash, next })).toContain(fault)
  })

  test('of a peer that plans a fork by time that we passed does not fit, one by number is no time', () => {
    const head = at(100, 1_800_000_000)
    const { hash } = forkIdAt(testGenesis(), head)
    expect(forkIdMismatch(testGenesis(), head, { hash, next: 1_800_000_000n })).toContain(
      'we passed',
    )
    expect(forkIdMismatch(testGenesis(), head, { hash, next: 1_800_000_001n })).toBeUndefined()
    expect(forkIdMismatch(testGenesis(), head, { hash, next: 100_000n })).toBeUndefined()
  })
})

describe('the rules of the genesis', () => {
  const plain = testGenesis()
  const merged = (config: Partial<Genesis['config']>): Genesis => ({
    ...plain,
    config: { ...plain.config, ...config },
  })
  const clique = { periodS: 1n, epoch: 30_000n }
  const blobs = { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477n }

  test.each<[string, Partial<Genesis['config']>]>([
    ['another period', { clique: { ...clique, periodS: 9n } }],
    ['another epoch', { clique: { ...clique, epoch: 9n } }],
    ['no seals', { clique: undefined }],
    ['another fork at the genesis', { forkTimes: { shanghaiTime: 0n } }],
  ])('with %s are others', (_, config) => {
    expect(genesisRules(merged(config))).toMatch(/^0x[0-9a-f]{8}$/)
    expect(genesisRules(merged(config))).not.toBe(genesisRules(plain))
  })

  test('hold the blob parameters of the forks that the genesis is in, and no later ones', () => {
    const forkTimes = { shanghaiTime: 0n, cancunTime: 0n, pragueTime: plain.header.timestamp + 1n }
    const base = merged({ forkTimes, blobSchedule: { cancun: blobs, prague: blobs } })
    const changed = (fork: string) =>
      merged({
        forkTimes,
        blobSchedule: { ...base.config.blobSchedule, [fork]: { ...blobs, max: 7 } },
      })
    expect(genesisRules(changed('cancun'))).not.toBe(genesisRules(base))
    expect(genesisRules(changed('prague'))).toBe(genesisRules(base))
  })

  test('do not depend on what comes after the genesis', () => {
    const later = { ...plain.config.forkTimes, shanghaiTime: 2n ** 40n }
    expect(genesisRules(merged({ forkTimes: later }))).toBe(genesisRules(plain))
  })
})
