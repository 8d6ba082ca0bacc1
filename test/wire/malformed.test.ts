/**
 * Messages that are wrong in one place: each field of each message by which nodes tell what the
 * network knows, replaced by values of every length that a bound lies at. Each is read as something
 * that could have been sent, or refused.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  decodeAggregateAnswer,
  decodeAggregateRequest,
  encodeAggregateAnswer,
  encodeAggregateRequest,
} from '../../src/aggregate/aggregateMessages.ts'
import { decodeVote } from '../../src/finality/vote.ts'
import type { PeerId } from '../../src/gossip/network.ts'
import { bytesToHex, hexToBytes, parseHex } from '../../src/lib/bytes.ts'
import { encodeRlp } from '../../src/lib/rlp.ts'
import {
  decodeEntry,
  decodeExchange,
  decodeSameness,
  encodeEntry,
  encodeExchange,
  encodeSameness,
  isExchangeRequest,
} from '../../src/membership/exchangeMessages.ts'
import {
  decodeDirectAnswer,
  decodeIndirectAnswer,
  decodeProbe,
  encodeDirectAnswer,
  encodeIndirectAnswer,
  encodeProbe,
} from '../../src/membership/probeMessages.ts'
import {
  accusationStatement,
  isStatement,
  readStatement,
  recordStatement,
} from '../../src/membership/statements.ts'
import { decodeSearchMessage, encodeSearchMessage } from '../../src/search/searchMessages.ts'
import { queryStatement, readSearchQuery } from '../../src/search/searchQuery.ts'
import { decodeVotesRequest, encodeVotesRequest } from '../../src/sync/finality/voteExchange.ts'
import { integer, ProtocolViolation } from '../../src/sync/protocol.ts'
import { malformed } from '../builders/malformed.ts'
import { TEST_NETWORK_ID } from '../builders/members.ts'

/** Reads bytes, and writes what it read. */
type Again = (bytes: Uint8Array) => Uint8Array

const probe: Again = (bytes) => encodeProbe(decodeProbe(bytes))
const directAnswer: Again = (bytes) => encodeDirectAnswer(decodeDirectAnswer(bytes))
const indirectAnswer: Again = (bytes) => encodeIndirectAnswer(decodeIndirectAnswer(bytes))
const exchange: Again = (bytes) => encodeExchange(decodeExchange(bytes))
const sameness: Again = (bytes) => encodeSameness(decodeSameness(bytes))
const entry: Again = (bytes) => encodeEntry(decodeEntry(bytes))
const votesRequest: Again = (bytes) => encodeVotesRequest(decodeVotesRequest(bytes))
const aggregateRequest: Again = (bytes) => encodeAggregateRequest(decodeAggregateRequest(bytes))
const aggregateAnswer: Again = (bytes) => encodeAggregateAnswer(decodeAggregateAnswer(bytes))
const search: Again = (bytes) => encodeSearchMessage(decodeSearchMessage(bytes))

interface Vector {
  readonly name: string
  readonly request?: string
  readonly answer?: readonly string[]
}

/** The messages of a protocol, as the vectors of its specification have them. */
function vectorsOf(protocol: string): readonly Vector[] {
  const file = new URL(`../vectors/wire/${protocol}.json`, import.meta.url)
  const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: readonly Vector[] }
  return vectors
}

function bytesOf(text: string): Uint8Array {
  const bytes = parseHex(text)
  if (bytes === undefined) throw new Error(`${text} is no hex`)
  return bytes
}

function requestsOf(protocol: string): Uint8Array[] {
  return vectorsOf(protocol).flatMap(({ request }) =>
    request === undefined ? [] : bytesOf(request),
  )
}

function answersOf(protocol: string): Uint8Array[] {
  return vectorsOf(protocol).flatMap(({ answer = [] }) => answer.map(bytesOf))
}

function isReadBy(again: Again): (bytes: Uint8Array) => boolean {
  return (bytes) => outcomeOf(again, bytes) === 'read'
}

/**
 * What is read must mean the same when it is written and read again: nothing of it may be lost or
 * made up.
 */
function outcomeOf(again: Again, bytes: Uint8Array): string {
  let written: Uint8Array
  try {
    written = again(bytes)
  } catch (error) {
    if (error instanceof ProtocolViolation) return 'refused'
    throw error
  }
  const twice = bytesToHex(again(written))
  return twice === bytesToHex(written) ? 'read' : `${bytesToHex(written)} became ${twice}`
}

describe('a message with one field changed is refused or one that could have been sent:', () => {
  test.each([
    ['probe', probe, requestsOf('probe')],
    ['answer to a probe', directAnswer, answersOf('probe').filter(isReadBy(directAnswer))],
    ['answer for another', indirectAnswer, answersOf('probe').filter(isReadBy(indirectAnswer))],
    ['exchange of members', exchange, requestsOf('members').filter(isExchangeRequest)],
    ['answer whether sets are the same', sameness, answersOf('members').filter(isReadBy(sameness))],
    ['member of an exchange', entry, answersOf('members').filter(isReadBy(entry))],
    ['request for votes', votesRequest, requestsOf('votes')],
    ['request of an aggregation', aggregateRequest, requestsOf('aggregate')],
    ['answer of an aggregation', aggregateAnswer, answersOf('aggregate')],
    ['request of a search', search, requestsOf('search')],
    ['answer of a search', search, answersOf('search')],
  ] as const)('%s', (_name, again, messages) => {
    expect(messages.length).toBeGreaterThan(0)
    for (const message of messages) {
      expect(outcomeOf(again, message)).toBe('read')
      const outcomes = new Set([...malformed(message)].map((bytes) => outcomeOf(again, bytes)))
      expect([...outcomes].filter((one) => one !== 'read')).toEqual(['refused'])
    }
  })
})

describe('a signed statement with one field changed is named as wrong or read, and nothing throws:', () => {
  const peer = 'someone' as PeerId
  const facts = { incarnation: 7, hasLeft: false, isSigner: true, client: 'c', addresses: ['/a'] }

  test.each([
    ['record', recordStatement(TEST_NETWORK_ID, facts)],
    ['accusation', accusationStatement(TEST_NETWORK_ID, 'another' as PeerId, 7)],
  ])('%s of a member', (_name, { type, payload }) => {
    const read = (bytes: Uint8Array) =>
      readStatement(
        TEST_NETWORK_ID,
        { signer: peer, type, payload: bytes, isSigned: async () => true },
        bytes,
      )
    expect(isStatement(read(payload))).toBe(true)
    const outcomes = [...malformed(payload)].map(read)
    expect(outcomes).toContain('member-malformed')
    expect(outcomes).toContain('member-other-network')
    for (const one of outcomes.filter(isStatement)) {
      const again =
        one.form === 'record'
          ? recordStatement(TEST_NETWORK_ID, one)
          : accusationStatement(TEST_NETWORK_ID, one.accused, one.incarnation)
      expect(read(again.payload)).toMatchObject({ form: one.form, incarnation: one.incarnation })
    }
  })

  test.each([
    ['hash', { kind: 'hash', hash: `0x${'ab'.repeat(32)}` }],
    ['gauge', { kind: 'extremum', end: 'lowest', gauge: 'chain.head' }],
    ['first sightings', { kind: 'origins', item: 'tx' }],
  ])('query for a %s', (_name, question) => {
    const asked = {
      number: 1,
      rounds: 9,
      question: question as Parameters<typeof queryStatement>[1]['question'],
    }
    const { type, payload } = queryStatement(TEST_NETWORK_ID, asked)
    const again: Again = (bytes) => {
      const envelope = { signer: peer, type, payload: bytes, isSigned: async () => true }
      return queryStatement(TEST_NETWORK_ID, readSearchQuery(TEST_NETWORK_ID, envelope, bytes))
        .payload
    }
    expect(outcomeOf(again, payload)).toBe('read')
    const outcomes = new Set([...malformed(payload)].map((bytes) => outcomeOf(again, bytes)))
    expect([...outcomes].filter((one) => one !== 'read')).toEqual(['refused'])
  })
})

test('a vote with one field changed is another vote in its one form, or none', () => {
  const file = new URL('../vectors/wire/topic-vote.json', import.meta.url)
  const { data } = JSON.parse(readFileSync(file, 'utf8')) as { data: string }
  const vote = bytesOf(data)
  expect(voteAgain(vote)).toBe(data)
  const all = [...malformed(vote)]
  const read = all.filter((bytes) => decodeVote(bytes) !== undefined)
  expect(read.length).toBeGreaterThan(0)
  expect(read.length).toBeLessThan(all.length)
  expect(read.map(voteAgain)).toEqual(read.map(bytesToHex))
})

function voteAgain(bytes: Uint8Array): string {
  const vote = decodeVote(bytes)
  if (vote === undefined) return 'none'
  const { source, target, signature, yParity } = vote
  const links = [source, target].flatMap(({ number, hash }) => [integer(number), hexToBytes(hash)])
  return bytesToHex(encodeRlp([...links, Uint8Array.from([...signature, yParity])]))
}
