/**
 * Scores are 0 without looking as long as nobody has been penalised.
 *
 * Where time in the mesh and deliveries have no weight (P1 to P3b; so it is for transactions), a
 * score is moved only by invalid messages (P4), by many peers on one address (P6) and by broken
 * rules (P7). Until the first of them a router computes, caches and decays nothing, and counters
 * without weight are not kept at all. From the first penalty on the router's own arithmetic is
 * used, and the counters that matter are what they would be. Its caches of scores (700 ms) and of
 * peers that need no look (1 s) begin empty then, so that a penalty may count a little earlier.
 */
import type { InnerRouter, InnerScore, PeerStats, TopicStats } from './innerRouter.ts'
import { NO_ADDRESSES } from './leanScores.ts'
import { recordMethods, type ColumnScore } from './verdictRecords.ts'

/** Whether no topic gives or takes points for time in the mesh or for deliveries. */
export function isWithoutDeliveryWeights({ params }: InnerScore): boolean {
  return Object.values(params.topics).every(
    (topic) =>
      topic.timeInMeshWeight === 0 &&
      topic.firstMessageDeliveriesWeight === 0 &&
      topic.meshMessageDeliveriesWeight === 0 &&
      topic.meshFailurePenaltyWeight === 0,
  )
}

/**
 * What takes the place of the methods of the class, which are given; records must be
 * {@link NodeVerdicts}.
 */
export function lazyScoreMethods(own: InnerScore): Readonly<Record<string, unknown>> {
  return {
    ...readingMethods({ ...methodsOf(own) }),
    ...penaltyMethods({ ...methodsOf(own) }),
    // First deliveries have no weight.
    ...recordMethods(() => {}),
  }
}

/** The same for the router: nobody is turned away by a score of 0. */
export function lazyAcceptance({ acceptFrom }: InnerRouter): Readonly<Record<string, unknown>> {
  return {
    acceptFrom(this: InnerRouter, peer: string): boolean {
      return this.score.isClean === true || acceptFrom.call(this, peer)
    },
  }
}

type Own = Pick<
  InnerScore,
  'score' | 'refreshScores' | 'removePeer' | 'addIP' | 'addPenalty' | 'markInvalidMessageDelivery'
>

/** As they are before they are replaced. */
function methodsOf(score: InnerScore): Own {
  const {
    score: value,
    refreshScores,
    removePeer,
    addIP,
    addPenalty,
    markInvalidMessageDelivery,
  } = score
  return { score: value, refreshScores, removePeer, addIP, addPenalty, markInvalidMessageDelivery }
}

function readingMethods(own: Own) {
  return {
    score(this: ColumnScore, peer: string): number {
      return this.isClean ? 0 : own.score.call(this, peer)
    },
    refreshScores(this: ColumnScore): void {
      if (!this.isClean || this.hasRetained) own.refreshScores.call(this)
    },
    removePeer(this: ColumnScore, peer: string): void {
      this.hasRetained = true
      own.removePeer.call(this, peer)
    },
    addPeer(this: ColumnScore, peer: string): void {
      const stats = { connected: true, expire: 0, topics: NO_TOPICS, knownIPs: NO_ADDRESSES }
      this.peerStats.set(peer, { ...stats, behaviourPenalty: 0 })
    },
    getPtopicStats(this: ColumnScore, stats: PeerStats, topic: string): TopicStats | null {
      const known = stats.topics[topic]
      if (known !== undefined) return known
      if (this.params.topics[topic] === undefined) return null
      const made = freshTopic()
      stats.topics = { ...stats.topics, [topic]: made }
      return made
    },
    // What has no weight is not counted.
    graft: () => {},
    prune: () => {},
  }
}

function penaltyMethods(own: Own) {
  return {
    addIP(this: ColumnScore, peer: string, address: string): void {
      const stats = this.peerStats.get(peer)
      if (stats?.knownIPs === NO_ADDRESSES) stats.knownIPs = new Set()
      own.addIP.call(this, peer, address)
      const here = this.peerIPs.get(address)?.size ?? 0
      if (here > this.params.IPColocationFactorThreshold) this.isClean = false
    },
    addPenalty(this: ColumnScore, peer: string, penalty: number, label: string): void {
      this.isClean = false
      own.addPenalty.call(this, peer, penalty, label)
    },
    markInvalidMessageDelivery(this: ColumnScore, from: string, topic: string): void {
      this.isClean = false
      own.markInvalidMessageDelivery.call(this, from, topic)
    },
  }
}

/** Shared by all peers of whom there is nothing to note. */
const NO_TOPICS: Record<string, TopicStats> = {}

function freshTopic(): TopicStats {
  return {
    inMesh: false,
    graftTime: 0,
    meshTime: 0,
    firstMessageDeliveries: 0,
    meshMessageDeliveries: 0,
    meshMessageDeliveriesActive: false,
    meshFailurePenalty: 0,
    invalidMessageDeliveries: 0,
  }
}
