import type { PeerConnection } from '../../gossip/network.ts'
import type { PeerState } from '../../sync/peerBook.ts'
import type { Timeline, TimelineFate } from '../../trace/timelines.ts'
import type { Sighting } from '../../trace/trace.ts'
import type { RpcContext } from '../context.ts'
import { quantity } from '../encode.ts'
import { refused } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import { RPC_LIMITS } from '../limits.ts'
import { defineMethod } from '../method.ts'
import { countKind, hashKind, optional, required } from '../params.ts'

export const gossipMethods = [
  defineMethod({
    name: 'gossip_timeline',
    params: [required('hash', hashKind)],
    result: 'timeline, or null',
    summary:
      'The whole story of a transaction or block on this node: first seen and from whom, duplicates, queue wait, validation time, verdict and reason, forwarded to, and its fates.',
    handler: ({ node }, hash) => {
      const timeline = timelinesOf(node).timeline(hash)
      return timeline === undefined ? null : timelineJson(timeline)
    },
  }),
  defineMethod({
    name: 'gossip_sightings',
    params: [optional('cursor', countKind), optional('limit', countKind)],
    result: 'object with cursor, lost and sightings',
    summary:
      'Every copy of every item, from a cursor on (0 at first, then the cursor of the last answer), for collectors.',
    handler: ({ node }, cursor, limit) => {
      const most = Math.min(limit ?? RPC_LIMITS.maxSightings, RPC_LIMITS.maxSightings)
      const batch = timelinesOf(node).sightings(cursor ?? 0, most)
      return {
        cursor: batch.cursor,
        lost: batch.lost,
        nowMs: node.clock.monotonicMs(),
        sightings: batch.sightings.map(sightingJson),
      }
    },
  }),
  defineMethod({
    name: 'gossip_peers',
    params: [],
    result:
      'list of objects with id, address, direction and, by status exchange, client, head, roundTripMs, clockOffsetMs',
    summary: 'Every connected peer: how it is connected, what its head is and what its clock says.',
    handler: ({ node }) => {
      const states = new Map(node.peerStates?.().map((state) => [state.peer, state]))
      return node.network.peers().map((peer) => peerJson(peer, states.get(peer.id)))
    },
  }),
  defineMethod({
    name: 'gossip_mesh',
    params: [],
    result: 'list of objects with topic, mesh and subscribers',
    summary: 'To whom each topic is pushed, and who else subscribes to it.',
    handler: ({ node }) =>
      node.network
        .mesh()
        .map(({ topic, mesh, subscribers }): Json => ({ topic, mesh, subscribers })),
  }),
  defineMethod({
    name: 'gossip_scores',
    params: [],
    result: 'list of objects with peer and score',
    summary: 'What the router thinks of each peer.',
    handler: ({ node }) => node.network.scores().map(({ peer, score }): Json => ({ peer, score })),
  }),
  defineMethod({
    name: 'gossip_counts',
    params: [],
    result: 'object of counters',
    summary: 'What this node counted: messages by topic and verdict, and more.',
    handler: ({ node }) => node.counts(),
  }),
  defineMethod({
    name: 'gossip_settings',
    params: [],
    result: 'object of settings',
    summary: 'The settings in force, limits included, secrets left out.',
    handler: ({ node }) => node.settings,
  }),
]

function timelinesOf({ timelines }: RpcContext): NonNullable<RpcContext['timelines']> {
  if (timelines !== undefined) return timelines
  throw refused('not-traced', 'this node does not trace: start it with --trace')
}

function peerJson({ id, address, direction }: PeerConnection, state?: PeerState): Json {
  if (state === undefined) return { id, address, direction }
  const { status, clock } = state
  return {
    id,
    address,
    direction,
    client: status.client,
    head: status.head,
    headNumber: quantity(status.headNumber),
    totalDifficulty: quantity(status.totalDifficulty),
    roundTripMs: clock.roundTripMs,
    clockOffsetMs: clock.offsetMs,
  }
}

function timelineJson(timeline: Timeline): JsonObject {
  const { firstSeen, verdict, reason, queueMs, validationMs } = timeline
  return {
    kind: timeline.kind,
    hash: timeline.hash,
    ...(firstSeen && { firstSeen: { ...firstSeen } }),
    ...(verdict !== undefined && { verdict }),
    ...(reason !== undefined && { reason }),
    ...(queueMs !== undefined && { queueMs }),
    ...(validationMs !== undefined && { validationMs }),
    duplicates: timeline.duplicates.map((copy) => ({ ...copy })),
    forwardedTo: timeline.forwardedTo.map((forward) => ({ ...forward })),
    fates: timeline.fates.map(fateJson),
    counts: { ...timeline.counts },
  }
}

function fateJson(fate: TimelineFate): Json {
  return { ...fate }
}

function sightingJson(sighting: Sighting): Json {
  return { ...sighting }
}
