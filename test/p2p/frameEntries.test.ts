import { RPC } from '@chainsafe/libp2p-gossipsub/message'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes } from '../../src/lib/bytes.ts'
import { countEntries } from '../../src/p2p/router/frameEntries.ts'

const bytes = fc.uint8Array({ maxLength: 300 })
const topic = fc.string({ minLength: 1, maxLength: 40 })
const ids = fc.array(bytes, { maxLength: 8 })

const frame = fc.record({
  subscriptions: fc.array(fc.record({ topic, subscribe: fc.boolean() }), { maxLength: 5 }),
  messages: fc.array(fc.record({ topic, data: bytes }), { maxLength: 5 }),
  control: fc.record({
    ihave: fc.array(fc.record({ topicID: topic, messageIDs: ids }), { maxLength: 3 }),
    iwant: fc.array(fc.record({ messageIDs: ids }), { maxLength: 3 }),
    graft: fc.array(fc.record({ topicID: topic }), { maxLength: 3 }),
    prune: fc.array(
      fc.record({
        topicID: topic,
        peers: fc.array(fc.record({ peerID: bytes, signedPeerRecord: bytes }), { maxLength: 3 }),
        backoff: fc.nat(1_000),
      }),
      { maxLength: 3 },
    ),
    idontwant: fc.array(fc.record({ messageIDs: ids }), { maxLength: 3 }),
  }),
})

/** By what was encoded: a field for each thing, and those of the thing. */
function expected({ subscriptions, messages, control }: Required<RPC>): number {
  const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0)
  const lists = [...control.iwant, ...control.idontwant].map((list) => 1 + list.messageIDs.length)
  return (
    subscriptions.length * 3 +
    messages.length * 3 +
    1 +
    sum(control.ihave.map(({ messageIDs }) => 2 + messageIDs.length)) +
    sum(lists) +
    control.graft.length * 2 +
    sum(control.prune.map(({ peers }) => 3 + peers.length * 3))
  )
}

describe('the entries of a frame', () => {
  test('are all its fields and those of what is in it', () => {
    fc.assert(
      fc.property(frame, (rpc) => {
        expect(countEntries(RPC.encode(rpc), 10_000)).toBe(expected(rpc as Required<RPC>))
      }),
    )
  })

  test('of an empty frame are none', () => {
    expect(countEntries(new Uint8Array(0), 10)).toBe(0)
  })

  test('are counted up to one beyond the bound, and no further', () => {
    const many = new Uint8Array(2_000_000).map((_, at) => (at % 2 === 0 ? 0x12 : 0))
    expect(countEntries(many, 100)).toBe(101)
    expect(countEntries(many, 1_000_000)).toBe(1_000_000)
  })

  test('of a control message are counted though they are empty themselves', () => {
    const empties = new Uint8Array(200).map((_, at) => (at % 2 === 0 ? 0x0a : 0))
    const control = concatBytes(Uint8Array.of(0x1a, 200, 1), empties)
    expect(countEntries(control, 1_000)).toBe(101)
  })

  test('of a frame with groups are too many, for no message of gossipsub has them', () => {
    expect(countEntries(Uint8Array.of(0x0b, 0x0c), 10)).toBe(11)
  })

  test('of any bytes are counted without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (junk) => {
        const count = countEntries(junk, 50)
        expect(count).toBeGreaterThanOrEqual(junk.length > 0 ? 1 : 0)
        expect(count).toBeLessThanOrEqual(52)
      }),
    )
  })
})
