import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { forkHash } from '../../src/chain/genesis/forkId.ts'
import { parseGenesis, type Genesis } from '../../src/chain/genesis/genesis.ts'
import { asHash } from '../../src/crypto/keccak.ts'
import { hexToBytes } from '../../src/lib/bytes.ts'
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
