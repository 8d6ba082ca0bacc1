import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeSignedTx, judgeTx } from '../../src/library/judge.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { signedTransfer, testAccount } from '../builders/tx.ts'

test('a valid transaction is told with its sender, from bytes and from hex', () => {
  const { raw, hash } = signedTransfer()
  for (const form of [raw, bytesToHex(raw)]) {
    const judged = judgeTx(form)
    expect(judged).toMatchObject({ isValid: true, sender: testAccount().address, tx: { hash } })
    expect(decodeSignedTx(form).tx?.hash).toBe(hash)
  }
})

test('what consensus refuses is told with the stable word', () => {
  const { raw } = signedTransfer()
  expect(judgeTx(raw, { chainId: 1 })).toMatchObject({ isValid: false, reason: 'wrong-chain-id' })
  expect(judgeTx(raw, { fork: 'berlin' })).toMatchObject({
    isValid: false,
    reason: 'type-not-active',
  })
})

test('any bytes get an answer, and those that are no transaction a word and a sentence', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const { tx, defect } = decodeSignedTx(bytes)
      const judged = judgeTx(bytes)
      expect(tx === undefined).toBe(defect !== undefined)
      expect(defect && judged).toEqual(defect && { isValid: false, ...defect })
    }),
  )
})

test('text that is no hex is refused', () => {
  expect(() => judgeTx('0x123')).toThrow('expected bytes, or 0x hex of whole bytes')
})
