/** What a poll asks of a peer and how its answers are read. Answers are taken as untrusted: a strange one is left out. */
import { kindOfTopic } from '../../gossip/topicNames.ts'
import { isItemKind, type ItemKind } from '../../item/itemKinds.ts'
import { isRecord, type Call } from '../../rpc/client/rpcClient.ts'
import type { SeenCopy } from './board.ts'
import type { Connection, Reading } from './peerBook.ts'

/** What a peer is asked about itself. */
export const READING_CALLS: readonly Call[] = [
  ['eth_getHeaderByNumber', ['latest']],
  ['txpool_status', []],
  ['gossip_mesh', []],
  ['gossip_peers', []],
]

/** From the answers to {@link READING_CALLS}, in their order. */
export function readingOf([header, pool, mesh, peers]: readonly unknown[]): Reading {
  const topics = recordsOf(mesh)
  const meshOf = (kind: ItemKind): string[] => {
    const topic = topics.find((one) => kindOfTopic(String(one['topic'])) === kind)
    return Array.isArray(topic?.['mesh']) ? topic['mesh'].map(String) : []
  }
  return {
    head: isRecord(header) ? numberOf(header['number']) : null,
    headHash: isRecord(header) ? String(header['hash']) : null,
    pending: isRecord(pool) ? numberOf(pool['pending']) : null,
    queued: isRecord(pool) ? numberOf(pool['queued']) : null,
    txMesh: meshOf('tx'),
    blockMesh: meshOf('block'),
    connections: recordsOf(peers).map(connectionOf),
  }
}

/** A batch of sightings, and where the next one begins. `lost` were overwritten before they were read. */
export interface SightingPage {
  readonly cursor: number
  readonly lost: number
  readonly copies: readonly SeenCopy[]
}

/** From an answer of `gossip_sightings`. */
export function sightingPageOf(answer: unknown): SightingPage | undefined {
  if (!isRecord(answer) || !Array.isArray(answer['sightings'])) return undefined
  return {
    cursor: Number(answer['cursor']),
    lost: Number(answer['lost']),
    copies: recordsOf(answer['sightings']).flatMap(copyOf),
  }
}

/** None where the peer names a kind that this version does not know. */
function copyOf(sighting: Record<string, unknown>): SeenCopy[] {
  const kind = sighting['kind']
  if (!isItemKind(kind)) return []
  const copy = {
    kind,
    hash: String(sighting['hash']),
    from: String(sighting['from']),
    receivedMs: Number(sighting['receivedMs']),
    judgedMs: Number(sighting['judgedMs']),
    action: String(sighting['action']),
    reason: String(sighting['reason']),
  }
  return [copy]
}

function connectionOf(peer: Record<string, unknown>): Connection {
  return {
    peerId: String(peer['peer']),
    direction: String(peer['direction']),
    score: numberOf(peer['score']),
    roundTripMs: numberOf(peer['roundTripMs']),
    client: typeof peer['client'] === 'string' ? peer['client'] : '',
  }
}

function recordsOf(answer: unknown): Record<string, unknown>[] {
  return Array.isArray(answer) ? answer.filter(isRecord) : []
}

function numberOf(value: unknown): number | null {
  if (typeof value !== 'number' && typeof value !== 'string') return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}
