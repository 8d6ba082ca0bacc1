/**
 * The options of the gossipsub router, each named and given: nothing is left to a default of the
 * library.
 */
import { minOf } from '../../lib/extremes.ts'
import {
  gossipsub,
  StrictNoSign,
  type GossipSub,
  type GossipSubComponents,
  type GossipsubOpts,
} from '@chainsafe/libp2p-gossipsub'
import type { LimitValues, Profile } from '../limits.ts'
import { idText, type MessageIds } from './messageIds.ts'
import type { GossipMetrics } from '../metrics.ts'
import type { RouterParameters } from './routerDefaults.ts'
import { SCORE_THRESHOLDS, scoreParameters } from './scoring.ts'
import type { TopicOptions } from './topics.ts'

/** What the options of gossipsub are made from. */
export interface RouterOptions {
  readonly topics: readonly TopicOptions[]
  readonly profile: Profile
  readonly limits: LimitValues
  readonly parameters: RouterParameters
  readonly metrics?: GossipMetrics
}

/** Builds the router. */
export function createRouter(
  options: RouterOptions,
  ids: MessageIds,
): (components: GossipSubComponents) => GossipSub {
  return gossipsub({
    ...overlayOptions(options.parameters),
    ...boundOptions(options),
    ...metricOptions(options.metrics),
    globalSignaturePolicy: StrictNoSign,
    fallbackToFloodsub: false,
    asyncValidation: true,
    // Without it one mutable frame is shared by all recipients and control messages of one peer
    // reach another.
    batchPublish: true,
    // Named per publish, by topic.
    floodPublish: false,
    allowPublishToZeroTopicPeers: false,
    ignoreDuplicatePublishError: false,
    emitSelf: false,
    doPX: false,
    tagMeshPeers: true,
    runOnLimitedConnection: false,
    directPeers: [],
    msgIdFn: (message) => ids.of(message.topic, message.data),
    msgIdToStrFn: idText,
    scoreParams: scoreParameters(options.topics, options.profile, options.parameters),
    scoreThresholds: { ...SCORE_THRESHOLDS },
  })
}

function overlayOptions(parameters: RouterParameters): Partial<GossipsubOpts> {
  const { D, Dlo, Dhi, Dlazy, Dscore, Dout } = parameters
  return {
    D,
    Dlo,
    Dhi,
    Dlazy,
    Dscore,
    Dout,
    heartbeatInterval: parameters.heartbeatMs,
    fanoutTTL: parameters.fanoutTtlMs,
    mcacheLength: parameters.mcacheHeartbeats,
    mcacheGossip: parameters.mcacheGossipHeartbeats,
    seenTTL: parameters.seenMs,
    gossipFactor: parameters.gossipFactor,
    gossipsubIWantFollowupMs: parameters.iwantFollowupMs,
    pruneBackoff: parameters.pruneBackoffMs,
    unsubcribeBackoff: parameters.unsubscribeBackoffMs,
    graftFloodThreshold: parameters.graftFloodThresholdMs,
    opportunisticGraftPeers: parameters.opportunisticGraftPeers,
    opportunisticGraftTicks: parameters.opportunisticGraftHeartbeats,
    directConnectTicks: 300,
  }
}

function boundOptions({ topics, limits }: RouterOptions): Partial<GossipsubOpts> {
  return {
    allowedTopics: topics.map((topic) => topic.name),
    maxTopicBytesPerPeer: limits.gossipTopicBytesPerPeer,
    maxInboundStreams: limits.gossipStreams,
    maxOutboundStreams: limits.gossipStreams,
    maxInboundDataLength: limits.gossipMaxFrameBytes,
    maxOutboundBufferSize: limits.gossipMaxOutboundBytes,
    // The router knows one size for all topics: the smallest; `routerHooks.ts` holds back the rest
    // by topic.
    idontwantMinDataSize: minOf(topics.map((topic) => topic.idontwantMinBytes)),
    idontwantMaxMessages: limits.gossipMaxIdontwantIds,
    prunePeers: limits.gossipMaxPeerInfos,
    decodeRpcLimits: {
      maxSubscriptions: limits.gossipMaxSubscriptions,
      maxMessages: limits.gossipMaxMessages,
      maxIhaveMessageIDs: limits.gossipMaxIds,
      maxIwantMessageIDs: limits.gossipMaxIds,
      maxIdontwantMessageIDs: limits.gossipMaxIdontwantIds,
      maxControlMessages: limits.gossipMaxControls,
      maxPeerInfos: limits.gossipMaxPeerInfos,
    },
  }
}

function metricOptions(metrics: GossipMetrics | undefined): Partial<GossipsubOpts> {
  if (metrics === undefined) return {}
  return { metricsRegister: metrics.register, metricsTopicStrToLabel: metrics.topicLabels }
}
