import { describe, expect, test } from 'vitest'
import { SECP256K1_N } from '../../src/crypto/secp256k1.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import { decodeTx, isTxDefect } from '../../src/tx/decodeTx.ts'
import { encodeTx, type UnsignedTx } from '../../src/tx/encodeTx.ts'
import type { TxDefectReason } from '../../src/tx/defect.ts'
import { FORKS, type Fork } from '../../src/tx/fork.ts'
import { firstBrokenTxRule, maxBlobs, TX_RULES, type TxRuleContext } from '../../src/tx/rules.ts'
import type { Signature, Tx, TxType } from '../../src/tx/tx.ts'
import { aBlobHash, signedTransfer, TEST_CHAIN_ID } from '../builders/tx.ts'

const LATEST: TxRuleContext = { fork: 'osaka', chainId: TEST_CHAIN_ID, allowUnprotected: false }

function brokenAt(tx: Tx, changes: Partial<TxRuleContext> = {}): TxDefectReason | 'none' {
  return firstBrokenTxRule(tx, { ...LATEST, ...changes })?.reason ?? 'none'
}

/** A transfer whose signature is replaced by another. */
function resigned(signature: Partial<Signature>, fields: Partial<UnsignedTx> = {}): Tx {
  const tx = signedTransfer(fields)
  const answer = decodeTx(encodeTx(tx, { ...tx.signature, ...signature }))
  if (isTxDefect(answer)) throw new Error(answer.message)
  return answer
}

const zeros = (length: number): Uint8Array => new Uint8Array(length)
const blobs = (count: number): Hash[] => Array.from({ length: count }, () => aBlobHash)
const HALF_N = SECP256K1_N / 2n
const CREATION: Partial<UnsignedTx> = { to: undefined, gasLimit: 5_000_000n }

interface Case {
  readonly name: string
  readonly breaks: TxDefectReason
  readonly tx: () => Tx
  /** The nearest transaction or context that is still right. */
  readonly right: () => Tx
  readonly context?: Partial<TxRuleContext>
  readonly rightContext?: Partial<TxRuleContext>
}

const CASES: readonly Case[] = [
  {
    name: 'a fee market transaction in Berlin',
    breaks: 'type-not-active',
    tx: () => signedTransfer({ type: 2 }),
    right: () => signedTransfer({ type: 2 }),
    context: { fork: 'berlin' },
    rightContext: { fork: 'london' },
  },
  {
    name: 'a chain id in v before Spurious Dragon',
    breaks: 'replay-protection-not-active',
    tx: () => signedTransfer({ type: 0 }),
    right: () => signedTransfer({ type: 0 }),
    context: { fork: 'eip150' },
    rightContext: { fork: 'eip158' },
  },
  {
    name: 'no chain id where that is not allowed',
    breaks: 'unprotected',
    tx: () => signedTransfer({ type: 0, chainId: undefined }),
    right: () => signedTransfer({ type: 0, chainId: undefined }),
    rightContext: { allowUnprotected: true },
  },
  {
    name: 'another chain id',
    breaks: 'wrong-chain-id',
    tx: () => signedTransfer({ chainId: TEST_CHAIN_ID + 1n }),
    right: () => signedTransfer(),
  },
  {
    name: 'chain id 0 in v, which is 35 or 36',
    breaks: 'wrong-chain-id',
    tx: () => signedTransfer({ type: 0, chainId: 0n }),
    right: () => signedTransfer({ type: 0 }),
  },
  {
    name: 'r of 0',
    breaks: 'signature-out-of-range',
    tx: () => resigned({ r: 0n }),
    right: () => resigned({ r: 1n }),
  },
  {
    name: 's of 0',
    breaks: 'signature-out-of-range',
    tx: () => resigned({ s: 0n }),
    right: () => resigned({ s: 1n }),
  },
  {
    name: 'r of n',
    breaks: 'signature-out-of-range',
    tx: () => resigned({ r: SECP256K1_N }),
    right: () => resigned({ r: SECP256K1_N - 1n }),
  },
  {
    name: 's of n, in Frontier too',
    breaks: 'signature-out-of-range',
    tx: () => resigned({ s: SECP256K1_N }, { type: 0, chainId: undefined }),
    right: () => resigned({ s: SECP256K1_N - 1n }, { type: 0, chainId: undefined }),
    context: { fork: 'frontier', allowUnprotected: true },
    rightContext: { fork: 'frontier', allowUnprotected: true },
  },
  {
    name: 's in the upper half',
    breaks: 'signature-high-s',
    tx: () => resigned({ s: HALF_N + 1n }),
    right: () => resigned({ s: HALF_N }),
  },
  {
    name: 's in the upper half from Homestead on',
    breaks: 'signature-high-s',
    tx: () => resigned({ s: HALF_N + 1n }, { type: 0, chainId: undefined }),
    right: () => resigned({ s: HALF_N + 1n }, { type: 0, chainId: undefined }),
    context: { fork: 'homestead', allowUnprotected: true },
    rightContext: { fork: 'frontier', allowUnprotected: true },
  },
  {
    name: 'a nonce of 2^64-1',
    breaks: 'nonce-too-high',
    tx: () => signedTransfer({ nonce: 2n ** 64n - 1n }),
    right: () => signedTransfer({ nonce: 2n ** 64n - 2n }),
  },
  {
    name: 'a tip above the fee cap',
    breaks: 'tip-above-fee-cap',
    tx: () => signedTransfer({ maxFeePerGas: 5n, maxPriorityFeePerGas: 6n }),
    right: () => signedTransfer({ maxFeePerGas: 6n, maxPriorityFeePerGas: 6n }),
  },
  {
    name: 'gas times fee of 2^256',
    breaks: 'fee-overflow',
    tx: () => signedTransfer({ gasLimit: 2n ** 16n, maxFeePerGas: 2n ** 240n }),
    right: () => signedTransfer({ gasLimit: 2n ** 16n, maxFeePerGas: 2n ** 240n - 1n }),
  },
  {
    name: 'a gas limit over 2^24 from Osaka on',
    breaks: 'gas-above-cap',
    tx: () => signedTransfer({ gasLimit: 2n ** 24n + 1n }),
    right: () => signedTransfer({ gasLimit: 2n ** 24n }),
  },
  {
    name: 'a gas limit over 2^24 in Osaka but not in Prague',
    breaks: 'gas-above-cap',
    tx: () => signedTransfer({ gasLimit: 2n ** 64n - 1n }),
    right: () => signedTransfer({ gasLimit: 2n ** 64n - 1n }),
    rightContext: { fork: 'prague' },
  },
  {
    name: 'initcode of 49,153 bytes',
    breaks: 'initcode-too-large',
    tx: () => signedTransfer({ ...CREATION, data: zeros(49_153) }),
    right: () => signedTransfer({ ...CREATION, data: zeros(49_152) }),
  },
  {
    name: 'initcode of 49,153 bytes from Shanghai on',
    breaks: 'initcode-too-large',
    tx: () => signedTransfer({ ...CREATION, data: zeros(49_153) }),
    right: () => signedTransfer({ ...CREATION, data: zeros(49_153) }),
    context: { fork: 'shanghai' },
    rightContext: { fork: 'paris' },
  },
  {
    name: 'a blob transaction without blobs',
    breaks: 'blob-none',
    tx: () => signedTransfer({ type: 3, blobVersionedHashes: [] }),
    right: () => signedTransfer({ type: 3, blobVersionedHashes: blobs(1) }),
  },
  {
    name: 'seven blobs in Osaka',
    breaks: 'blob-too-many',
    tx: () => signedTransfer({ type: 3, blobVersionedHashes: blobs(7) }),
    right: () => signedTransfer({ type: 3, blobVersionedHashes: blobs(6) }),
  },
  {
    name: 'ten blobs in Prague',
    breaks: 'blob-too-many',
    tx: () => signedTransfer({ type: 3, blobVersionedHashes: blobs(10) }),
    right: () => signedTransfer({ type: 3, blobVersionedHashes: blobs(9) }),
    context: { fork: 'prague' },
    rightContext: { fork: 'prague' },
  },
  {
    name: 'a versioned hash of another version',
    breaks: 'blob-version',
    tx: () =>
      signedTransfer({
        type: 3,
        blobVersionedHashes: [aBlobHash, aBlobHash.replace('0x01', '0x02') as Hash],
      }),
    right: () => signedTransfer({ type: 3, blobVersionedHashes: blobs(2) }),
  },
  {
    name: 'no authorization',
    breaks: 'authorization-none',
    tx: () => signedTransfer({ type: 4, authorizationList: [] }),
    right: () => signedTransfer({ type: 4 }),
  },
  {
    name: 'too little gas for a transfer',
    breaks: 'gas-below-intrinsic',
    tx: () => signedTransfer({ gasLimit: 20_999n }),
    right: () => signedTransfer({ gasLimit: 21_000n }),
  },
  {
    name: 'too little gas for the floor price of data',
    breaks: 'gas-below-floor',
    tx: () => signedTransfer({ data: zeros(100), gasLimit: 21_999n }),
    right: () => signedTransfer({ data: zeros(100), gasLimit: 22_000n }),
  },
  {
    name: 'too little gas for the floor price from Prague on',
    breaks: 'gas-below-floor',
    tx: () => signedTransfer({ data: zeros(100), gasLimit: 21_400n }),
    right: () => signedTransfer({ data: zeros(100), gasLimit: 21_400n }),
    context: { fork: 'prague' },
    rightContext: { fork: 'cancun' },
  },
]

describe('every rule', () => {
  test('has a case', () => {
    const cases = new Set(CASES.map(({ breaks }) => breaks))
    expect([...cases].sort()).toEqual(TX_RULES.map(({ reason }) => reason).sort())
  })

  test('rejects, with a reason of its own, a sentence and a source', () => {
    expect(new Set(TX_RULES.map(({ reason }) => reason)).size).toBe(TX_RULES.length)
    for (const { otherwise, message, source } of TX_RULES) {
      expect(otherwise).toBe('reject')
      expect(message).toMatch(/^[a-z].{20,}[^.]$/)
      expect(source).not.toBe('')
    }
  })

  test.each(CASES)('$breaks: refuses $name and nothing short of it', (given) => {
    expect(brokenAt(given.tx(), given.context)).toBe(given.breaks)
    expect(brokenAt(given.right(), given.rightContext)).toBe('none')
  })
})

test('a refusal carries the sentence of its rule', () => {
  const fault = firstBrokenTxRule(signedTransfer({ chainId: 5n }), LATEST)
  const rule = TX_RULES.find(({ reason }) => reason === 'wrong-chain-id')
  expect(fault).toEqual({ reason: 'wrong-chain-id', message: rule?.message })
})

test('every chain id passes where none is asked for', () => {
  const context: TxRuleContext = { fork: 'osaka', allowUnprotected: false }
  expect(firstBrokenTxRule(signedTransfer({ chainId: 5n }), context)).toBeUndefined()
})

test('gas times fee leaves the value out, which alone may be up to 2^256-1', () => {
  expect(brokenAt(signedTransfer({ value: 2n ** 256n - 1n }))).toBe('none')
})

test.each([
  [1, 'istanbul', 'berlin'],
  [2, 'berlin', 'london'],
  [3, 'shanghai', 'cancun'],
  [4, 'cancun', 'prague'],
] as const)('type %i is not taken in %s and is from %s on', (type: TxType, last, first) => {
  const tx = signedTransfer({ type })
  for (const fork of FORKS) {
    const taken = FORKS.indexOf(fork) >= FORKS.indexOf(first)
    expect([fork, brokenAt(tx, { fork })]).toEqual([fork, taken ? 'none' : 'type-not-active'])
  }
  expect(FORKS.indexOf(last)).toBe(FORKS.indexOf(first) - 1)
})

test('a legacy transaction is taken on every fork, with a chain id from Spurious Dragon on', () => {
  const plain = signedTransfer({ type: 0, chainId: undefined })
  const isProtected = signedTransfer({ type: 0 })
  const before: readonly Fork[] = ['frontier', 'homestead', 'eip150']
  for (const fork of FORKS) {
    expect(brokenAt(plain, { fork, allowUnprotected: true })).toBe('none')
    expect(brokenAt(isProtected, { fork })).toBe(
      before.includes(fork) ? 'replay-protection-not-active' : 'none',
    )
  }
})

test('a transaction has at most 6 blobs, in Prague 9', () => {
  const forks = ['cancun', 'prague', 'osaka'] as const
  expect(forks.map(maxBlobs)).toEqual([6, 9, 6])
})
