/** What a poll asks of a peer about itself. */
import { kindOfTopic } from '../../gossip/topics/topicNames.ts'
import type { PeerPort } from '../../instrument/port.ts'
import type { ItemKind } from '../../item/itemKinds.ts'
import type { Reading } from './peerTracker.ts'

/**
 * Asks all of it at once, in one request. What a peer does not answer is left out. Never rejects.
 */
export async function readingOf(peer: PeerPort): Promise<Reading> {
  const [head, pool, finality, topics, connections] = await Promise.all([
    orNothing(peer.head()),
    orNothing(peer.pool()),
    orNothing(peer.finality()),
    orNothing(peer.mesh()),
    orNothing(peer.neighbours()),
  ])
  const meshOf = (kind: ItemKind): readonly string[] =>
    topics?.find(({ topic }) => kindOfTopic(topic) === kind)?.mesh ?? []
  return {
    head: head?.number ?? null,
    headHash: head?.hash ?? null,
    pending: pool?.pending ?? null,
    queued: pool?.queued ?? null,
    justified: finality?.justified ?? null,
    finalized: finality?.finalized ?? null,
    evidence: finality?.evidence ?? null,
    txMesh: meshOf('tx'),
    blockMesh: meshOf('block'),
    connections: connections ?? [],
  }
}

function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch(() => undefined)
}
