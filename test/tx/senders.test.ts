import { describe, expect, test } from 'vitest'
import {
  inlineVerifier,
  type Lane,
  type Recovered,
  type Verifier,
} from '../../src/crypto/verifier.ts'
import { decodeTx, isTxDefect } from '../../src/tx/decodeTx.ts'
import { encodeTx } from '../../src/tx/encodeTx.ts'
import { Senders } from '../../src/tx/senders.ts'
import { signedTransfer, testAccount } from '../builders/tx.ts'

/** The real verifier, with a count of what it was asked. */
function countingVerifier(): { verifier: Verifier; asked: Lane[] } {
  const inner = inlineVerifier()
  const asked: Lane[] = []
  const verifier: Verifier = {
    recover: (digest, signature, yParity, lane) => {
      asked.push(lane)
      return inner.recover(digest, signature, yParity, lane)
    },
    stats: () => inner.stats(),
    close: () => inner.close(),
  }
  return { verifier, asked }
}

describe('a sender', () => {
  test('is recovered once and then known', async () => {
    const { verifier, asked } = countingVerifier()
    const senders = new Senders(verifier)
    const tx = signedTransfer({ from: 3 })
    expect(senders.known(tx.hash)).toBeUndefined()
    expect(await senders.recover(tx, 'transaction')).toMatchObject({
      address: testAccount(3).address,
    })
    expect(senders.known(tx.hash)).toBe(testAccount(3).address)
    expect(await senders.recover(tx, 'block')).toEqual({
      address: testAccount(3).address,
      queuedMs: 0,
    })
    expect(asked).toEqual(['transaction'])
  })

  test('recovered on the spot is known to the verifier route too, and the other way round', async () => {
    const { verifier, asked } = countingVerifier()
    const senders = new Senders(verifier)
    const [one, other] = [signedTransfer({ from: 3 }), signedTransfer({ from: 4 })]
    expect(senders.recoverNow(one)).toBe(testAccount(3).address)
    expect(await senders.recover(one, 'block')).toMatchObject({ queuedMs: 0 })
    await senders.recover(other, 'block')
    expect(senders.recoverNow(other)).toBe(testAccount(4).address)
    expect(asked).toEqual(['block'])
  })

  test('asked for by several at once is recovered once', async () => {
    const { verifier, asked } = countingVerifier()
    const senders = new Senders(verifier)
    const tx = signedTransfer()
    const lanes: readonly Lane[] = ['transaction', 'block', 'transaction']
    const answers = await Promise.all(lanes.map((lane) => senders.recover(tx, lane)))
    expect(new Set(answers.map((answer) => 'address' in answer && answer.address)).size).toBe(1)
    expect(asked).toEqual(['transaction'])
  })

  test('is forgotten when more than the bound are newer', async () => {
    const { verifier, asked } = countingVerifier()
    const senders = new Senders(verifier, { maxKnownSenders: 2 })
    const [first, second, third] = [0n, 1n, 2n].map((nonce) => signedTransfer({ nonce }))
    if (!first || !second || !third) throw new Error('three transactions')
    for (const tx of [first, second, third]) await senders.recover(tx, 'transaction')
    expect([first, second, third].map((tx) => senders.known(tx.hash) !== undefined)).toEqual([
      false,
      true,
      true,
    ])
    await senders.recover(first, 'transaction')
    expect(asked).toHaveLength(4)
  })

  test('of an impossible signature is a failure, which is not kept', async () => {
    const { verifier, asked } = countingVerifier()
    const senders = new Senders(verifier)
    const tx = decodeTx(encodeTx(signedTransfer(), { r: 5n, s: 1n, yParity: 0 }))
    if (isTxDefect(tx)) throw new Error(tx.message)
    for (let i = 0; i < 2; i++)
      expect(await senders.recover(tx, 'transaction')).toMatchObject({ failure: 'bad-signature' })
    expect(senders.known(tx.hash)).toBeUndefined()
    expect(asked).toHaveLength(2)
  })
})

describe('a block that shares the recovery of a transaction', () => {
  /** Answers the transaction lane with `failure`, the block lane with the truth. */
  function failingFor(failure: 'bad-signature' | 'verifier-deadline'): {
    verifier: Verifier
    asked: Lane[]
  } {
    const { verifier, asked } = countingVerifier()
    const failed: Recovered = { failure, queuedMs: 0 }
    const failing: Verifier = {
      ...verifier,
      recover: async (digest, signature, yParity, lane) => {
        const answer = await verifier.recover(digest, signature, yParity, lane)
        return lane === 'transaction' ? failed : answer
      },
    }
    return { verifier: failing, asked }
  }

  test('asks again in its own lane when that failed for want of time', async () => {
    const { verifier, asked } = failingFor('verifier-deadline')
    const senders = new Senders(verifier)
    const tx = signedTransfer()
    const [gossiped, ...inBlocks] = await Promise.all([
      senders.recover(tx, 'transaction'),
      senders.recover(tx, 'block'),
      senders.recover(tx, 'block'),
    ])
    expect(gossiped).toMatchObject({ failure: 'verifier-deadline' })
    for (const answer of inBlocks) expect(answer).toMatchObject({ address: testAccount().address })
    expect(asked).toEqual(['transaction', 'block'])
  })

  test('takes the answer when the signature itself was bad', async () => {
    const { verifier, asked } = failingFor('bad-signature')
    const senders = new Senders(verifier)
    const tx = signedTransfer()
    const both = [senders.recover(tx, 'transaction'), senders.recover(tx, 'block')]
    for (const answer of await Promise.all(both))
      expect(answer).toMatchObject({ failure: 'bad-signature' })
    expect(asked).toEqual(['transaction'])
  })
})
