import { describe, expect, test } from 'vitest'
import { forkAt } from '../../src/chain/genesis/forks.ts'
import { parseGenesis } from '../../src/chain/genesis/genesis.ts'
import { FORKS } from '../../src/tx/fork.ts'
import vectorGenesis from '../vectors/rpc/genesis.json' with { type: 'json' }
import { vectorChain } from '../builders/vectorChain.ts'

const { config } = parseGenesis(vectorGenesis)

describe('forkAt', () => {
  test('names each fork at its first block and the one before it just below', () => {
    const byBlock = [
      [0n, 'homestead'],
      [2n, 'homestead'],
      [3n, 'eip150'],
      [6n, 'eip158'],
      [9n, 'byzantium'],
      [12n, 'constantinople'],
      [15n, 'constantinoplefix'],
      [18n, 'istanbul'],
      [23n, 'istanbul'],
      [24n, 'berlin'],
      [26n, 'berlin'],
      [27n, 'london'],
      [35n, 'london'],
      [36n, 'paris'],
    ] as const
    for (const [number, fork] of byBlock) expect(forkAt(config, number, 0n)).toBe(fork)
    const byTime = [
      [389n, 'paris'],
      [390n, 'shanghai'],
      [420n, 'cancun'],
      [450n, 'prague'],
      [479n, 'prague'],
      [480n, 'osaka'],
      [10_000n, 'osaka'],
    ] as const
    for (const [timestamp, fork] of byTime) expect(forkAt(config, 40n, timestamp)).toBe(fork)
  })

  test('never goes back along a chain that passes through all forks', () => {
    const ranks = vectorChain().map(({ header }) =>
      FORKS.indexOf(forkAt(config, header.number, header.timestamp)),
    )
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b))
    expect(new Set(ranks).size).toBe(FORKS.length - 1)
  })

  test('counts forks by time from London on only', () => {
    const early = { ...config, forkBlocks: { homesteadBlock: 0n, londonBlock: 10n } }
    expect(forkAt(early, 9n, 10_000n)).toBe('homestead')
    expect(forkAt(early, 10n, 10_000n)).toBe('osaka')
  })

  test('takes Petersburg to come with Constantinople where it has no block of its own', () => {
    const forkBlocks = { constantinopleBlock: 5n }
    expect(forkAt({ ...config, forkBlocks }, 5n, 0n)).toBe('constantinoplefix')
  })

  test('is frontier where the configuration names no fork', () => {
    expect(forkAt({ ...config, forkBlocks: {}, forkTimes: {} }, 1_000n, 1_000n)).toBe('frontier')
  })

  test('is merged from the beginning with a terminal total difficulty of 0', () => {
    const merged = { ...config, forkBlocks: { londonBlock: 0n }, terminalTotalDifficulty: 0n }
    expect(forkAt(merged, 0n, 0n)).toBe('paris')
  })
})
