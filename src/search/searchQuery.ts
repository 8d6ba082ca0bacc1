/**
 * A query as its asker signs it.
 *
 * SPECIFICATION
 *
 * A libp2p envelope (RFC 0002) under the domain `grapevine-search`, payload type 01, payload RLP
 * [network id, number, rounds, kind, subject]. The number is the time of the asker's calendar in
 * ms, and higher than in every query before. Kinds: 0 a hash (32 bytes), 1 the highest and 2 the
 * lowest of a gauge (its name in text), 3 first sightings of a kind of item (its name in text). The
 * digest of a query is the Keccak-256 of its envelope.
 *
 * It is signed so that nobody asks in the name of another, and each member has a bounded share of
 * what all can bear.
 */
import { asHash, keccak256 } from '../crypto/keccak.ts'
import type { Envelope, PeerId, Statement } from '../gossip/network.ts'
import { bytesToHex, hexToBytes } from '../lib/bytes.ts'
import { encodeRlp, type RlpItem } from '../lib/rlp.ts'
import {
  bytesOf,
  hashOf,
  integer,
  integerOf,
  listOf,
  ProtocolViolation,
  plainTextOf,
} from '../sync/protocol.ts'
import { MAX_SEARCH_ROUNDS } from './limits.ts'
import type { Question } from './question.ts'
import { FOLLOWED_KINDS } from '../item/itemKinds.ts'

/** The domain under which queries are signed. */
export const SEARCH_DOMAIN = 'grapevine-search'

const TYPE = 1
const NUMBER_BYTES = 6
const MAX_GAUGE_BYTES = 96
const KINDS = { hash: 0, highest: 1, lowest: 2, origins: 3 } as const

/** What the asker signs. */
export interface QueryFacts {
  readonly number: number
  /** How long the query lives. */
  readonly rounds: number
  readonly question: Question
}

/** A query as it was signed. Never changed. */
export interface SearchQuery extends QueryFacts {
  readonly origin: PeerId
  /** As it travels. */
  readonly envelope: Uint8Array
  /** Keccak-256 of the envelope. */
  readonly digest: Uint8Array
}

/** A query in the form in which it is signed. */
export function queryStatement(
  networkId: string,
  { number, rounds, question }: QueryFacts,
): Statement {
  const [kind, subject] = questionItems(question)
  const payload = encodeRlp([
    hexToBytes(`0x${networkId}`),
    integer(number),
    integer(rounds),
    integer(kind),
    subject,
  ])
  return { type: Uint8Array.of(TYPE), payload }
}

/**
 * The query in an envelope, whose signature is not checked here. Throws a {@link ProtocolViolation}
 * where there is none.
 */
export function readSearchQuery(
  networkId: string,
  { signer, type, payload }: Envelope,
  envelope: Uint8Array,
): SearchQuery {
  if (type.length !== 1 || type[0] !== TYPE) throw new ProtocolViolation('not a query')
  const [network, number, rounds, kind, subject] = listOf(payload, 5)
  if (bytesToHex(bytesOf(network, 4)) !== `0x${networkId}`)
    throw new ProtocolViolation('a query of another network')
  const facts = {
    number: Number(integerOf(number, NUMBER_BYTES)),
    rounds: Number(integerOf(rounds, 1)),
    question: readQuestion(Number(integerOf(kind, 1)), subject),
  }
  if (facts.rounds > MAX_SEARCH_ROUNDS)
    throw new ProtocolViolation(`a query has at most ${MAX_SEARCH_ROUNDS} rounds`)
  return { ...facts, origin: signer, envelope, digest: keccak256(envelope) }
}

function questionItems(question: Question): readonly [number, Uint8Array] {
  const text = new TextEncoder()
  if (question.kind === 'hash') return [KINDS.hash, hexToBytes(question.hash)]
  if (question.kind === 'origins') return [KINDS.origins, text.encode(question.item)]
  return [KINDS[question.end], text.encode(question.gauge)]
}

function readQuestion(kind: number, subject: RlpItem | undefined): Question {
  if (kind === KINDS.hash) return { kind: 'hash', hash: asHash(hashOf(subject)) }
  const text = plainTextOf(subject, MAX_GAUGE_BYTES)
  if (kind === KINDS.highest) return { kind: 'extremum', end: 'highest', gauge: text }
  if (kind === KINDS.lowest) return { kind: 'extremum', end: 'lowest', gauge: text }
  const item = FOLLOWED_KINDS.find((one) => one === text)
  if (kind !== KINDS.origins || item === undefined)
    throw new ProtocolViolation('there is no such question')
  return { kind: 'origins', item }
}
