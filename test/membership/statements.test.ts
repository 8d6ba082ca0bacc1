import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PeerId } from '../../src/gossip/network.ts'
import {
  decodeEntry,
  decodeExchange,
  encodeEntry,
  encodeExchange,
} from '../../src/membership/exchangeMessages.ts'
import {
  decodeDirectAnswer,
  decodeIndirectAnswer,
  decodeProbe,
  encodeProbe,
} from '../../src/membership/probeMessages.ts'
import { isStatement, readStatement, type MemberFacts } from '../../src/membership/statements.ts'
import { ITEM_KINDS } from '../../src/item/itemKinds.ts'
import { simEnvelopes } from '../../src/sim/links/simEnvelopes.ts'
import { ProtocolViolation } from '../../src/sync/protocol.ts'
import { asHash } from '../../src/crypto/keccak.ts'
import { accusation, memberRecord, recordBy, TEST_NETWORK_ID } from '../builders/members.ts'

const text = (maxLength: number) => fc.stringMatching(new RegExp(`^[ -~]{1,${maxLength}}$`))

const anyFacts: fc.Arbitrary<MemberFacts> = fc.record({
  incarnation: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  hasLeft: fc.boolean(),
  isSigner: fc.boolean(),
  client: text(64),
  addresses: fc.array(text(128), { maxLength: 4 }),
})

describe('a record', () => {
  test('is read as it was signed, whatever it says, and fits into a message', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const record = memberRecord('someone', facts)
        expect(record).toMatchObject({ ...facts, peer: 'someone' })
        expect(record.envelope.length).toBeLessThanOrEqual(ITEM_KINDS.member.maxBytes)
      }),
    )
  })

  test('has no more addresses than four, none that is too long, and a client that is cut', () => {
    const long = 'x'.repeat(129)
    const { addresses, client } = memberRecord('someone', {
      addresses: [long, 'a', 'b', 'c', 'd', 'e'],
      client: long,
    })
    expect(addresses).toEqual(['a', 'b', 'c', 'd'])
    expect(client).toHaveLength(64)
  })

  test('of whatever payload is read or named as wrong, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array({ maxLength: 200 }), (type, payload) => {
        const envelope = { signer: 'a' as PeerId, type, payload, isSigned: async () => true }
        const read = readStatement(TEST_NETWORK_ID, envelope, payload)
        expect(isStatement(read) || read.startsWith('member-') || read === 'accused-self').toBe(
          true,
        )
      }),
    )
  })
})

test('an accusation names accuser, accused and incarnation', () => {
  expect(accusation('a', 'b', 7)).toMatchObject({ accuser: 'a', accused: 'b', incarnation: 7 })
})

test('a simulated envelope is signed by its signer alone, under its domain alone', async () => {
  const data = recordBy('a')
  const envelopes = simEnvelopes('reader' as PeerId)
  const forged = Uint8Array.from(data)
  forged[5] = (forged[5] ?? 0) ^ 1
  expect(await envelopes.read(data)?.isSigned('grapevine-member')).toBe(true)
  expect(await envelopes.read(data)?.isSigned('another')).toBe(false)
  expect(await envelopes.read(forged)?.isSigned('grapevine-member')).toBe(false)
})

function outcomeOf(read: () => unknown): 'read' | 'violation' | 'another error' {
  try {
    read()
    return 'read'
  } catch (error) {
    return error instanceof ProtocolViolation ? 'violation' : 'another error'
  }
}

describe('messages between two', () => {
  test('are read as they were written', () => {
    const direct = { form: 'direct', incarnation: 9, isSuspected: true } as const
    const indirect = { form: 'indirect', peer: 'p' as PeerId } as const
    const sum = { form: 'sum', sum: 2n ** 100n } as const
    const get = { form: 'get', elements: [asHash(new Uint8Array(32).fill(3))] } as const
    const entry = { record: recordBy('a'), accusations: [recordBy('b')], ageMs: 1_234 }
    expect(decodeProbe(encodeProbe(direct))).toEqual(direct)
    expect(decodeProbe(encodeProbe(indirect))).toEqual(indirect)
    expect(decodeExchange(encodeExchange(sum))).toEqual(sum)
    expect(decodeExchange(encodeExchange(get))).toEqual(get)
    expect(decodeEntry(encodeEntry(entry))).toEqual(entry)
  })

  test.each([
    ['probe', decodeProbe],
    ['answer to a probe', decodeDirectAnswer],
    ['answer to a probe for another', decodeIndirectAnswer],
    ['exchange', decodeExchange],
    ['member of an exchange', decodeEntry],
  ] as const)('of any bytes a %s is read or is a violation', (_, decode) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        expect(outcomeOf(() => decode(bytes))).not.toBe('another error')
      }),
    )
  })
})
