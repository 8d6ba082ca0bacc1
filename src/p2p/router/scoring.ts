/**
 * How peers are scored (gossipsub v1.1, P1 to P7). The router's defaults punish nothing: a topic
 * that is not listed has no score at all, and the default of P3 punishes quiet peers. So every
 * topic is listed, with every number.
 *
 * - transactions: P4 (invalid messages) alone. Their rate is unpredictable, so P2 and P3 would be
 *   free or unfair.
 * - blocks: little for time in the mesh (P1) and for first deliveries (P2), much for invalid ones
 *   (P4).
 * - members: P4 alone, as for blocks.
 * - votes: P4 alone: few, and only signers have any to send.
 * - all: penalties for breaking the protocol (P7) and for many peers on one address (P6).
 */
import type { GossipsubOpts } from '@chainsafe/libp2p-gossipsub'
import type { Scoring } from '../../item/itemKinds.ts'
import type { Profile } from '../limits.ts'
import type { RouterParameters } from './routerDefaults.ts'
import type { TopicOptions } from './topics.ts'

/** The score parameters of gossipsub. */
export type ScoreParameters = GossipsubOpts['scoreParams']
/** The score thresholds of gossipsub. */
export type ScoreThresholds = GossipsubOpts['scoreThresholds']
type TopicScoreParameters = NonNullable<ScoreParameters['topics']>[string]

/**
 * Below gossip no IHAVE or IWANT, below publish no own messages, below graylist nothing is read
 * (Lotus).
 */
export const SCORE_THRESHOLDS = Object.freeze({
  gossipThreshold: -500,
  publishThreshold: -1000,
  graylistThreshold: -2500,
  acceptPXThreshold: 1_000_000,
  opportunisticGraftThreshold: 3.5,
}) satisfies ScoreThresholds

/** Addresses on which a devnet runs all its peers: 20 of them on one would graylist each other. */
export const LOOPBACK_ADDRESSES: readonly string[] = ['127.0.0.1', '::1']

/** A counter below this is taken as 0. */
const DECAY_TO_ZERO = 0.1
/** The router refuses to decay more often than once a second. */
const MIN_DECAY_INTERVAL_MS = 1000

/** Heartbeats until a counter has decayed to a hundredth. */
const DECAY_HEARTBEATS = { invalid: 600, firstDeliveries: 300, behaviour: 90 } as const

/** The parameters of all `topics` for one profile. */
export function scoreParameters(
  topics: readonly TopicOptions[],
  profile: Profile,
  router: RouterParameters,
): ScoreParameters {
  const decayIntervalMs = Math.max(MIN_DECAY_INTERVAL_MS, router.heartbeatMs)
  const decay = (heartbeats: number): number =>
    decayPerInterval(heartbeats * router.heartbeatMs, decayIntervalMs)
  return {
    topics: Object.fromEntries(topics.map((topic) => [topic.name, topicParameters(topic, decay)])),
    topicScoreCap: 50,
    appSpecificScore: () => 0,
    appSpecificWeight: 0,
    IPColocationFactorWeight: -100,
    IPColocationFactorThreshold: 5,
    IPColocationFactorWhitelist: new Set(profile === 'devnet' ? LOOPBACK_ADDRESSES : []),
    behaviourPenaltyWeight: -10,
    behaviourPenaltyThreshold: 6,
    behaviourPenaltyDecay: decay(DECAY_HEARTBEATS.behaviour),
    decayInterval: decayIntervalMs,
    decayToZero: DECAY_TO_ZERO,
    retainScore: 600_000,
  }
}

/** The factor that, applied every `intervalMs`, leaves a hundredth after `ms`. */
function decayPerInterval(ms: number, intervalMs: number): number {
  return 0.01 ** (1 / Math.max(1, ms / intervalMs))
}

function topicParameters(
  topic: TopicOptions,
  decay: (heartbeats: number) => number,
): TopicScoreParameters {
  const own = WEIGHTS[topic.scoring]
  return {
    ...own,
    topicWeight: 1,
    timeInMeshQuantum: 12_000,
    timeInMeshCap: 300,
    firstMessageDeliveriesDecay: decay(DECAY_HEARTBEATS.firstDeliveries),
    firstMessageDeliveriesCap: 25,
    invalidMessageDeliveriesDecay: decay(DECAY_HEARTBEATS.invalid),
    ...MESH_DELIVERIES_OFF,
  }
}

/** 12 rejects graylist, 11 do not: 20 x 12^2 = 2,880. */
const TRANSACTION_WEIGHTS = {
  timeInMeshWeight: 0,
  firstMessageDeliveriesWeight: 0,
  invalidMessageDeliveriesWeight: -20,
} as const

/** P1 adds at most 8, P2 at most 25; 6 rejects graylist, 5 do not. */
const BLOCK_WEIGHTS = {
  timeInMeshWeight: 8 / 300,
  firstMessageDeliveriesWeight: 1,
  invalidMessageDeliveriesWeight: -99,
} as const

/**
 * A wrong signature is no accident: 6 rejects graylist. News is rare, so who brings it first earns
 * nothing.
 */
const MEMBER_WEIGHTS = {
  timeInMeshWeight: 0,
  firstMessageDeliveriesWeight: 0,
  invalidMessageDeliveriesWeight: -99,
} as const
/** As for transactions: 12 invalid votes graylist. */
const VOTE_WEIGHTS = TRANSACTION_WEIGHTS

/** By what a row of the table of kinds names. */
const WEIGHTS = {
  transactions: TRANSACTION_WEIGHTS,
  blocks: BLOCK_WEIGHTS,
  members: MEMBER_WEIGHTS,
  votes: VOTE_WEIGHTS,
} as const satisfies Readonly<Record<Scoring, object>>

/** P3 and P3b off: on a small or quiet network honest peers miss any threshold (Lotus, Aztec). */
const MESH_DELIVERIES_OFF = {
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesDecay: 0.5,
  meshMessageDeliveriesCap: 1,
  meshMessageDeliveriesThreshold: 1,
  meshMessageDeliveriesWindow: 1000,
  meshMessageDeliveriesActivation: 5000,
  meshFailurePenaltyWeight: 0,
  meshFailurePenaltyDecay: 0.5,
} as const
