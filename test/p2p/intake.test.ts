import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PeerId } from '../../src/gossip/network.ts'
import { BanList, OFFENCES, type Offence } from '../../src/p2p/peers/bans.ts'
import { messageBatches } from '../../src/p2p/router/batches.ts'
import { Intake } from '../../src/p2p/router/intake.ts'
import { limitValues } from '../../src/p2p/limits.ts'

const A = 'a' as PeerId
const B = 'b' as PeerId

describe('the intake of gossip', () => {
  const limits = limitValues('devnet', {
    gossipMessagesBurst: 10,
    gossipMessagesPerSecond: 5,
    gossipBytesBurst: 1000,
    gossipBytesPerSecond: 100,
    gossipEntriesBurst: 100,
    gossipEntriesPerSecond: 10,
    gossipMaxDroppedFrames: 2,
    gossipMaxUndecodableFrames: 2,
  })

  test('admits the burst, then the rate, and reports who goes on', () => {
    const intake = new Intake(limits)
    expect(intake.messages(A, 10, 0)).toBe('admitted')
    expect(intake.messages(A, 1, 0)).toBe('dropped')
    expect(intake.messages(A, 5, 1000)).toBe('admitted')
    expect(intake.messages(A, 1, 1000)).toBe('dropped')
    expect(intake.messages(A, 1, 1000)).toBe('message-flood')
  })

  test('counts bytes and messages of one peer together and of two apart', () => {
    const intake = new Intake(limits)
    expect(intake.frame(A, 1000, 0)).toBe('admitted')
    expect(intake.frame(A, 1, 0)).toBe('dropped')
    expect(intake.messages(A, 11, 0)).toBe('dropped')
    expect(intake.frame(A, 1, 0)).toBe('message-flood')
    expect(intake.frame(B, 1000, 0)).toBe('admitted')
  })

  test('lets an empty frame cost four entries, and any other one more than it has', () => {
    const intake = new Intake(limits)
    for (let frames = 0; frames < 5; frames++) expect(intake.entries(A, 0, 0)).toBe('admitted')
    expect(intake.entries(A, 79, 0)).toBe('admitted')
    expect(intake.entries(A, 0, 0)).toBe('dropped')
    expect(intake.entries(A, 0, 400)).toBe('admitted')
    expect(intake.entries(B, 100, 0)).toBe('dropped')
    expect(intake.entries(B, 99, 0)).toBe('admitted')
  })

  test('asks nothing for frames without messages', () => {
    const intake = new Intake(limits)
    expect(intake.messages(A, 10, 0)).toBe('admitted')
    expect(intake.messages(A, 0, 0)).toBe('admitted')
  })

  test('forgives garbage at a rate', () => {
    const intake = new Intake(limits)
    const answers = [0, 0, 0, 30_000, 30_000].map((nowMs) => intake.garbage(A, nowMs))
    expect(answers).toEqual([
      'dropped',
      'dropped',
      'undecodable-frames',
      'dropped',
      'undecodable-frames',
    ])
  })

  test('keeps budgets of a bounded number of peers', () => {
    const intake = new Intake({ ...limits, trackedPeers: 2 })
    expect(intake.messages(A, 10, 0)).toBe('admitted')
    for (const other of ['c', 'd'] as PeerId[]) intake.messages(other, 1, 0)
    expect(intake.messages(A, 10, 0)).toBe('admitted')
  })
})

describe('bans', () => {
  const limits = limitValues('devnet', {
    banStrikes: 100,
    banMs: 1000,
    strikeHalfLifeMs: 10_000,
    trackedPeers: 4,
  })

  test('come with the sum of strikes and end with their time', () => {
    const bans = new BanList(limits)
    expect(bans.strike(A, 'message-flood', 0)).toBe(false)
    expect(bans.strike(A, 'message-flood', 0)).toBe(true)
    expect(bans.isBanned(A, 999)).toBe(true)
    expect(bans.isBanned(A, 1000)).toBe(false)
    expect(bans.isBanned(B, 0)).toBe(false)
  })

  test('do not come for offences that are far apart', () => {
    const bans = new BanList(limits)
    for (let i = 0; i < 10; i++) expect(bans.strike(A, 'message-flood', i * 20_000)).toBe(false)
  })

  test('hold their invariants whatever happens, and strikes only fade between offences', () => {
    const offence = fc.constantFrom(...(Object.keys(OFFENCES) as Offence[]))
    const step = fc.record({
      peer: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      offence,
      ms: fc.nat(5000),
    })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const bans = new BanList(limits)
        let nowMs = 0
        for (const { peer, offence, ms } of steps) {
          const before = bans.strikes(peer as PeerId, nowMs)
          nowMs += ms
          expect(bans.strikes(peer as PeerId, nowMs)).toBeLessThanOrEqual(before)
          bans.strike(peer as PeerId, offence, nowMs)
          bans.assertInvariants()
        }
      }),
    )
  })
})

describe('batches of messages', () => {
  const message = (bytes: number) => ({ topic: 't', data: new Uint8Array(bytes) })

  test('keep order, lose nothing below the total, and stay below the size unless one is larger', () => {
    const sizes = fc.array(fc.nat(50), { maxLength: 40 })
    fc.assert(
      fc.property(sizes, (bytes) => {
        const messages = bytes.map(message)
        const batches = messageBatches(messages, 30, 10_000)
        expect(batches.flat()).toEqual(messages)
        for (const batch of batches) {
          const total = batch.reduce((sum, { data }) => sum + (data?.length ?? 0), 0)
          expect(total <= 30 || batch.length === 1).toBe(true)
          expect(batch.length).toBeGreaterThan(0)
        }
      }),
    )
  })

  test('end at the total, with the first message always there', () => {
    expect(messageBatches([message(20), message(20), message(20)], 100, 50).flat().length).toBe(2)
    expect(messageBatches([message(80), message(1)], 30, 50).flat().length).toBe(1)
  })
})
