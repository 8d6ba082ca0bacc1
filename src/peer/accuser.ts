/**
 * A member that says of others what is not true: what membership has to stand, for rehearsals
 * alone.
 */
import { networkId } from '../gossip/topics/topicNames.ts'
import type { Cancel } from '../lib/clock.ts'
import { accusationStatement, MEMBER_DOMAIN } from '../membership/statements.ts'
import type { Member } from '../membership/member.ts'
import type { Node } from '../node/node.ts'
import { ACCUSED_PER_S } from '../rehearsal/misbehaviour.ts'

/** Makes a running node accuse members that it has not even asked, until the answer is called. */
export function accuseAs({ parts, members, relay }: Node): Cancel {
  const { network, genesis, clock } = parts
  const id = networkId(genesis.hash)
  const accuse = async ({ peer, record }: Member): Promise<void> => {
    const statement = accusationStatement(id, peer, record.incarnation)
    await relay.publish('member', await network.envelopes.seal(MEMBER_DOMAIN, statement))
  }
  return clock.every(1_000, () => {
    // A node whose lies do not leave it deserves that.
    for (const member of members.sample(ACCUSED_PER_S)) accuse(member).catch(() => {})
  })
}
