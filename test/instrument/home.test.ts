import { describe, expect, test } from 'vitest'
import { homeOf } from '../../src/instrument/home.ts'
import type { PeerPort, SubmitAnswer } from '../../src/instrument/port.ts'
import { peerPort } from '../builders/port.ts'

const KNOWN: SubmitAnswer = { isAccepted: false, reason: 'known' }

/** Peers that note who was asked; those without an answer do not run. */
function peersWith(answers: readonly (SubmitAnswer | 'no answer' | undefined)[]) {
  const asked: number[] = []
  const peers = answers.map((answer, index): PeerPort =>
    peerPort({
      index,
      isRunning: () => answer !== undefined,
      submit: (): Promise<SubmitAnswer> => {
        asked.push(index)
        return answer === undefined || answer === 'no answer'
          ? Promise.reject(new Error('connection lost'))
          : Promise.resolve(answer)
      },
    }),
  )
  return { asked, network: { peers } }
}

describe('a home of transactions', () => {
  test('is the node itself while it answers', async () => {
    const { asked, network } = peersWith([KNOWN, { isAccepted: true }, KNOWN])
    const home = homeOf(network, 1)
    expect(home.name).toBe('http://1')
    await expect(home.submit('0x01')).resolves.toEqual({ isAccepted: true })
    expect(asked).toEqual([1])
  })

  test('is the next that runs while it does not, to which a known transaction is no refusal', async () => {
    const { asked, network } = peersWith(['no answer', undefined, KNOWN])
    await expect(homeOf(network, 0).submit('0x01')).resolves.toEqual({ isAccepted: true })
    expect(asked).toEqual([0, 2])
  })

  test('that knows the transaction already refuses it', async () => {
    const { network } = peersWith([KNOWN])
    await expect(homeOf(network, 0).submit('0x01')).resolves.toEqual(KNOWN)
  })

  test('is told to be away when nobody runs', async () => {
    const { network } = peersWith([undefined, undefined])
    await expect(homeOf(network, 1).submit('0x01')).rejects.toThrow('peer 1 does not run')
  })
})
