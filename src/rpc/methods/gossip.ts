import { cryptoPaths } from '../../crypto/paths.ts'
import { loadPerCore, machineReport } from '../../lib/machineClock.ts'
import type { PeerConnection } from '../../gossip/network.ts'
import type { PeerStatus } from '../../sync/status/peerBook.ts'
import type { SetComparison } from '../../sync/reconcile/comparisons.ts'
import type { Timeline, TimelineFate } from '../../trace/timelines.ts'
import type { Sighting } from '../../trace/trace.ts'
import type { RpcContext } from '../context.ts'
import { quantity } from '../encode/encode.ts'
import { refused } from '../errors.ts'
import type { Json, JsonObject } from '../server/json.ts'
import { RPC_LIMITS } from '../limits.ts'
import { defineMethod } from '../method.ts'
import { countKind, hashKind, optional, required } from '../params.ts'

/** Hashes that gossip_inSync shows of each side. */
const DEFAULT_SAMPLES = 8

/** The `gossip_` methods: how items spread, as this node saw it. */
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
      'list of objects with peer, address, direction, score and, by status exchange, client, head, headNumber, totalDifficulty, roundTripMs, clockOffsetMs',
    summary:
      'Every connected peer: how it is connected, what the router thinks of it, what its head is and what its clock says.',
    handler: ({ node }) => {
      const states = new Map(node.peerStates?.().map((state) => [state.peer, state]))
      const scores = new Map(node.network.scores().map(({ peer, score }) => [peer, score]))
      return node.network
        .peers()
        .map((peer) => peerJson(peer, scores.get(peer.id), states.get(peer.id)))
    },
  }),
  defineMethod({
    name: 'gossip_clock',
    params: [],
    result: 'object with peer, id and nowMs',
    summary:
      'The clock that stamps the sightings of this peer: nodes with the same id read the same one (they share a machine), and nowMs is what it says.',
    handler: ({ node }) => ({
      peer: node.network.self,
      id: node.clockId,
      nowMs: node.clock.monotonicMs(),
    }),
  }),
  defineMethod({
    name: 'gossip_host',
    params: [],
    result: 'object with client, machine, loadPerCore and crypto',
    summary:
      'What this node runs on: program, machine, processes of it that wanted a core over the last minute, per core, and the implementations that hash and recover signatures. For reports on nodes of several machines.',
    handler: ({ node }) => ({
      client: node.clientVersion,
      machine: { ...machineReport() },
      loadPerCore: loadPerCore(),
      crypto: { ...cryptoPaths() },
    }),
  }),
  defineMethod({
    name: 'gossip_clockSamples',
    params: [],
    result: 'list of objects with peer and samples; a sample is [atMs, offsetMs, roundTripMs]',
    summary:
      "What the last status exchanges said of each peer's clock: when by this node's clock, how far the peer's was ahead, and the round trip, half of which bounds the error.",
    handler: ({ node }) => (node.peerStates?.() ?? []).map(clockSamplesJson),
  }),
  defineMethod({
    name: 'gossip_inSync',
    params: [optional('samples', countKind)],
    result:
      'list of objects with peer, comparedAtMs, led, membersHere, membersThere, missingHere, missingThere, samplesHere, samplesThere, sentBytes, receivedBytes and roundTrips; comparedAtMs is null where no comparison has taken place yet',
    summary:
      'Per peer, how many transactions were in one pool and not in the other when the two were last compared, with up to some sample hashes each (8 unless told, 64 at most), and what the comparison cost. What was missing has been sent since.',
    handler: ({ node }, samples) => {
      const comparisons = new Map(node.poolComparisons?.().map((one) => [one.peer, one]))
      return node.network
        .peers()
        .map(({ id }) => comparisonJson(id, comparisons.get(id), samples ?? DEFAULT_SAMPLES))
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
    summary: 'The settings in force, secrets left out.',
    handler: ({ node }) => node.settings,
  }),
]

function clockSamplesJson({ peer, clockSamples }: PeerStatus): Json {
  const samples = clockSamples.map(({ atMs, offsetMs, roundTripMs }) => [
    atMs,
    offsetMs,
    roundTripMs,
  ])
  return { peer, samples }
}

function timelinesOf({ timelines }: RpcContext): NonNullable<RpcContext['timelines']> {
  if (timelines !== undefined) return timelines
  throw refused('not-traced', 'this node does not trace: start it with --trace')
}

function comparisonJson(
  peer: PeerConnection['id'],
  comparison: SetComparison | undefined,
  samples: number,
): Json {
  if (comparison === undefined) return { peer, comparedAtMs: null }
  const { atMs, samplesHere, samplesThere, ...rest } = comparison
  return {
    ...rest,
    comparedAtMs: atMs,
    samplesHere: samplesHere.slice(0, samples),
    samplesThere: samplesThere.slice(0, samples),
  }
}

/**
 * A peer without a score is not in the router yet; one without a state has not given its status.
 */
function peerJson(
  { id, address, direction }: PeerConnection,
  score: number | undefined,
  state: PeerStatus | undefined,
): Json {
  const connection = { peer: id, address, direction, score: score ?? null }
  if (state === undefined) return connection
  const { status, clock } = state
  return {
    ...connection,
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
