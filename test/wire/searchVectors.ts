import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { expect } from 'vitest'
import type { PeerId } from '../../src/gossip/network.ts'
import { envelopesOf } from '../../src/p2p/peers/envelopes.ts'
import type { Question } from '../../src/search/question.ts'
import {
  decodeSearchMessage,
  encodeSearchMessage,
  type SearchMessage,
} from '../../src/search/searchMessages.ts'
import {
  queryStatement,
  readSearchQuery,
  SEARCH_DOMAIN,
  type SearchQuery,
} from '../../src/search/searchQuery.ts'
import { NO_ANSWERS } from '../../src/search/answers.ts'
import { rankOf } from '../../src/search/firstSightings.ts'
import { shortIdOf } from '../../src/search/tally.ts'
import { testGenesis } from '../builders/chain.ts'
import { hashOfByte } from '../builders/search.ts'
import { answered, asked, plain, read, type WireVector } from './vectorForms.ts'

const NETWORK = testGenesis().hash.slice(2, 10)
const PEER = '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2' as PeerId
const QUESTIONS: readonly Question[] = [
  { kind: 'hash', hash: hashOfByte(7) },
  { kind: 'extremum', end: 'highest', gauge: 'txpool.pending' },
  { kind: 'extremum', end: 'lowest', gauge: 'chain.head' },
  { kind: 'origins', item: 'tx' },
]

/** Messages of the protocol `search`. */
export async function searchVectors(): Promise<readonly WireVector[]> {
  const queries: SearchQuery[] = []
  for (const [at, question] of QUESTIONS.entries()) queries.push(await signed(question, at))
  const [first, , , origins] = queries
  if (first === undefined || origins === undefined) throw new Error('no queries')
  const id = shortIdOf(first.digest, PEER)
  const rank = rankOf(origins.digest, hashOfByte(7))
  const tally = { ids: [id], has: [true] }
  const best = { peer: PEER, value: 1_234.5, errorMs: 0.25 }
  const by = shortIdOf(origins.digest, PEER)
  const sightings = new Map([[rank, { by, atMs: 1_234.5, errorMs: 0 }]])
  return [
    { name: 'short id and rank', means: plain({ digest: first.digest, peer: PEER, id, rank }) },
    asked(message('all kinds of questions', new Uint8Array(0), queries, NO_ANSWERS)),
    answered(
      message('who saw it first', new Uint8Array(8).fill(5), [first], {
        ...NO_ANSWERS,
        best,
        tally,
      }),
    ),
    answered(
      message('first sightings', new Uint8Array(0), [origins], { ...NO_ANSWERS, sightings }),
    ),
    answered(message('nothing new', new Uint8Array(0), [], NO_ANSWERS)),
  ]
}

function message(
  name: string,
  clock: Uint8Array,
  queries: readonly SearchQuery[],
  answers: SearchMessage['told'][number]['answers'],
) {
  const told = queries.map(({ envelope }) => ({ envelope, round: 3, answers }))
  const vector = read(name, { clock, told }, encodeSearchMessage, decodeSearchMessage)
  const questions = queries.map(({ number, rounds, question }) => ({ number, rounds, question }))
  return { ...vector, means: { ...(vector.means as object), questions } }
}

async function signed(question: Question, at: number): Promise<SearchQuery> {
  const key = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(7))
  const envelopes = envelopesOf(key)
  const facts = { number: 1_764_000_000_000 + at, rounds: 16, question }
  const envelope = await envelopes.seal(SEARCH_DOMAIN, queryStatement(NETWORK, facts))
  const opened = envelopes.read(envelope)
  if (opened === undefined) throw new Error('no envelope')
  expect(await opened.isSigned(SEARCH_DOMAIN)).toBe(true)
  const query = readSearchQuery(NETWORK, opened, envelope)
  expect(query).toMatchObject(facts)
  return query
}
