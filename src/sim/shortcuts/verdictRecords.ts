/**
 * What a router's score does for each message, on the columns of all routers: notes verdicts, and
 * makes those pay who sent what was invalid (P4). Deliveries after the first count for nobody.
 */
import { RejectReason } from '@chainsafe/libp2p-gossipsub/types'
import type { InnerScore } from './innerRouter.ts'
import { VERDICTS, type NodeVerdicts } from './verdictColumns.ts'

/** A score whose records of messages are the columns. */
export type ColumnScore = InnerScore & { deliveryRecords: NodeVerdicts }

/**
 * The score's own methods for messages, on columns.
 *
 * @param first counts a first delivery.
 */
export function recordMethods(
  first: (score: ColumnScore, from: string, topic: string) => void,
): Readonly<Record<string, unknown>> {
  return {
    messageFirstSeenTimestampMs: () => null,

    validateMessage(this: ColumnScore, id: string): void {
      verdictOn(this, id)
    },

    deliverMessage(this: ColumnScore, from: string, id: string, topic: string): void {
      first(this, from, topic)
      if (verdictOn(this, id) !== VERDICTS.unknown) return
      this.deliveryRecords.takeSenders(id)
      this.deliveryRecords.set(id, VERDICTS.valid)
    },

    duplicateMessage(this: ColumnScore, from: string, id: string, topic: string): void {
      const verdict = verdictOn(this, id)
      if (verdict === VERDICTS.unknown) this.deliveryRecords.noteSender(id, from)
      else if (verdict === VERDICTS.invalid) this.markInvalidMessageDelivery(from, topic)
    },

    rejectMessage(
      this: ColumnScore,
      from: string,
      id: string,
      topic: string,
      reason: RejectReason,
    ): void {
      if (reason === RejectReason.Error) this.markInvalidMessageDelivery(from, topic)
      if (reason === RejectReason.Error || reason === RejectReason.Blacklisted) return
      if (verdictOn(this, id) !== VERDICTS.unknown) return
      const senders = this.deliveryRecords.takeSenders(id)
      this.deliveryRecords.set(
        id,
        reason === RejectReason.Ignore ? VERDICTS.ignored : VERDICTS.invalid,
      )
      if (reason === RejectReason.Ignore) return
      this.markInvalidMessageDelivery(from, topic)
      for (const peer of senders) this.markInvalidMessageDelivery(peer, topic)
    },
  }
}

/** Makes the record where there is none. */
function verdictOn({ deliveryRecords }: ColumnScore, id: string): number {
  const verdict = deliveryRecords.get(id)
  if (verdict !== 0) return verdict
  deliveryRecords.set(id, VERDICTS.unknown)
  return VERDICTS.unknown
}
