import { describe, expect, test } from 'vitest'
import { rpcPeer } from '../../src/instrument/rpc/rpcPeer.ts'
import type { PeerPort } from '../../src/instrument/port.ts'
import { RpcAnswerError } from '../../src/rpc/client/rpcClient.ts'
import { hashOf } from '../builders/port.ts'

/** A peer that gives this answer to everything. */
function peerThatAnswers(answer: unknown): PeerPort {
  const call = (): Promise<unknown> =>
    answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
  return rpcPeer({ url: 'http://there', call }, { index: 0, peerId: 'id' })
}

const HASH = hashOf('item')

describe('a peer over JSON-RPC', () => {
  test('gives sightings as it recorded them', async () => {
    const sighting = {
      kind: 'tx',
      hash: HASH.toUpperCase().replace('0X', '0x'),
      from: 'rpc',
      receivedMs: 1.5,
      judgedMs: 2,
      queuedMs: 0,
      route: 'local',
      action: 'accept',
      reason: '',
      bytes: 110,
    }
    const answer = { cursor: 1, lost: 0, nowMs: 3, sightings: [sighting] }
    const page = await peerThatAnswers(answer).sightings(0, 10)
    expect(page).toEqual({ cursor: 1, lost: 0, sightings: [{ ...sighting, hash: HASH }] })
  })

  test('gives numbers for quantities', async () => {
    const block = { number: '0x10', hash: HASH, timestamp: '0x20', transactions: [HASH] }
    expect(await peerThatAnswers(block).block(16)).toEqual({
      number: 16,
      hash: HASH,
      timestampS: 32,
      transactions: [HASH],
    })
    expect(await peerThatAnswers(null).block(17)).toBeUndefined()
    const header = { number: '0x10', hash: HASH, baseFeePerGas: '0x7' }
    expect(await peerThatAnswers(header).head()).toEqual({ number: 16, hash: HASH, baseFeeWei: 7n })
    expect(await peerThatAnswers('0x539').chainId()).toBe(1337n)
    expect(await peerThatAnswers({ pending: '0x1', queued: '0x0' }).pool()).toEqual({
      pending: 1,
      queued: 0,
    })
  })

  test.each<[string, (peer: PeerPort) => Promise<unknown>, unknown, string]>([
    ['a number as text', (peer) => peer.head(), { number: '16', hash: HASH }, 'number: '],
    ['no hash', (peer) => peer.head(), { number: '0x1', hash: '0x1' }, 'hash: '],
    ['nothing', (peer) => peer.mesh(), null, 'gossip_mesh sent an unexpected answer'],
    ['a cursor that is none', (peer) => peer.sightings(0, 1), { cursor: '1' }, 'cursor: '],
    ['an unknown verdict', (peer) => peer.timeline(HASH), { kind: 'tx', verdict: 'maybe' }, 'hash'],
  ])(
    'is an error that names the node and the place where it answers %s',
    async (_, ask, answer, text) => {
      const error: unknown = await ask(peerThatAnswers(answer)).catch((one: unknown) => one)
      expect(String(error)).toContain('http://there: ')
      expect(String(error)).toContain(text)
    },
  )

  test('accepts or refuses a transaction with the stable word, and throws only without an answer', async () => {
    expect(await peerThatAnswers(HASH).submit('0x01')).toEqual({ isAccepted: true })
    const refused = new RpcAnswerError(-32_000, 'nonce too low', 'nonce-too-low')
    expect(await peerThatAnswers(refused).submit('0x01')).toEqual({
      isAccepted: false,
      reason: 'nonce-too-low',
    })
    const wordless = new RpcAnswerError(-32_602, 'not hex', '')
    expect(await peerThatAnswers(wordless).submit('0x01')).toEqual({
      isAccepted: false,
      reason: 'not hex',
    })
    await expect(peerThatAnswers(new Error('gone')).submit('0x01')).rejects.toThrow('gone')
  })
})
