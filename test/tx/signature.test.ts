import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asAddress } from '../../src/crypto/address.ts'
import { keccak256, keccak256Hash } from '../../src/crypto/keccak.ts'
import { bigintToFixedBytes, bytesToHex, concatBytes } from '../../src/lib/bytes.ts'
import { encodeTx, encodeUnsignedTx } from '../../src/tx/encodeTx.ts'
import { recoverSender, signatureBytes, signingDigest } from '../../src/tx/signature.ts'
import { signTx, unsignedTx } from '../../src/tx/signTx.ts'
import type { TxType } from '../../src/tx/tx.ts'
import { decodeTx, isTxDefect } from '../../src/tx/decodeTx.ts'
import { anyFields, anySignature } from '../builders/anyTx.ts'
import { signedTransfer, testAccount, transferFields } from '../builders/tx.ts'

const TYPES: readonly TxType[] = [0, 1, 2, 3, 4]

describe('of any transaction', () => {
  test('the digest is that of its fields, and r and s are as they were encoded', () => {
    fc.assert(
      fc.property(anyFields, anySignature, (fields, signature) => {
        const tx = decodeTx(encodeTx(fields, signature))
        if (isTxDefect(tx)) throw new Error(tx.message)
        const [r, s] = [signature.r, signature.s].map((value) => bigintToFixedBytes(value, 32))
        expect(signingDigest(tx)).toEqual(keccak256(encodeUnsignedTx(fields)))
        expect(signatureBytes(tx)).toEqual(concatBytes(r ?? tx.raw, s ?? tx.raw))
      }),
      { numRuns: 500 },
    )
  })

  test.each([0, 54, 55, 56, 255, 256, 70_000])(
    'that holds also with %i bytes of data',
    (length) => {
      for (const type of TYPES) {
        const fields = transferFields({ type, data: new Uint8Array(length).fill(3) })
        const tx = signTx(fields, testAccount().privateKey)
        expect(signingDigest(tx)).toEqual(keccak256(encodeUnsignedTx(fields)))
      }
    },
  )

  test('the sender is the account that signed', () => {
    const indexes = fc.integer({ min: 0, max: 9 })
    fc.assert(
      fc.property(anyFields, indexes, (fields, index) => {
        const { address, privateKey } = testAccount(index)
        expect(recoverSender(signTx(fields, privateKey))).toBe(address)
      }),
      { numRuns: 200 },
    )
  })
})

test('no sender is answered for a signature that no key can have made', () => {
  const tx = signedTransfer()
  const noPoint = decodeTx(encodeTx(tx, { r: 5n, s: 1n, yParity: 0 }))
  if (isTxDefect(noPoint)) throw new Error(noPoint.message)
  expect(recoverSender(noPoint)).toBeUndefined()
})

test('the example of EIP-155 has the digest and the bytes that the EIP states', () => {
  const fields = unsignedTx({
    type: 0,
    chainId: 1n,
    nonce: 9n,
    maxFeePerGas: 20n * 10n ** 9n,
    maxPriorityFeePerGas: 20n * 10n ** 9n,
    to: asAddress(new Uint8Array(20).fill(0x35)),
    value: 10n ** 18n,
  })
  const tx = signTx(fields, new Uint8Array(32).fill(0x46))
  expect(keccak256Hash(encodeUnsignedTx(fields))).toBe(
    '0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53',
  )
  expect(bytesToHex(tx.raw)).toBe(
    '0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025' +
      'a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276' +
      'a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83',
  )
  expect(recoverSender(tx)).toBe('0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f')
})
