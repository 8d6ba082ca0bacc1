/**
 * How much memory a simulation takes, estimated before it starts: one that does not fit is refused,
 * and not begun.
 */
import { UserError } from '../lib/userError.ts'
import type { Topology } from '../scenario/topologySchema.ts'
import type { Scenario } from '../scenario/scenarioSchema.ts'
import type { EngineName } from './engines/engineNames.ts'
import { FOLLOWED_KINDS } from '../item/itemKinds.ts'
import { REPORT_BYTES_PER_COPY } from './heapWatch.ts'
import { MAX_LATER_COPIES } from './record/keptRows.ts'

/** Bytes that a simulation takes at its peak, by what it is made of. */
export interface MemoryCosts {
  /** The program itself. */
  readonly base: number
  readonly perNode: number
  /** Both directions of a link. */
  readonly perLink: number
  /** One item at one node: what is remembered and recorded of it. */
  readonly perDelivery: number
  /** A further thread: the program again, and what it keeps of each node of the others. */
  readonly thread?: { readonly base: number; readonly perNode: number }
}

/**
 * Copies of an item that reach a node after the first: 4 to 5 were measured with 10 links and D =
 * 8.
 */
const LATER_PER_DELIVERY = 5

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB

/**
 * Fitted to measured peaks (VmHWM, x86-64, Node 20, 10 links a node). Routers: 264 MiB with 600,
 * 473 MiB with 2,000 and 50 messages, 1,056 MiB with 25,000 and 8 messages, 1,650 MiB with 25,000
 * and 50 messages where 620 MiB of heap were in use. Whole nodes: 911 MiB with 2,000 at their
 * start, 872 MiB with 1,000 and 50 items, both with a profiler running; larger networks of them
 * were not measured. A second thread took 105 MB with 40 whole nodes and 183 MB with 500.
 */
export const MEMORY_COSTS: Readonly<Record<EngineName, MemoryCosts>> = Object.freeze({
  router: {
    base: 400 * MIB,
    perNode: 16 * KIB,
    perLink: 3 * KIB,
    perDelivery: 150,
    thread: { base: 150 * MIB, perNode: 6 * KIB },
  },
  node: {
    base: 450 * MIB,
    perNode: 240 * KIB,
    perLink: 12 * KIB,
    perDelivery: 2000,
    thread: { base: 120 * MIB, perNode: 100 * KIB },
  },
})

/** What of the available memory one simulation may take. */
const USABLE_SHARE = 0.9

/**
 * Bytes that a scenario takes at its peak: the network, or the report that is made when the network
 * is gone.
 */
export function estimateBytes(scenario: Scenario, engine: EngineName, threads = 1): number {
  const { base, perNode, perLink, perDelivery, thread } = MEMORY_COSTS[engine]
  const { nodes, topology } = scenario
  const deliveries = itemsOf(scenario, engine) * nodes
  const networkBytes =
    nodes * perNode + linksOf(topology, nodes) * perLink + deliveries * perDelivery
  const later = Math.min(deliveries * LATER_PER_DELIVERY, FOLLOWED_KINDS.length * MAX_LATER_COPIES)
  const reportBytes = (deliveries + later) * REPORT_BYTES_PER_COPY
  const threadBytes = thread === undefined ? 0 : thread.base + nodes * thread.perNode
  return base + (threads - 1) * threadBytes + Math.max(networkBytes, reportBytes)
}

/** Whether a simulation may take so much of what is available. */
function fits(neededBytes: number, availableBytes: number): boolean {
  return neededBytes <= availableBytes * USABLE_SHARE
}

/**
 * Bytes of heap that a simulation may fill: all that the machine has left beside the program
 * itself, because the estimate may be too low. Throws one line with the estimate where it does not
 * fit.
 */
export function heapFor(
  scenario: Scenario,
  engine: EngineName,
  availableBytes: number,
  threads = 1,
): number {
  const needed = estimateBytes(scenario, engine, threads)
  const usable = availableBytes * USABLE_SHARE
  if (!fits(needed, availableBytes)) {
    const inThreads = threads === 1 ? '' : ` in ${threads} threads`
    const ways = [
      'fewer nodes',
      ...(engine === 'node' ? ['with --engine router'] : []),
      ...(threads === 1 ? [] : ['in fewer threads']),
      'for a shorter time',
    ]
    throw new UserError(
      `${scenario.nodes} nodes with engine ${engine}${inThreads} take about ${gib(needed)} of memory and ${gib(usable)} are free: ` +
        `simulate ${ways.join(', or ')}`,
    )
  }
  return Math.max(usable / 2, usable - threads * MEMORY_COSTS[engine].base)
}

function itemsOf({ workload, durationS }: Scenario, engine: EngineName): number {
  const transactions = workload.transactionsPerS * durationS
  const blocks = engine === 'node' ? durationS / workload.blocks.periodS : 0
  return transactions + blocks
}

function linksOf(topology: Topology, nodes: number): number {
  if (topology.kind === 'complete') return (nodes * (nodes - 1)) / 2
  if (topology.kind === 'geographic') return nodes * (topology.near + topology.far)
  if (topology.kind === 'edges') return topology.edges.length
  return 'degree' in topology ? (nodes * topology.degree) / 2 : nodes
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`
}
