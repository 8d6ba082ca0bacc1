/** The node's own series, as data: name, help, and how each is read when it is asked for. */
import { allVerdictRules } from '../gossip/rules/verdictTable.ts'
import { KINDS } from '../item/itemKinds.ts'
import type { Aggregation } from '../aggregate/aggregation.ts'
import type { Chain } from '../chain/chain.ts'
import type { DatabaseStatus } from '../chain/store/database.ts'
import type { Verifier } from '../crypto/verifier.ts'
import type { Finality } from '../finality/finality.ts'
import type { Network } from '../gossip/network.ts'
import type { Relay } from '../gossip/relay.ts'
import type { Membership } from '../membership/membership.ts'
import type { Mempool } from '../mempool/mempool.ts'
import type { Search } from '../search/search.ts'
import type { Sync } from '../sync/sync.ts'
import { NO_SPANS, type SpanCounts } from '../telemetry/spanQueue.ts'
import { coverageReading, latencyReading } from './networkFigures.ts'
import type { OpenedJournal } from './openJournal.ts'
import type { OwnTransactions } from './ownTransactions.ts'

/**
 * Values of one series by the values of its labels, joined with a comma in the order of `labels`.
 */
type Reading = Readonly<Record<string, number>>

/** The parts of a node that its series are read from. */
export interface MeasuredNode {
  readonly parts: {
    readonly network: Network
    readonly verifier: Verifier
    readonly storeStatus?: () => DatabaseStatus | undefined
    readonly journal?: OpenedJournal | undefined
    readonly spanCounts?: (() => SpanCounts) | undefined
  }
  readonly chain: Chain
  readonly finality: Finality
  readonly mempool: Mempool
  readonly relay: Relay
  readonly sync: Sync
  readonly own: OwnTransactions
  readonly members: Membership
  readonly aggregation: Aggregation
  readonly search: Search
}

/** One series of the node. */
export interface Series {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly read: (node: MeasuredNode) => Reading
}

/**
 * Every answer that there is, at zero: a series that begins with its first event has no rate of
 * that event.
 */
const NO_MESSAGES: readonly (readonly [string, number])[] = [
  ...KINDS.map((kind) => [`${kind},accept,`, 0] as const),
  ...allVerdictRules().map(
    ({ topic, action, reason }) => [`${topic},${action},${reason}`, 0] as const,
  ),
]

/** All series of the node. */
export const NODE_SERIES: readonly Series[] = [
  {
    name: 'grapevine_messages_total',
    help: 'Messages judged, by topic, action and reason',
    labels: ['topic', 'action', 'reason'],
    read: ({ relay }) =>
      Object.fromEntries([
        ...NO_MESSAGES,
        ...relay
          .counts()
          .map(
            ({ topic, action, reason, count }) => [`${topic},${action},${reason}`, count] as const,
          ),
      ]),
  },
  {
    name: 'grapevine_pool_transactions',
    help: 'Transactions in the pool, by state',
    labels: ['state'],
    read: ({ mempool }) => ({ pending: mempool.pendingCount, queued: mempool.queuedCount }),
  },
  {
    name: 'grapevine_own_transactions',
    help: 'Own transactions that are not in a final block: all of them, and those that have not reached a peer',
    labels: ['state'],
    read: ({ own }) => ({ kept: own.txs.count, unpublished: own.txs.unpublishedCount }),
  },
  {
    name: 'grapevine_store_writable',
    help: 'Whether the store on disk is writable, by part: 1, or 0 after the first failure',
    labels: ['part'],
    read: ({ parts }) => {
      const [chain, journal] = [parts.storeStatus?.(), parts.journal?.journal.status]
      return {
        ...(chain && { chain: Number(chain.isWritable) }),
        ...(journal && { journal: Number(journal.isWritable) }),
      }
    },
  },
  {
    name: 'grapevine_store_waiting_bytes',
    help: 'Bytes of the chain that wait to be written to disk',
    labels: [],
    read: ({ parts }) => ({ '': parts.storeStatus?.()?.waitingBytes ?? 0 }),
  },
  {
    name: 'grapevine_store_damaged_reads',
    help: 'Reads that found a damaged record on disk',
    labels: [],
    read: ({ parts }) => ({ '': parts.storeStatus?.()?.damagedReads ?? 0 }),
  },
  {
    name: 'grapevine_head_number',
    help: 'Number of the head of the chain',
    labels: [],
    read: ({ chain }) => ({ '': Number(chain.head.header.number) }),
  },
  {
    name: 'grapevine_justified_number',
    help: 'Number of the highest justified block',
    labels: [],
    read: ({ finality }) => ({ '': Number(finality.settled.justified.number) }),
  },
  {
    name: 'grapevine_finalized_number',
    help: 'Number of the highest final block',
    labels: [],
    read: ({ finality }) => ({ '': Number(finality.settled.finalized.number) }),
  },
  {
    name: 'grapevine_votes_seen_total',
    help: 'Votes of signers that were new to this node',
    labels: [],
    read: ({ finality }) => ({ '': finality.votesSeen }),
  },
  {
    name: 'grapevine_vote_evidence',
    help: 'Pairs of votes in which a signer contradicts itself',
    labels: [],
    read: ({ finality }) => ({ '': finality.evidence.count }),
  },
  {
    name: 'grapevine_time_to_finality_ms',
    help: 'From a block on the chain of this node to its finality, of the newest blocks, by quantile; 0 before the first is final',
    labels: ['quantile'],
    read: ({ finality }) => {
      const { p50Ms = 0, p99Ms = 0 } = finality.times.quantiles() ?? {}
      return { '0.5': p50Ms, '0.99': p99Ms }
    },
  },
  {
    name: 'grapevine_base_fee_wei',
    help: 'Base fee of the next block, wei per gas',
    labels: [],
    read: ({ chain }) => ({ '': Number(chain.nextBaseFee() ?? 0n) }),
  },
  {
    name: 'grapevine_held_blocks',
    help: 'Blocks that wait for their parent',
    labels: [],
    read: ({ sync }) => ({ '': sync.held.count }),
  },
  {
    name: 'grapevine_reconciliation_sessions_total',
    help: 'Completed pool comparisons with peers, by which side asked',
    labels: ['led'],
    read: ({ sync }) => {
      const { ledHere, ledThere } = sync.reconciliationCounts()
      return { here: ledHere, there: ledThere }
    },
  },
  {
    name: 'grapevine_reconciliation_transactions_total',
    help: 'Transactions that pool comparisons found missing: here (then fetched), or at the peer (then named to it)',
    labels: ['direction'],
    read: ({ sync }) => {
      const { taken, given } = sync.reconciliationCounts()
      return { taken, given }
    },
  },
  {
    name: 'grapevine_reconciliation_bytes_total',
    help: 'Bytes of pool comparisons, without the transactions fetched for them',
    labels: ['direction'],
    read: ({ sync }) => {
      const { sentBytes, receivedBytes } = sync.reconciliationCounts()
      return { sent: sentBytes, received: receivedBytes }
    },
  },
  {
    name: 'grapevine_members',
    help: 'Members of the network as this node holds them, by state',
    labels: ['state'],
    read: ({ members }) => members.members.list.counts,
  },
  {
    name: 'grapevine_member_suspicions_total',
    help: 'Suspicions of members: begun, refuted by the member (false ones), ended by its death, and deaths it returned from',
    labels: ['event'],
    read: ({ members }) => {
      const { suspicions, refuted, deaths, returned } = members.counts
      return { begun: suspicions, refuted, dead: deaths, returned }
    },
  },
  {
    name: 'grapevine_member_detection_ms_total',
    help: 'Time from when members were last heard until they were dead here, ms; by the deaths it is the mean',
    labels: [],
    read: ({ members }) => ({ '': members.counts.detectionMs }),
  },
  {
    name: 'grapevine_member_probes_total',
    help: 'Turns to probe a neighbour: sent, spared since it was heard, asked of others, without any answer',
    labels: ['kind'],
    read: ({ members }) => {
      const { sent, spared, indirect, unanswered } = members.probeCounts
      return { sent, spared, indirect, unanswered }
    },
  },
  {
    name: 'grapevine_member_health',
    help: 'How slow this node takes itself for: 0 is well, 8 the worst',
    labels: [],
    read: ({ members }) => ({ '': members.health.score }),
  },
  {
    name: 'grapevine_verifier_requests',
    help: 'Signature recoveries: waiting by lane, in the worker, done',
    labels: ['state'],
    read: ({ parts }) => {
      const { queued, inFlight, recovered } = parts.verifier.stats()
      return {
        waiting_block: queued.block,
        waiting_transaction: queued.transaction,
        in_flight: inFlight,
        recovered,
      }
    },
  },
  {
    name: 'grapevine_aggregate_epochs_total',
    help: 'Epochs of aggregation that this node began or joined; none at rest',
    labels: ['how'],
    read: ({ aggregation }) => {
      const { begun, joined } = aggregation.counts
      return { begun, joined }
    },
  },
  {
    name: 'grapevine_aggregate_exchanges_total',
    help: 'Exchanges of aggregation that this node asked for, by how they ended',
    labels: ['result'],
    read: ({ aggregation }) => {
      const { exchanged, later, lost } = aggregation.counts
      return { exchanged, later, lost }
    },
  },
  {
    name: 'grapevine_network_latency_ms',
    help: 'Latency over all nodes, without a collector, by the last answer of the network; NaN where nobody has asked for two minutes (--ask-interval-s)',
    labels: ['kind', 'quantile'],
    read: ({ aggregation }) => latencyReading(aggregation),
  },
  {
    name: 'grapevine_network_coverage',
    help: 'Share of nodes and items of the last minute where the item arrived, by the last answer of the network; NaN where nobody has asked for two minutes',
    labels: ['kind'],
    read: ({ aggregation }) => coverageReading(aggregation),
  },
  {
    name: 'grapevine_searches_total',
    help: 'Searches that this node asked, and queries of others that it took part in',
    labels: ['how'],
    read: ({ search }) => ({ asked: search.counts.asked, joined: search.counts.joined }),
  },
  {
    name: 'grapevine_search_refusals_total',
    help: 'Queries of others in which this node took no part, by reason',
    labels: ['reason'],
    read: ({ search }) => search.counts.refused,
  },
  {
    name: 'grapevine_search_exchanges_total',
    help: 'Exchanges of searches that this node asked for, by how they ended',
    labels: ['result'],
    read: ({ search }) => ({ exchanged: search.counts.exchanged, failed: search.counts.failed }),
  },
  {
    name: 'grapevine_search_bytes_total',
    help: 'Bytes of searches, requests and answers together',
    labels: ['direction'],
    read: ({ search }) => ({
      sent: search.counts.sentBytes,
      received: search.counts.receivedBytes,
    }),
  },
  {
    name: 'grapevine_spans_total',
    help: 'Spans for the collector of OpenTelemetry, by what became of them: sent, refused by it, dropped here',
    labels: ['result'],
    read: ({ parts }) => {
      const { sent, refused, dropped } = parts.spanCounts?.() ?? NO_SPANS
      return { sent, refused, dropped }
    },
  },
  {
    name: 'grapevine_span_failures_total',
    help: 'Requests with spans that the collector of OpenTelemetry did not take',
    labels: [],
    read: ({ parts }) => ({ '': parts.spanCounts?.().failures ?? 0 }),
  },
  {
    name: 'grapevine_peer_clock_offset_ms',
    help: "Each peer's monotonic clock minus ours, from the status exchange",
    labels: ['peer'],
    read: ({ sync }) =>
      Object.fromEntries(sync.book.all().map(({ peer, clock }) => [peer, clock.offsetMs])),
  },
  {
    name: 'grapevine_peer_round_trip_ms',
    help: 'Smallest recent round trip of the status exchange',
    labels: ['peer'],
    read: ({ sync }) =>
      Object.fromEntries(sync.book.all().map(({ peer, clock }) => [peer, clock.roundTripMs])),
  },
]
