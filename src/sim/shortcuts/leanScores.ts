/**
 * A router's score counts what can move a score and nothing else: no time in the mesh, no first
 * deliveries of a topic where they have no weight. What it knows of messages is kept in columns of
 * all routers together; who delivered a message again counts for nobody where no topic rewards
 * deliveries in the mesh (P3), so it is kept only until the message has its verdict, for P4.
 */
import type { InnerScore, TopicWeights } from './innerRouter.ts'
import { recordMethods, type ColumnScore } from './verdictRecords.ts'

/** Whether no topic gives or takes points for deliveries in the mesh. */
export function isWithoutMeshDeliveries({ params }: InnerScore): boolean {
  return Object.values(params.topics).every(
    (topic) => topic.meshMessageDeliveriesWeight === 0 && topic.meshFailurePenaltyWeight === 0,
  )
}

/** Shared by all peers of whom no address is known. */
export const NO_ADDRESSES = new Set<string>()

/**
 * What takes the place of the methods of the class, which are given; records must be those of
 * columns.
 */
export function leanScoreMethods(own: InnerScore): Readonly<Record<string, unknown>> {
  const { graft, prune, markFirstMessageDelivery, addPeer, addIP } = own
  const ofWeight = (
    counts: (topic: TopicWeights) => boolean,
    method: (peer: string, topic: string) => void,
  ) =>
    function (this: ColumnScore, peer: string, topic: string): void {
      const weights = this.params.topics[topic]
      if (weights !== undefined && counts(weights)) method.call(this, peer, topic)
    }
  const isTimed = ({ timeInMeshWeight }: TopicWeights): boolean => timeInMeshWeight !== 0
  const isFirstCounted = ({ firstMessageDeliveriesWeight }: TopicWeights): boolean =>
    firstMessageDeliveriesWeight !== 0
  return {
    ...recordMethods((score, from, topic) => score.markFirstMessageDelivery(from, topic)),
    addPeer(this: ColumnScore, peer: string): void {
      addPeer.call(this, peer)
      const stats = this.peerStats.get(peer)
      if (stats !== undefined) stats.knownIPs = NO_ADDRESSES
    },
    addIP(this: ColumnScore, peer: string, address: string): void {
      const stats = this.peerStats.get(peer)
      if (stats?.knownIPs === NO_ADDRESSES) stats.knownIPs = new Set()
      addIP.call(this, peer, address)
    },
    graft: ofWeight(isTimed, graft),
    prune: ofWeight(isTimed, prune),
    markFirstMessageDelivery: ofWeight(isFirstCounted, markFirstMessageDelivery),
  }
}
