import { readFileSync } from 'node:fs'
import { createBlock } from '@ethereumjs/block'
import { createCommonFromGethGenesis, parseGethGenesisState } from '@ethereumjs/common'
import { MerkleStateManager } from '@ethereumjs/statemanager'
import { bytesToHex } from '@ethereumjs/util'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeHeader } from '../../src/block/header.ts'
import { devnetGenesis } from '../../src/chain/genesis/devnetGenesis.ts'
import { parseGenesis } from '../../src/chain/genesis/genesis.ts'
import { bytesToHex as toHex } from '../../src/lib/bytes.ts'
import { account } from '../builders/keys.ts'
import { vectorChain } from '../builders/vectorChain.ts'
import vectorGenesis from '../vectors/rpc/genesis.json' with { type: 'json' }

const signers = [account(0).address]
const devnet = devnetGenesis({ signers, periodS: 2 })

describe('the genesis block', () => {
  test('of a recorded chain is its first block parent, byte for byte', () => {
    const genesis = parseGenesis(vectorGenesis)
    expect(genesis.hash).toBe(vectorChain()[0]?.header.parentHash)
    const io = new URL('../vectors/rpc/debug_getRawHeader/get-genesis.io', import.meta.url)
    expect(readFileSync(io, 'utf8')).toContain(`"result":"${toHex(encodeHeader(genesis.header))}"`)
    expect(genesis.config.chainId).toBe(3503995874084926n)
    expect(genesis.config.blobSchedule['bpo2']).toEqual({
      target: 14,
      max: 21,
      baseFeeUpdateFraction: 11684671n,
    })
  })

  test('is what an independent client makes of the same file, at every fork', async () => {
    for (const forks of [
      {},
      { shanghaiTime: 0 },
      { shanghaiTime: 0, cancunTime: 0 },
      { shanghaiTime: 0, cancunTime: 0, pragueTime: 0 },
    ]) {
      const config = { ...mergedConfig, ...forks }
      const file = { ...devnet, config, difficulty: '0x0', alloc: vectorGenesis.alloc }
      expect(parseGenesis(file).hash).toBe(await ethereumjsGenesisHash(file))
    }
  })

  test('of any accounts has the state root that an independent trie gives', async () => {
    const quantity = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map((n) => `0x${n.toString(16)}`)
    const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(toHex)
    const accountFile = fc.record({ balance: quantity, nonce: fc.constantFrom('0x0', '0x7') })
    const allocs = fc.dictionary(address, accountFile, { maxKeys: 20 })
    await fc.assert(
      fc.asyncProperty(allocs, async (alloc) => {
        const file = { ...devnet, alloc }
        expect(parseGenesis(file).hash).toBe(await ethereumjsGenesisHash(file))
      }),
      { numRuns: 25 },
    )
  })

  test('takes numbers as 0x hex, as decimal strings and as JSON numbers, addresses with and without 0x', () => {
    const key = 'ab'.repeat(20)
    const forms = [
      { gasLimit: '0x1c9c380', timestamp: '0x5', alloc: { [`0x${key}`]: { balance: '0xa' } } },
      { gasLimit: '30000000', timestamp: 5, alloc: { [key]: { balance: '10' } } },
      { gasLimit: 30000000, timestamp: '5', alloc: { [key.toUpperCase()]: { balance: 10 } } },
    ]
    const hashes = forms.map((form) => parseGenesis({ ...devnet, ...form }).hash)
    expect(new Set(hashes).size).toBe(1)
  })

  test('keeps an account with code and storage, and hides an empty slot', () => {
    const address = `0x${'cc'.repeat(20)}`
    const storage = { '0x1': '0x2a', '0x2': '0x0' }
    const withStorage = { [address]: { balance: '1', code: '0x60', storage } }
    const withoutEmpty = { [address]: { balance: '1', code: '0x60', storage: { '1': '2a' } } }
    const genesis = parseGenesis({ ...devnet, alloc: withStorage })
    expect(genesis.state.root()).toBe(parseGenesis({ ...devnet, alloc: withoutEmpty }).state.root())
    expect(genesis.state.hasCode(genesis.alloc.keys().next().value ?? account().address)).toBe(true)
  })

  test('has the base fee of the file where it gives one', () => {
    expect(parseGenesis({ ...devnet, baseFeePerGas: '0x7' }).header.baseFeePerGas).toBe(7n)
    expect(parseGenesis({ ...devnet, baseFeePerGas: null }).header.baseFeePerGas).toBe(10n ** 9n)
  })
})

describe('the keys of a genesis file', () => {
  const lowerKeys = (value: unknown): unknown => {
    if (Array.isArray(value) || typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key.toLowerCase(), lowerKeys(member)]),
    )
  }

  test('are taken in any case, as geth takes them', () => {
    const blobs = { Target: 3, MAX: 6, basefeeupdatefraction: 1 }
    const file = { ...devnet, config: { ...devnet.config, blobSchedule: { Cancun: blobs } } }
    for (const written of [lowerKeys(file), file]) {
      const genesis = parseGenesis(written)
      expect(genesis.hash).toBe(parseGenesis(devnet).hash)
      expect(genesis.config.forkBlocks).toEqual(parseGenesis(devnet).config.forkBlocks)
      expect(genesis.config.clique).toEqual(parseGenesis(devnet).config.clique)
      expect(genesis.config.blobSchedule['cancun']?.max).toBe(6)
      expect(genesis.notes).toEqual([])
    }
  })

  test('that nobody knows are told with the one that was meant, and those of other clients are not', () => {
    const config = { ...devnet.config, londonBlok: 5, ethash: {}, amsterdamTime: 7 }
    const { notes, hash } = parseGenesis({ ...devnet, config, comment: 'mine' })
    expect(notes).toEqual([
      'comment: an unknown key, without effect',
      'config.londonBlok: an unknown key, without effect; is it londonBlock?',
      'config.amsterdamTime: an unknown key, without effect',
    ])
    expect(hash).toBe(parseGenesis(devnet).hash)
  })
})

describe('a wrong genesis file is told', () => {
  const address = `0x${'ab'.repeat(20)}`
  const alloc = (value: unknown) => ({ ...devnet, alloc: { [address]: value } })
  const config = (change: object) => ({ ...devnet, config: { ...devnet.config, ...change } })
  const cases: readonly (readonly [unknown, string])[] = [
    [undefined, "missing, expected an object, the genesis in geth's format"],
    [[], "expected an object, the genesis in geth's format, got []"],
    [{ ...devnet, gasLimit: undefined }, 'gasLimit: missing, expected a whole number below 2^64'],
    [{ ...devnet, gasLimit: '0xzz' }, 'gasLimit: expected a whole number below 2^64'],
    [{ ...devnet, difficulty: -1 }, 'difficulty: expected a whole number below 2^256'],
    [{ ...devnet, difficulty: null }, 'difficulty: expected a whole number below 2^256'],
    [{ ...devnet, nonce: '0x10000000000000000' }, 'nonce: expected a whole number below 2^64'],
    [{ ...devnet, mixHash: '0x00' }, 'mixHash: expected 32 bytes of 0x hex, got "0x00"'],
    [{ ...devnet, coinbase: 'me' }, 'coinbase: expected 20 bytes of 0x hex, got "me"'],
    [{ ...devnet, extraData: '0x123' }, 'extraData: expected 0x hex of whole bytes'],
    [{ ...devnet, extraData: '0x00' }, 'extraData: expected 32 bytes, at least one signer'],
    [{ ...devnet, number: 1 }, 'number: expected 0, the number of a first block, got 1'],
    [{ ...devnet, config: undefined }, 'config: missing, expected an object with chainId'],
    [{ ...devnet, MIXHASH: devnet.mixHash }, 'mixHash: the key is there twice'],
    [config({ ChainID: 5 }), 'config.chainId: the key is there twice'],
    [
      config({ blobSchedule: { cancun: { target: 7, max: 6, baseFeeUpdateFraction: 1 } } }),
      'config.blobSchedule.cancun: target 7 is above max 6',
    ],
    [
      config({ blobSchedule: { cancun: { target: 3, max: 6, baseFeeUpdateFraction: 0 } } }),
      'config.blobSchedule.cancun.baseFeeUpdateFraction: expected a whole number from 1 to 2^64-1',
    ],
    [{ ...devnet, difficulty: '1'.repeat(79) }, 'difficulty: expected a whole number below 2^256'],
    [config({ chainId: 0 }), 'config.chainId: expected a chain id from 1 to 2^64-1, got 0'],
    [config({ chainId: 'x' }), 'config.chainId: expected a chain id from 1 to 2^64-1, got "x"'],
    [config({ londonBlock: 'soon' }), 'config.londonBlock: expected a whole number below 2^64'],
    [config({ berlinBlock: 5 }), 'config.londonBlock: begins at 0, before berlinBlock at 5'],
    [config({ berlinBlock: undefined }), 'config.londonBlock: needs berlinBlock too'],
    [config({ cancunTime: 5 }), 'config.cancunTime: needs shanghaiTime too'],
    [config({ clique: 5 }), 'config.clique: expected an object with period and epoch, got 5'],
    [config({ clique: { period: -1 } }), 'config.clique.period: expected a whole number'],
    [
      config({ blobSchedule: { cancun: { target: 'three', max: 6, baseFeeUpdateFraction: 1 } } }),
      'config.blobSchedule.cancun.target: expected a number of blobs, got "three"',
    ],
    [{ ...devnet, alloc: 3 }, 'alloc: expected an object of accounts by address, got 3'],
    [{ ...devnet, alloc: { '0xabc': {} } }, 'alloc.0xabc: expected an address'],
    [
      { ...devnet, alloc: { [address]: { balance: 1 }, ['ab'.repeat(20)]: { balance: 1 } } },
      `alloc.${'ab'.repeat(20)}: the same address is given twice`,
    ],
    [alloc({}), `alloc.${address}.balance: missing, expected a whole number below 2^256`],
    [alloc({ balance: '1.5' }), `alloc.${address}.balance: expected a whole number below 2^256`],
    [alloc({ balance: 1, code: 'x' }), `alloc.${address}.code: expected 0x hex of whole bytes`],
    [
      alloc({ balance: 1, storage: { '0x1': 'q' } }),
      `alloc.${address}.storage.0x1: expected up to 32 bytes of hex, got "q"`,
    ],
  ]

  test.each(cases)('in one line (%#)', (file, line) => {
    const lines = faultLines(file)
    expect(lines.filter((text) => text.includes(line))).toHaveLength(1)
  })

  test('wholly: every wrong thing has its line', () => {
    const file = { ...alloc({ balance: 'x', nonce: 'y' }), gasLimit: 'z' }
    expect(faultLines(file)).toHaveLength(3)
  })

  test('whatever JSON it is: nothing else is thrown', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(faultLines(json).length).toBeGreaterThan(0)
      }),
    )
  })
})

function faultLines(file: unknown): string[] {
  try {
    parseGenesis(file)
  } catch (error) {
    if (error instanceof Error) return error.message.split('\n')
  }
  return []
}

const mergedConfig = { ...devnet.config, clique: undefined, terminalTotalDifficulty: 0 }

async function ethereumjsGenesisHash(file: object): Promise<string> {
  const geth = JSON.parse(JSON.stringify(file)) as Parameters<typeof createCommonFromGethGenesis>[0]
  const common = createCommonFromGethGenesis(geth, { chain: 'test' })
  const state = new MerkleStateManager({ common })
  await state.generateCanonicalGenesis(parseGethGenesisState(geth))
  const header = { ...common.genesis(), number: 0, stateRoot: await state.getStateRoot() }
  return bytesToHex(createBlock({ header }, { common, setHardfork: true }).hash())
}
