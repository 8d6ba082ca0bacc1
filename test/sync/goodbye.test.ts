import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  decodeGoodbye,
  encodeGoodbye,
  GOODBYE_CODES,
  goodbyeName,
} from '../../src/sync/goodbyeMessage.ts'
import type { MemoryHub } from '../builders/network.ts'
import { frames, puppet, silence, syncHub, syncNode, type SyncNode } from '../builders/syncNode.ts'

describe('a goodbye', () => {
  let hub: MemoryHub
  let one: SyncNode

  beforeEach(async () => {
    hub = syncHub()
    one = await syncNode(hub)
  })

  afterEach(() => one.node.stop())

  test('tells a peer that gave no status in time why it is disconnected', async () => {
    const peer = puppet(hub)
    await peer.serve('status', silence)
    await peer.serve('goodbye', frames())
    hub.link(peer.network, one.network)
    for (let passedMs = 0; passedMs < 6_000; passedMs += 250) {
      await hub.settle()
      hub.clock.advance(250)
    }
    expect(one.network.peers()).toEqual([])
    const goodbyes = peer.asked.filter(({ name }) => name === 'goodbye')
    expect(goodbyes.map(({ request }) => decodeGoodbye(request))).toEqual([
      {
        code: GOODBYE_CODES['no-status'],
        text: expect.stringContaining('no status within 3000 ms') as string,
      },
    ])
  })

  test('of the peer leaves its reason in the log, once', async () => {
    const peer = puppet(hub)
    await peer.serve('status', silence)
    hub.link(peer.network, one.network)
    await hub.settle()
    const message = encodeGoodbye({ code: 129, text: 'too many peers' })
    for (let time = 0; time < 2; time++)
      for await (const _ of peer.requests.send(one.id, 'goodbye', message)) void _
    hub.unlink(one.network, peer.network)
    const reason = 'it said goodbye (code 129): too many peers'
    expect(one.lines).toEqual([
      {
        message: 'a peer disconnects this node',
        peer: peer.id,
        goodbye: 'code 129',
        reason: 'too many peers',
      },
      { message: 'a peer left without a status in common', peer: peer.id, reason },
    ])
  })

  test('that is none costs the connection', async () => {
    const peer = puppet(hub)
    await peer.serve('status', silence)
    hub.link(peer.network, one.network)
    await hub.settle()
    const said = async (): Promise<void> => {
      for await (const _ of peer.requests.send(one.id, 'goodbye', new Uint8Array([0x80]))) void _
    }
    await expect(said()).rejects.toThrow('reset')
    await hub.settle()
    expect(one.network.peers()).toEqual([])
  })

  test('is read back as it was written, and arbitrary bytes are read as nothing or as a goodbye', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 65_535 }),
        fc.string({ maxLength: 50 }),
        (code, text) => {
          const plain = text.replace(/[^\x20-\x7e]/g, '?')
          expect(decodeGoodbye(encodeGoodbye({ code, text: plain }))).toEqual({ code, text: plain })
        },
      ),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        const goodbye = decodeGoodbye(data)
        expect(goodbye === undefined || /^[\x20-\x7e]*$/.test(goodbye.text)).toBe(true)
      }),
    )
  })

  test('has a name where its code is known', () => {
    expect([1, 2, 3, 128, 250].map(goodbyeName)).toEqual([
      'shutdown',
      'other-network',
      'fault',
      'no-status',
      'code 250',
    ])
  })
})
