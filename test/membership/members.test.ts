import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PeerId } from '../../src/gossip/network.ts'
import { seededRandom } from '../../src/lib/random.ts'
import { FORGET_AFTER_MS } from '../../src/membership/limits.ts'
import type { Member, Told } from '../../src/membership/member.ts'
import { MemberList, rosterOf } from '../../src/membership/memberList.ts'
import { Members } from '../../src/membership/members.ts'
import { accusation, memberRecord } from '../builders/members.ts'

const SELF = 'self' as PeerId
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const

function told(atMs = 0, by = 'teller'): Told {
  return { by: by as PeerId, route: 'gossip', atMs }
}

/** Six members and this node, all alive. */
function sixMembers(): Members {
  const members = new Members({ self: SELF, intervalMs: 1_000 })
  for (const name of [SELF, ...NAMES]) members.takeRecord(memberRecord(name), told())
  return members
}

function stateOf(members: Members, peer: string): Member['state'] | undefined {
  return members.list.get(peer as PeerId)?.state
}

describe('what news does', () => {
  test('an accused member is suspect, and dead when its time is over and not before', () => {
    const members = sixMembers()
    expect(members.takeAccusation(accusation('b', 'a'), told(100))).toBeUndefined()
    expect(stateOf(members, 'a')).toBe('suspect')
    expect(members.list.liveCount).toBe(7)
    members.expire(members.nextDeadlineMs - 1)
    expect(stateOf(members, 'a')).toBe('suspect')
    members.expire(members.nextDeadlineMs)
    expect(stateOf(members, 'a')).toBe('dead')
    expect(members.evidenceOf('a' as PeerId)).toHaveLength(1)
    members.assertInvariants()
  })

  test('confirmations by others bring the end nearer, and more than count are not taken', () => {
    const members = sixMembers()
    const outcomes = ['b', 'c', 'd', 'e', 'f'].map((accuser) =>
      members.takeAccusation(accusation(accuser, 'a'), told()),
    )
    expect(outcomes).toEqual([undefined, undefined, undefined, undefined, 'accusation-needless'])
    expect(members.nextDeadlineMs).toBe(4_000)
  })

  test('a record of a higher incarnation ends a suspicion, a death and a leave', () => {
    const members = sixMembers()
    members.takeAccusation(accusation('b', 'a'), told())
    expect(members.takeRecord(memberRecord('a', { incarnation: 2 }), told(1))).toBeUndefined()
    expect([stateOf(members, 'a'), members.suspicionCount]).toEqual(['alive', 0])
    members.takeAccusation(accusation('b', 'a', 2), told(2))
    members.expire(Infinity)
    expect(members.takeRecord(memberRecord('a', { incarnation: 3 }), told(3))).toBeUndefined()
    expect(stateOf(members, 'a')).toBe('alive')
    members.takeRecord(memberRecord('a', { incarnation: 4, hasLeft: true }), told(4))
    expect(stateOf(members, 'a')).toBe('left')
    members.takeRecord(memberRecord('a', { incarnation: 5 }), told(5))
    expect(stateOf(members, 'a')).toBe('alive')
    members.assertInvariants()
  })

  test('an old record does not revive the dead', () => {
    const members = sixMembers()
    members.takeRecord(memberRecord('a', { incarnation: 10 }), told())
    members.takeAccusation(accusation('b', 'a', 10), told())
    members.expire(Infinity)
    expect(members.takeRecord(memberRecord('a', { incarnation: 2 }), told())).toBe('member-stale')
    expect(stateOf(members, 'a')).toBe('dead')
  })

  test('an accusation counts against the incarnation that it names, and no other', () => {
    const members = sixMembers()
    members.takeRecord(memberRecord('a', { incarnation: 5 }), told())
    expect(members.takeAccusation(accusation('b', 'a', 4), told())).toBe('accusation-stale')
    expect(members.takeAccusation(accusation('b', 'a', 6), told())).toBe('accused-unknown')
    expect(members.takeAccusation(accusation('b', 'a', 2 ** 48 - 1), told())).toBe(
      'accused-unknown',
    )
    expect(stateOf(members, 'a')).toBe('alive')
  })

  test('strangers, the dead and those that left accuse nobody', () => {
    const members = sixMembers()
    members.takeRecord(memberRecord('b', { incarnation: 2, hasLeft: true }), told())
    members.takeAccusation(accusation('d', 'c'), told())
    members.expire(Infinity)
    const outcomes = ['stranger', 'b', 'c'].map((accuser) =>
      members.takeAccusation(accusation(accuser, 'a'), told()),
    )
    expect(outcomes).toEqual(['accuser-unknown', 'accuser-unknown', 'accuser-unknown'])
  })

  test('this node is never suspect to itself', () => {
    const members = sixMembers()
    expect(members.takeAccusation(accusation('a', SELF), told())).toBeUndefined()
    expect([stateOf(members, SELF), members.suspicionCount]).toEqual(['alive', 0])
  })

  test('of two records of one incarnation all nodes keep the same one', () => {
    const records = ['x', 'y'].map((client) => memberRecord('a', { client }))
    const kept = [records, records.toReversed()].map((order) => {
      const members = new Members({ self: SELF, intervalMs: 1_000 })
      for (const record of order) members.takeRecord(record, told())
      return members.list.get('a' as PeerId)?.record.digest
    })
    expect(kept[0]).toBe(kept[1])
  })

  test('the story says who told what and when, and keeps the last sixteen changes', () => {
    const members = sixMembers()
    members.takeAccusation(accusation('b', 'a'), told(7, 'c'))
    expect(members.storyOf('a' as PeerId)).toMatchObject([
      { state: 'alive', incarnation: 1, told: { by: 'teller' } },
      { state: 'suspect', told: { by: 'c', accuser: 'b', atMs: 7 } },
    ])
    for (let incarnation = 2; incarnation < 40; incarnation++)
      members.takeRecord(memberRecord('a', { incarnation }), told())
    expect(members.storyOf('a' as PeerId)).toHaveLength(16)
  })

  test('the dead are forgotten an hour after their death, also when others told of it later', () => {
    const members = sixMembers()
    members.takeAccusation(accusation('b', 'a'), told(), 600_000)
    members.takeAccusation(accusation('b', 'c'), told())
    members.expire(30_000)
    members.forgetOld(FORGET_AFTER_MS - 600_000 + 30_000)
    expect([stateOf(members, 'a'), stateOf(members, 'c')]).toEqual([undefined, 'dead'])
    members.assertInvariants()
  })

  test('holds every property, whatever is said in whatever order', () => {
    const name = fc.constantFrom(...NAMES, SELF)
    const incarnation = fc.integer({ min: 1, max: 4 })
    const record = fc.record({
      form: fc.constant('record' as const),
      name,
      incarnation,
      hasLeft: fc.boolean(),
    })
    const accused = fc.record({
      form: fc.constant('accusation' as const),
      name,
      accuser: name,
      incarnation,
    })
    const time = fc.record({
      form: fc.constant('time' as const),
      ms: fc.integer({ min: 1, max: 9_000 }),
    })
    fc.assert(
      fc.property(fc.array(fc.oneof(record, accused, time), { maxLength: 60 }), (news) => {
        const members = new Members({ self: SELF, intervalMs: 1_000 })
        members.takeRecord(memberRecord(SELF, { incarnation: 4 }), told())
        const highest = new Map<string, number>()
        let nowMs = 0
        for (const one of news) {
          if (one.form === 'time') members.expire((nowMs += one.ms))
          else if (one.form === 'accusation') {
            if (one.accuser !== one.name)
              members.takeAccusation(
                accusation(one.accuser, one.name, one.incarnation),
                told(nowMs),
              )
          } else if (one.name !== SELF) {
            members.takeRecord(memberRecord(one.name, one), told(nowMs))
            highest.set(one.name, Math.max(highest.get(one.name) ?? 0, one.incarnation))
          }
          members.assertInvariants()
        }
        expect(stateOf(members, SELF)).toBe('alive')
        for (const [peer, most] of highest)
          expect(members.list.get(peer as PeerId)?.record.incarnation).toBe(most)
      }),
    )
  })
})

describe('the list', () => {
  const memberOf = (name: string, state: Member['state'] = 'alive'): Member => ({
    peer: name as PeerId,
    record: memberRecord(name),
    state,
    sinceMs: 0,
    told: told(),
  })

  test('over a roster says the same as one without, whatever is changed and forgotten', () => {
    const name = fc.constantFrom(...NAMES, 'g', 'h', 'i')
    const change = fc.record({ name, state: fc.constantFrom('alive', 'dead', 'left', 'gone') })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const shared = NAMES.map((one) => memberOf(one))
        const over = new MemberList(rosterOf(shared))
        const plain = new MemberList()
        for (const member of shared) plain.set(member)
        for (const { name: peer, state } of changes)
          for (const list of [over, plain])
            if (state === 'gone') list.forget(peer as PeerId)
            else list.set(memberOf(peer, state))
        over.assertInvariants()
        expect([over.sum, over.counts, over.size]).toEqual([plain.sum, plain.counts, plain.size])
        const peersOf = (list: MemberList) => [...list.all()].map(({ peer }) => peer).toSorted()
        expect(peersOf(over)).toEqual(peersOf(plain))
      }),
    )
  })

  test('draws all live members equally often, and nobody else', () => {
    const list = new MemberList(rosterOf(NAMES.map((one) => memberOf(one))))
    list.set(memberOf('a', 'dead'))
    list.set(memberOf('g'))
    const random = seededRandom(7)
    const counts = new Map<string, number>()
    for (let draw = 0; draw < 6_000; draw++)
      for (const { peer } of list.sample(random, 2, (peer) => peer === 'b'))
        counts.set(peer, (counts.get(peer) ?? 0) + 1)
    expect([...counts.keys()].toSorted()).toEqual(['c', 'd', 'e', 'f', 'g'])
    for (const count of counts.values()) expect(Math.abs(count - 2_400)).toBeLessThan(200)
  })

  test('draws all there are where fewer are there than are asked for', () => {
    const list = new MemberList(rosterOf([memberOf('a'), memberOf('b'), memberOf('c', 'left')]))
    const drawn = list.sample(seededRandom(1), 10, () => false).map(({ peer }) => peer)
    expect(drawn.toSorted()).toEqual(['a', 'b'])
  })
})
