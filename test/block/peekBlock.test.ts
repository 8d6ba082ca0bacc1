import { expect, test } from 'vitest'
import { decodeBlock, decodeBody, peekBlock } from '../../src/block/block.ts'
import { decoded } from '../builders/vectorChain.ts'
import { genesisHeader, sealedBlock } from '../builders/block.ts'
import { signedTransfer } from '../builders/tx.ts'

const transactions = [signedTransfer(), signedTransfer({ nonce: 1n, type: 0 })]
const block = sealedBlock({ parent: genesisHeader(), transactions })

test('a peeked block tells its hash and header, and its body follows', () => {
  const peeked = decoded(peekBlock(block.raw))
  expect(peeked).toMatchObject({ hash: block.hash, header: block.header })
  const whole = decoded(decodeBody(peeked))
  expect(whole).toEqual(decodeBlock(block.raw))
  expect(whole.header).toBe(peeked.header)
})

test('a transaction that is known by the hash of its bytes is not decoded again, any other is', () => {
  const asked: string[] = []
  const [known] = transactions
  const whole = decoded(
    decodeBody(decoded(peekBlock(block.raw)), (hash) => {
      asked.push(hash)
      return hash === known?.hash ? known : undefined
    }),
  )
  expect(asked).toEqual(transactions.map(({ hash }) => hash))
  expect(whole.transactions[0]).toBe(known)
  expect(whole.transactions[1]).toEqual(transactions[1])
  expect(whole.transactions[1]).not.toBe(transactions[1])
})

test('a body of too few parts is a defect of the header already', () => {
  expect(peekBlock(Uint8Array.of(0xc1, 0xc0))).toMatchObject({ reason: 'block-field-count' })
})
