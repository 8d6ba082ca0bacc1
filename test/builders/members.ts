/** Statements about members, signed as simulated nodes sign. */
import type { PeerId } from '../../src/gossip/network.ts'
import { networkId } from '../../src/gossip/topics/topicNames.ts'
import {
  accusationStatement,
  isStatement,
  MEMBER_DOMAIN,
  readStatement,
  recordStatement,
  type Accusation,
  type MemberFacts,
  type MemberRecord,
} from '../../src/membership/statements.ts'
import { simEnvelope, simEnvelopes } from '../../src/sim/links/simEnvelopes.ts'
import { testChain } from './chain.ts'

/** Of every chain of the builders. */
export const TEST_NETWORK_ID = networkId(testChain().genesis.hash)

const FACTS: MemberFacts = {
  incarnation: 1,
  hasLeft: false,
  isSigner: false,
  client: 'grapevine/test',
  addresses: ['/ip4/127.0.0.1/tcp/9000'],
}

/** A record as it travels. */
export function recordBy(
  peer: string,
  facts: Partial<MemberFacts> = {},
  network = TEST_NETWORK_ID,
): Uint8Array {
  const statement = recordStatement(network, { ...FACTS, ...facts })
  return simEnvelope(MEMBER_DOMAIN, peer as PeerId, statement)
}

/** An accusation as it travels. */
export function accusationBy(
  accuser: string,
  accused: string,
  incarnation = 1,
  network = TEST_NETWORK_ID,
): Uint8Array {
  const statement = accusationStatement(network, accused as PeerId, incarnation)
  return simEnvelope(MEMBER_DOMAIN, accuser as PeerId, statement)
}

/** The record itself. */
export function memberRecord(peer: string, facts: Partial<MemberFacts> = {}): MemberRecord {
  const read = statementOf(recordBy(peer, facts))
  if (read.form !== 'record') throw new Error('not a record')
  return read
}

/** The accusation itself. */
export function accusation(accuser: string, accused: string, incarnation = 1): Accusation {
  const read = statementOf(accusationBy(accuser, accused, incarnation))
  if (read.form !== 'accusation') throw new Error('not an accusation')
  return read
}

function statementOf(data: Uint8Array): MemberRecord | Accusation {
  const envelope = simEnvelopes('reader' as PeerId).read(data)
  const read = envelope && readStatement(TEST_NETWORK_ID, envelope, data)
  if (read === undefined || !isStatement(read)) throw new Error('not a statement')
  return read
}
