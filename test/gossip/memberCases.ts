/** One message for every reason for which the topic of members refuses. */
import type { PeerId } from '../../src/gossip/network.ts'
import { ITEM_KINDS } from '../../src/item/itemKinds.ts'
import { MEMBER_RECORDS, STATEMENTS_PER_PEER } from '../../src/membership/limits.ts'
import { accusationBy, memberRecord, recordBy } from '../builders/members.ts'
import type { GossipNode } from '../builders/gossipNode.ts'
import type { Case } from './txCases.ts'

async function tell(node: GossipNode, ...statements: readonly Uint8Array[]): Promise<void> {
  for (const data of statements) {
    await node.receive('member', data)
    await node.hub.settle()
  }
}

function add(node: GossipNode, ...peers: readonly string[]): void {
  const told = { by: 'teller' as PeerId, route: 'gossip', atMs: 0 } as const
  for (const peer of peers) node.members.takeRecord(memberRecord(peer), told)
}

/** A statement with one bit of its signature changed. */
function forged(data: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(data)
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  return bytes
}

export const MEMBER_CASES: Readonly<Record<string, () => Case>> = {
  oversized: () => ({ data: new Uint8Array(ITEM_KINDS.member.maxBytes + 1) }),
  known: () => ({
    data: recordBy('a'),
    prepare: (node) => add(node, 'a'),
  }),
  'member-malformed': () => ({ data: Uint8Array.of(1, 2, 3) }),
  'member-other-network': () => ({ data: recordBy('a', {}, '00000000') }),
  'accused-self': () => ({ data: accusationBy('a', 'a') }),
  'member-stale': () => ({
    data: recordBy('a', { incarnation: 1 }),
    prepare: (node) => tell(node, recordBy('a', { incarnation: 2 })),
  }),
  'members-full': () => ({
    data: recordBy('late'),
    options: { maxMembers: 3 },
    prepare: (node) => add(node, 'a', 'b', 'c'),
  }),
  'accused-unknown': () => ({
    data: accusationBy('a', 'b', 2),
    prepare: (node) => add(node, 'a', 'b'),
  }),
  'accusation-stale': () => ({
    data: accusationBy('a', 'b', 1),
    prepare: (node) => tell(node, recordBy('a'), recordBy('b', { incarnation: 2 })),
  }),
  'accusation-needless': () => ({
    data: accusationBy('f', 'b'),
    prepare: async (node) => {
      add(node, 'a', 'b', 'c', 'd', 'e', 'f')
      await tell(node, ...['a', 'c', 'd', 'e'].map((accuser) => accusationBy(accuser, 'b')))
    },
  }),
  'accuser-unknown': () => ({
    data: accusationBy('stranger', 'b'),
    prepare: (node) => add(node, 'b'),
  }),
  'member-sender-rate': () => ({
    data: recordBy('one too many'),
    prepare: async (node) => {
      for (let count = 0; count < STATEMENTS_PER_PEER.burst; count++)
        await node.receive('member', recordBy(`member ${count}`))
    },
  }),
  'member-bad-signature': () => ({ data: forged(recordBy('a')) }),
  'member-rate': () => ({
    data: recordBy('a', { incarnation: MEMBER_RECORDS.burst + 1 }),
    prepare: (node) =>
      tell(
        node,
        ...Array.from({ length: MEMBER_RECORDS.burst }, (_, index) =>
          recordBy('a', { incarnation: index + 1 }),
        ),
      ),
  }),
  'accusation-rate': () => ({
    data: accusationBy('a', 'b', 2),
    prepare: (node) =>
      tell(
        node,
        recordBy('a'),
        recordBy('b', { incarnation: 1 }),
        accusationBy('a', 'b', 1),
        recordBy('b', { incarnation: 2 }),
      ),
  }),
  'internal-error': () => ({
    data: recordBy('a'),
    prepare: ({ network }) => {
      Object.assign(network.envelopes, {
        read: () => {
          throw new Error('a fault of ours')
        },
      })
    },
  }),
}
