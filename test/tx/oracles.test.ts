/** Other implementations as judges: what they refuse we refuse, what we take they read the same. */
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { createTxFromRLP } from '@ethereumjs/tx'
import { Transaction as EthersTransaction, Wallet } from 'ethers'
import * as fc from 'fast-check'
import { Transaction as MicroTransaction } from 'micro-eth-signer'
import { privateKeyToAccount } from 'viem/accounts'
import { parseTransaction } from 'viem'
import { describe, expect, test } from 'vitest'
import { bytesToHex, hexToBytes, type Hex } from '../../src/lib/bytes.ts'
import { decodeTx, isTxDefect } from '../../src/tx/decodeTx.ts'
import { firstBrokenTxRule } from '../../src/tx/rules.ts'
import { recoverSender } from '../../src/tx/signature.ts'
import { signTx } from '../../src/tx/signTx.ts'
import type { Tx, TxType } from '../../src/tx/tx.ts'
import { signedTransfer, testAccount, TEST_CHAIN_ID } from '../builders/tx.ts'

const TYPES: readonly TxType[] = [0, 1, 2, 3, 4]
const { address, privateKey } = testAccount()

interface Reading {
  readonly hash: string
  readonly sender: string
}

/** What an oracle says of the bytes; `undefined` where it refuses them. */
function readingOf(read: () => Reading): Reading | undefined {
  try {
    const { hash, sender } = read()
    return { hash: hash.toLowerCase(), sender: sender.toLowerCase() }
  } catch {
    return undefined
  }
}

/** Without a KZG library it cannot read blob transactions, so type 3 is left to the other. */
const common = new Common({
  chain: { ...Mainnet, chainId: Number(TEST_CHAIN_ID) },
  hardfork: Hardfork.Prague,
})

function ethereumjs(raw: Uint8Array): Reading {
  const tx = createTxFromRLP(raw, { common })
  if (!tx.isValid()) throw new Error(tx.getValidationErrors().join())
  return { hash: bytesToHex(tx.hash()), sender: tx.getSenderAddress().toString() }
}

function microEthSigner(raw: Uint8Array): Reading {
  const tx = MicroTransaction.fromBytes(raw)
  return { hash: tx.hash, sender: tx.sender }
}

/** EIP-7702 lets an authorization's y parity be any byte; micro-eth-signer takes 0 and 1 alone. */
function hasWideParity(raw: Uint8Array): boolean {
  const tx = decodeTx(raw)
  return !isTxDefect(tx) && (tx.authorizationList ?? []).some(({ yParity }) => yParity > 1)
}

/** What we say of the bytes, with all that an oracle looks at. */
function ours(raw: Uint8Array): Reading | undefined {
  const tx = decodeTx(raw)
  if (isTxDefect(tx)) return undefined
  const context = { fork: 'prague', chainId: TEST_CHAIN_ID, allowUnprotected: true } as const
  const sender = firstBrokenTxRule(tx, context) === undefined ? recoverSender(tx) : undefined
  return sender === undefined ? undefined : { hash: tx.hash, sender }
}

/** The bytes of a valid transaction of this type with one byte changed, dropped or doubled. */
function mutantOf(type: TxType) {
  const { raw } = signedTransfer({ type, gasLimit: 200_000n })
  const change = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom('drop', 'double'))
  return fc.tuple(fc.nat(), change).map(([where, change]) => {
    const at = where % raw.length
    if (change === 'drop') return Uint8Array.from([...raw.subarray(0, at), ...raw.subarray(at + 1)])
    if (change === 'double') return Uint8Array.from([...raw.subarray(0, at), ...raw.subarray(at)])
    return raw.with(at, change)
  })
}

describe('@ethereumjs/tx', () => {
  const NO_BLOBS = TYPES.filter((type) => type !== 3)

  test.each(NO_BLOBS)('reads what we sign as type %i the same', (type) => {
    const { raw, hash } = signedTransfer({ type })
    expect(readingOf(() => ethereumjs(raw))).toEqual({ hash, sender: address })
  })

  test.each(NO_BLOBS)(
    'reads each damaged one of type %i as we do, or refuses it as we do',
    (type) => {
      fc.assert(
        fc.property(mutantOf(type), (raw) => {
          fc.pre(raw[0] !== 3)
          expect(ours(raw)).toEqual(readingOf(() => ethereumjs(raw)))
        }),
        { numRuns: 150 },
      )
    },
  )
})

describe('micro-eth-signer', () => {
  test.each(TYPES)('reads what we sign as type %i the same', (type) => {
    const { raw, hash } = signedTransfer({ type })
    expect(readingOf(() => microEthSigner(raw))).toEqual({ hash, sender: address })
  })

  test.each(TYPES)('reads every transaction of type %i that we take the same', (type) => {
    fc.assert(
      fc.property(mutantOf(type), (raw) => {
        const reading = ours(raw)
        fc.pre(reading !== undefined && !hasWideParity(raw))
        expect(readingOf(() => microEthSigner(raw))).toEqual(reading)
      }),
      { numRuns: 40 },
    )
  })

  test.each(TYPES)('reads no damaged one of type %i that we cannot decode', (type) => {
    fc.assert(
      fc.property(mutantOf(type), (raw) => {
        fc.pre(readingOf(() => microEthSigner(raw)) !== undefined)
        expect(isTxDefect(decodeTx(raw))).toBe(false)
      }),
      { numRuns: 40 },
    )
  })
})

describe('viem', () => {
  const account = privateKeyToAccount(bytesToHex(privateKey))
  const call = { nonce: 7, gas: 60_000n, to: signedTransfer().to, value: 5n, data: '0xabcd00' }
  const fees = { maxFeePerGas: 9n, maxPriorityFeePerGas: 2n }
  const accessList = [{ address, storageKeys: [`0x${'11'.repeat(32)}`] }]
  const chainId = Number(TEST_CHAIN_ID)

  async function signedBy(request: object): Promise<Tx> {
    const sign: (request: object) => Promise<Hex> = account.signTransaction
    const tx = decodeTx(hexToBytes(await sign(request)))
    if (isTxDefect(tx)) throw new Error(tx.message)
    return tx
  }

  test.each([
    ['legacy', 0, { gasPrice: 9n }],
    ['eip2930', 1, { gasPrice: 9n, accessList }],
    ['eip1559', 2, { ...fees, accessList }],
    [
      'eip4844',
      3,
      {
        ...fees,
        maxFeePerBlobGas: 3n,
        blobVersionedHashes: [`0x01${'22'.repeat(31)}`],
        sidecars: false,
      },
    ],
    ['eip7702', 4, fees],
  ] as const)('signs a transaction of type %s that we read', async (type, number, more) => {
    const authorizationList =
      number === 4 ? [await account.signAuthorization({ address, chainId, nonce: 8 })] : undefined
    const tx = await signedBy({
      type,
      chainId,
      ...call,
      ...more,
      ...(authorizationList && { authorizationList }),
    })
    expect(recoverSender(tx)).toBe(address)
    expect(tx).toMatchObject({
      type: number,
      chainId: TEST_CHAIN_ID,
      nonce: 7n,
      gasLimit: 60_000n,
      value: 5n,
      maxFeePerGas: 9n,
    })
    expect(signTx(tx, privateKey).hash).toBe(tx.hash)
  })

  test('reads what we sign', () => {
    for (const type of TYPES) {
      const parsed = parseTransaction(bytesToHex(signedTransfer({ type }).raw))
      expect(parsed).toMatchObject({ chainId, value: 1n })
    }
  })
})

describe('ethers', () => {
  const wallet = new Wallet(bytesToHex(privateKey))

  test.each([0, 1, 2, 4] as const)('signs a transaction of type %i that we read', async (type) => {
    const authorization = await wallet.authorize({ address, chainId: TEST_CHAIN_ID, nonce: 1 })
    const request = {
      type,
      chainId: TEST_CHAIN_ID,
      nonce: 3,
      to: signedTransfer().to ?? null,
      value: 4n,
      gasLimit: 60_000n,
      ...(type < 2 ? { gasPrice: 9n } : { maxFeePerGas: 9n, maxPriorityFeePerGas: 1n }),
      ...(type === 4 && { authorizationList: [authorization] }),
    }
    const raw = hexToBytes(await wallet.signTransaction(request))
    const tx = decodeTx(raw)
    if (isTxDefect(tx)) throw new Error(tx.message)
    expect(recoverSender(tx)).toBe(address)
    expect(signTx(tx, privateKey).hash).toBe(tx.hash)
  })

  test.each(TYPES)('reads what we sign as type %i the same', (type) => {
    const { raw, hash } = signedTransfer({ type })
    const tx = EthersTransaction.from(bytesToHex(raw))
    expect(readingOf(() => ({ hash: tx.hash ?? '', sender: tx.from ?? '' }))).toEqual({
      hash,
      sender: address,
    })
  })
})
