import { afterEach, describe, expect, test } from 'vitest'
import { keccak256 } from '../../src/crypto/keccak.ts'
import { AskedMessages } from '../../src/p2p/router/askedMessages.ts'
import { idText } from '../../src/p2p/router/messageIds.ts'
import type { RPC } from '../../src/p2p/router/routerInternals.ts'
import {
  eventually,
  Inbox,
  inMesh,
  payload,
  RawPeer,
  startNetwork,
  stopAll,
  TX,
} from '../builders/p2p.ts'

afterEach(stopAll)

const [ONE, TWO] = [Uint8Array.of(1, 1), Uint8Array.of(1, 2)]

function iwant(...messageIDs: Uint8Array[]): RPC.ControlIWant[] {
  return [{ messageIDs }]
}

/** More than any test here asks for. */
const PLENTY = 8

describe('a message asked for by IWANT', () => {
  test('is an answer once, and only from the peer that was asked', () => {
    const asked = new AskedMessages(PLENTY)
    asked.sent('a', iwant(ONE, TWO))
    expect(asked.takeAnswer('b', idText(ONE))).toBe(false)
    expect(asked.takeAnswer('a', idText(ONE))).toBe(true)
    expect(asked.takeAnswer('a', idText(ONE))).toBe(false)
    expect(asked.takeAnswer('a', idText(TWO))).toBe(true)
  })

  test('is forgotten when more is asked for than is remembered', () => {
    const asked = new AskedMessages(1)
    asked.sent('a', iwant(ONE, TWO))
    expect(asked.takeAnswer('a', idText(ONE))).toBe(false)
    expect(asked.takeAnswer('a', idText(TWO))).toBe(true)
  })

  test('is none where nothing was asked for', () => {
    const asked = new AskedMessages(PLENTY)
    asked.sent('a', [])
    expect(asked.takeAnswer('a', idText(ONE))).toBe(false)
  })
})

test('a network tells the answer to its IWANT from what was pushed', async () => {
  const [network, peer] = await Promise.all([startNetwork(), RawPeer.start()])
  const inbox = new Inbox(network)
  await peer.connect(network)
  peer.subscribe()
  await eventually(network, () => inMesh(network, peer.id))
  const id = Uint8Array.of(1, ...keccak256(payload(1)))
  const ihave = [{ topicID: TX, messageIDs: [id] }]
  peer.send({ control: { ihave, iwant: [], graft: [], prune: [], idontwant: [] } })
  await peer.receives((frames) => frames.some(({ rpc }) => (rpc.control?.iwant ?? []).length > 0))
  for (const seed of [1, 2]) peer.send({ messages: [{ topic: TX, data: payload(seed) }] })
  const messages = await inbox.count(2)
  expect(messages.map(({ isAsked }) => isAsked)).toEqual([true, false])
})
