import { cliqueSigHash, cliqueSigner as oracleSigner, createBlockHeader } from '@ethereumjs/block'
import { Common, ConsensusAlgorithm, ConsensusType, Hardfork, Mainnet } from '@ethereumjs/common'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  cliqueDifficulty,
  cliqueExtraData,
  cliqueSeal,
  cliqueSealHash,
  cliqueSigner,
  cliqueSignerLimit,
  cliqueSigners,
  sealHeader,
} from '../../src/block/clique.ts'
import { headerHash, type Header } from '../../src/block/header.ts'
import { parseAddress, ZERO_ADDRESS, type Address } from '../../src/crypto/address.ts'
import { SECP256K1_N } from '../../src/crypto/secp256k1.ts'
import {
  bigintToFixedBytes,
  bytesToBigint,
  bytesToHex,
  concatBytes,
  EMPTY_BYTES,
  hexToBytes,
} from '../../src/lib/bytes.ts'
import { changedAfterSeal, genesisHeader, sealedBlock, ZERO_HASH } from '../builders/block.ts'
import { account, accounts } from '../builders/keys.ts'

const common = new Common({
  chain: {
    ...Mainnet,
    consensus: {
      type: ConsensusType.ProofOfAuthority,
      algorithm: ConsensusAlgorithm.Clique,
      clique: { period: 1, epoch: 30_000 },
    },
  },
  hardfork: Hardfork.London,
})

function oracleHeader(header: Header) {
  const { unclesHash, transactionsRoot, receiptsRoot, ...same } = header
  const renamed = {
    uncleHash: unclesHash,
    transactionsTrie: transactionsRoot,
    receiptTrie: receiptsRoot,
  }
  return createBlockHeader({ ...same, ...renamed }, { common, skipConsensusFormatValidation: true })
}

const block = sealedBlock({ parent: genesisHeader() })

/** The twin that anybody can compute of a seal: n - s, and the other recovery bit. */
function twinSeal(header: Header): Header {
  const seal = header.extraData.subarray(-65)
  const s = bigintToFixedBytes(SECP256K1_N - bytesToBigint(seal.subarray(32, 64)), 32)
  const yParity = Uint8Array.of(1 - (seal[64] ?? 0))
  const extraData = concatBytes(header.extraData.subarray(0, -65), seal.subarray(0, 32), s, yParity)
  return { ...header, extraData }
}

describe('the seal hash', () => {
  const bare: Header = {
    ...genesisHeader(),
    unclesHash: ZERO_HASH,
    stateRoot: ZERO_HASH,
    transactionsRoot: ZERO_HASH,
    receiptsRoot: ZERO_HASH,
    difficulty: 0n,
    gasLimit: 0n,
    timestamp: 0n,
    extraData: cliqueExtraData(EMPTY_BYTES),
    baseFeePerGas: 0n,
  }

  test("is geth's for the header of its own test", () => {
    expect(bytesToHex(cliqueSealHash(bare))).toBe(
      '0xbd3d1fa43fbc4c5bfcc91b179ec92e2861df3654de60468beb908ff805359e8f',
    )
  })

  test('agrees with an independent implementation, with signers in the extra data too', () => {
    for (const header of [block.header, genesisHeader(accounts(3).map((one) => one.address))])
      expect(bytesToHex(cliqueSealHash(header))).toBe(
        bytesToHex(cliqueSigHash(oracleHeader(header))),
      )
  })

  test('is refused where there is no room for a seal', () => {
    const short = { ...bare, extraData: bare.extraData.subarray(1) }
    expect(() => cliqueSealHash(short)).toThrow('96 bytes has no room for a seal')
  })
})

describe('the signer', () => {
  test('is who sealed, for any key', () => {
    fc.assert(
      fc.property(fc.nat(1_000), (index) => {
        const sealer = account(index)
        const { header } = sealedBlock({ parent: genesisHeader(), sealer })
        expect(cliqueSigner(header)).toBe(sealer.address)
        expect(oracleSigner(oracleHeader(header)).toString()).toBe(sealer.address)
      }),
      { numRuns: 20 },
    )
  })

  test('stays the same when a header is sealed again', () => {
    const again = sealHeader(block.header, account().privateKey)
    expect(headerHash(again)).toBe(block.hash)
  })

  test('is another one, or none, once a field is changed', () => {
    const changed = changedAfterSeal(block, { gasUsed: 1n })
    expect(cliqueSigner(changed.header)).not.toBe(account().address)
  })

  test('is none for the twin of a seal, which would give the block a second hash', () => {
    const twin = twinSeal(block.header)
    expect(headerHash(twin)).not.toBe(block.hash)
    expect(oracleSigner(oracleHeader(twin)).toString()).toBe(account().address)
    expect(cliqueSigner(twin)).toBeUndefined()
  })

  test('is none where the seal is missing, all zeros, or has a recovery bit above 1', () => {
    const withExtra = (extraData: Uint8Array) => ({ ...block.header, extraData })
    const extra = block.header.extraData
    expect(cliqueSigner(withExtra(EMPTY_BYTES))).toBeUndefined()
    expect(cliqueSigner(withExtra(extra.subarray(1)))).toBeUndefined()
    expect(cliqueSigner(withExtra(cliqueExtraData(EMPTY_BYTES)))).toBeUndefined()
    for (const bit of [2, 3, 27, 28, 255])
      expect(cliqueSeal(withExtra(extra.with(extra.length - 1, bit)))).toBeUndefined()
  })

  test('never throws, whatever the extra data', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 140 }), (extraData) => {
        const signer = cliqueSigner({ ...block.header, extraData })
        expect(signer === undefined || parseAddress(signer) === signer).toBe(true)
      }),
    )
  })
})

describe('the signers of a genesis block', () => {
  const first = `0x${'11'.repeat(20)}` as Address
  const second = `0x${'aa'.repeat(20)}` as Address

  test('come in ascending order, each once', () => {
    const extraData = cliqueExtraData(EMPTY_BYTES, [second, first, second])
    expect(cliqueSigners(extraData)).toEqual([first, second])
  })

  test('of Goerli', () => {
    const vanity = '22466c6578692069732061207468696e6722202d204166726900000000000000'
    const signer = 'e0a2bd4258d2768837baa26a28fe71dc079f84c7'
    const extraData = hexToBytes(`0x${vanity}${signer}${'00'.repeat(65)}`)
    expect(cliqueSigners(extraData)).toEqual([`0x${signer}`])
    const parsed = parseAddress(`0x${signer}`) ?? ZERO_ADDRESS
    expect(cliqueExtraData(hexToBytes(`0x${vanity}`), [parsed])).toEqual(extraData)
  })

  test.each([0, 96, 97, 116, 118])('are refused in extra data of %i bytes', (length) => {
    expect(() => cliqueSigners(new Uint8Array(length))).toThrow(`${length} bytes; Clique needs 32`)
  })
})

test('vanity is cut or padded to 32 bytes', () => {
  expect(cliqueExtraData(new Uint8Array(40).fill(7))).toEqual(
    concatBytes(new Uint8Array(32).fill(7), new Uint8Array(65)),
  )
  expect(cliqueExtraData(Uint8Array.of(7))).toEqual(
    concatBytes(Uint8Array.of(7), new Uint8Array(96)),
  )
})

test('exactly one signer is in turn, and the turn goes round', () => {
  const signers = accounts(3).map((one) => one.address)
  const turns = [0n, 1n, 2n, 3n].map((number) =>
    signers.map((signer) => Number(cliqueDifficulty(number, signer, signers))),
  )
  expect(turns).toEqual([
    [2, 1, 1],
    [1, 2, 1],
    [1, 1, 2],
    [2, 1, 1],
  ])
})

test.each([
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 3],
  [5, 3],
])('of %i signers each may seal one of %i consecutive blocks', (signers, limit) => {
  expect(cliqueSignerLimit(signers)).toBe(limit)
})
