import { RPC } from '@chainsafe/libp2p-gossipsub/message'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LIMITS } from '../../src/p2p/limits.ts'
import { announcementFrames, askedBytes } from '../../src/p2p/router/announcements.ts'

/** Of an RPC, by default: `max_control_message_size` of libp2p-gossipsub 0.50. */
const RUST_CONTROL_BYTES = 16_384
const limits = {
  gossipMaxControlBytes: LIMITS.gossipMaxControlBytes.value,
  gossipAnnouncementFrames: LIMITS.gossipAnnouncementFrames.value,
}

function topic(kind: string): string {
  return `/grapevine/0123abcd/${kind}/1`
}

/** So many ids, each another one. */
function announcement(kind: string, count: number): RPC.ControlIHave {
  const messageIDs = Array.from({ length: count }, (_, at) => {
    const id = Buffer.alloc(33)
    id.writeUInt32BE(at, 29)
    return id
  })
  return { topicID: topic(kind), messageIDs }
}

function encodedBytes(ihave: RPC.ControlIHave[], iwant: RPC.ControlIWant[] = []): number {
  const control = { ihave, iwant, graft: [], prune: [], idontwant: [] }
  return RPC.encode({ subscriptions: [], messages: [], control }).length
}

function idsOf(announced: readonly RPC.ControlIHave[]): string[] {
  return announced.flatMap(({ topicID, messageIDs }) =>
    messageIDs.map((id) => `${topicID} ${Buffer.from(id).toString('hex')}`),
  )
}

test('few ids join the frame that is being sent', () => {
  expect(announcementFrames([announcement('tx', 400)], 0, limits)).toEqual([])
})

test('5,000 ids go out in ten frames that Rust takes, which are as many as receivers read', () => {
  const frames = announcementFrames([announcement('tx', 5_000)], 0, limits)
  expect(frames).toHaveLength(10)
  expect(idsOf(frames.flat()).length).toBeGreaterThan(4_300)
})

test('topics with few ids are announced even where those of another are left out', () => {
  const all = [announcement('tx', 5_000), announcement('block', 3), announcement('vote', 9)]
  const topics = announcementFrames(all, 0, limits).flatMap((frame) =>
    frame.map(({ topicID }) => topicID),
  )
  expect(topics).toEqual(expect.arrayContaining([topic('block'), topic('vote'), topic('tx')]))
})

test('whatever is announced and asked for, each frame has room and no id is lost or told twice', () => {
  const count = fc.integer({ min: 0, max: 900 })
  fc.assert(
    fc.property(count, count, count, fc.integer({ min: 0, max: 400 }), (tx, block, vote, asked) => {
      const all = [announcement('tx', tx), announcement('block', block), announcement('vote', vote)]
      const iwant = [{ messageIDs: announcement('tx', asked).messageIDs }]
      const control = { ihave: [], iwant, graft: [], prune: [], idontwant: [] }
      const frames = announcementFrames(all, askedBytes(control), limits)
      const isWhole = frames.length === 0
      const sizes = isWhole ? [encodedBytes(all, iwant)] : frames.map((one) => encodedBytes(one))
      expect(Math.max(...sizes)).toBeLessThan(RUST_CONTROL_BYTES)
      expect(idsOf(isWhole ? all : frames.flat()).toSorted()).toEqual(idsOf(all).toSorted())
    }),
    { numRuns: 40 },
  )
})
