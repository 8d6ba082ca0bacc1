/**
 * From the workload of a scenario to the transactions of a run: when, by whom, to which node, how
 * large.
 */
import type { Random } from '../lib/random.ts'
import { shuffled } from '../lib/random.ts'
import type { IsUp } from './downtime.ts'
import { regionName, type Placement } from './placement.ts'
import type { Scenario } from './scenarioSchema.ts'
import { purposeRandom } from './streams.ts'
import type { Sizes } from './workloadSchema.ts'

/** A transaction of a run, not signed yet. A sender's nonces follow the order of the list. */
export interface TxPlan {
  /** When it is due, ms after the warm-up; negative within it. */
  readonly atMs: number
  /** Position of the account that signs. */
  readonly sender: number
  /** The node that it is submitted to. */
  readonly node: number
  /** Bytes of calldata. */
  readonly dataBytes: number
}

/** Gas of a transfer, and of a byte of calldata that is not zero (EIP-2028). */
const TRANSFER_GAS = 21_000
const DATA_BYTE_GAS = 16
/** Envelope of a transfer of type 2: what a transaction weighs beside its calldata, bytes. */
const ENVELOPE_BYTES = 115
const LEAST_GAS_LIMIT = 30_000_000
/** A sealer keeps room for what a transaction may use at most, which is more than it uses. */
const GAS_HEADROOM = 2

interface Arrival {
  readonly atMs: number
  readonly dataBytes: number
}

/** In order of time. */
export function planLoad(scenario: Scenario, placement: Placement, isUp: IsUp): TxPlan[] {
  const random = purposeRandom(scenario.seed, 'load')
  const homes = homesOf(scenario, placement, random)
  const arrivals = [
    ...steady(scenario, random),
    ...bursts(scenario, random),
    ...fill(scenario),
  ].toSorted((a, b) => a.atMs - b.atMs)
  return arrivals.map(({ atMs, dataBytes }, index) => {
    const sender = index % homes.length
    const node = upNode(homes[sender] ?? 0, atMs, scenario.nodes, isUp)
    return { atMs, sender, node, dataBytes }
  })
}

/** Gas limit of the blocks: what the scenario says, else twice what the load needs. */
export function gasLimitOf(
  { workload, durationS, warmupS }: Scenario,
  load: readonly TxPlan[],
): number {
  const { gasLimit, periodS } = workload.blocks
  if (gasLimit !== undefined) return gasLimit
  const gas = load.reduce((sum, { dataBytes }) => sum + TRANSFER_GAS + DATA_BYTE_GAS * dataBytes, 0)
  const perBlock = (gas / (durationS + warmupS)) * periodS
  return Math.max(LEAST_GAS_LIMIT, Math.ceil(GAS_HEADROOM * perBlock))
}

/** Transactions that a scenario comes to, before any is made. */
export function loadCount(scenario: Scenario): number {
  const { workload, durationS, warmupS } = scenario
  const seconds = durationS + warmupS
  const { bursts: burst, transactionsPerS } = workload
  return Math.ceil(
    seconds * transactionsPerS +
      (burst === undefined ? 0 : burst.count * Math.ceil(durationS / burst.everyS)) +
      fillPerPeriod(scenario) * Math.ceil(seconds / workload.blocks.periodS),
  )
}

/** The node of each sender. */
function homesOf(scenario: Scenario, placement: Placement, random: Random): number[] {
  const { submitTo, senders } = scenario.workload
  const targets = targetsOf(scenario, placement)
  const order = submitTo === 'random' ? shuffled(random, targets) : targets
  return Array.from({ length: senders ?? targets.length }, (_, index) => {
    const home = submitTo === 'random' && index >= order.length ? random.int(order.length) : index
    return order[home % order.length] ?? 0
  })
}

/** The nodes that take transactions. */
export function targetsOf({ workload, nodes }: Scenario, placement: Placement): number[] {
  const { submitTo } = workload
  const all = Array.from({ length: nodes }, (_, node) => node)
  if (typeof submitTo === 'string') return all
  if ('node' in submitTo) return [submitTo.node]
  if ('region' in submitTo)
    return all.filter((node) => regionName(placement, node) === submitTo.region)
  return all.filter((node) => placement.classOf[node]?.name === submitTo.class)
}

/** The node itself, or the next one that is up. */
function upNode(home: number, atMs: number, nodes: number, isUp: IsUp): number {
  for (let step = 0; step < nodes; step++) {
    const node = (home + step) % nodes
    if (isUp(node, atMs)) return node
  }
  return home
}

function steady({ workload, durationS, warmupS }: Scenario, random: Random): Arrival[] {
  const { transactionsPerS, arrivals, dataBytes } = workload
  if (transactionsPerS === 0) return []
  const gapMs = 1000 / transactionsPerS
  const due: Arrival[] = []
  for (let atMs = -warmupS * 1000; atMs < durationS * 1000;) {
    due.push({ atMs: microseconds(atMs), dataBytes: sizeOf(dataBytes, random) })
    atMs =
      arrivals === 'even'
        ? -warmupS * 1000 + due.length * gapMs
        : atMs - Math.log(1 - random.next()) * gapMs
  }
  return due
}

function bursts({ workload, durationS }: Scenario, random: Random): Arrival[] {
  const { bursts: burst, dataBytes } = workload
  if (burst === undefined) return []
  const times = Math.ceil(durationS / burst.everyS)
  return Array.from({ length: times * burst.count }, (_, index) => ({
    atMs: microseconds(Math.floor(index / burst.count) * burst.everyS * 1000),
    dataBytes: sizeOf(dataBytes, random),
  }))
}

/** Evenly over each period, and the same in each. */
function fill(scenario: Scenario): Arrival[] {
  const { workload, durationS, warmupS } = scenario
  const { periodS } = workload.blocks
  const count = fillPerPeriod(scenario)
  const dataBytes = fillTxBytes(scenario) - ENVELOPE_BYTES
  const total = Math.floor(((durationS + warmupS) / periodS) * count)
  return Array.from({ length: total }, (_, index) => ({
    atMs: microseconds(((index + 0.5) / count) * periodS * 1000 - warmupS * 1000),
    dataBytes,
  }))
}

/** Transactions that fill a block up to its size, after what else goes into it. */
function fillPerPeriod(scenario: Scenario): number {
  const wanted = fillBytes(scenario)
  return wanted === 0 ? 0 : Math.max(1, Math.round(wanted / fillTxBytes(scenario)))
}

function fillTxBytes(scenario: Scenario): number {
  const { fillTxBytes: largest } = scenario.workload.blocks
  const wanted = fillBytes(scenario)
  const count = Math.max(1, Math.round(wanted / (largest + ENVELOPE_BYTES)))
  return Math.max(ENVELOPE_BYTES, Math.round(wanted / count))
}

function fillBytes({ workload }: Scenario): number {
  const { blocks, transactionsPerS, dataBytes } = workload
  if (blocks.fill === undefined) return 0
  const target =
    'bytes' in blocks.fill
      ? blocks.fill.bytes
      : (blocks.fill.gasShare * (blocks.gasLimit ?? LEAST_GAS_LIMIT)) / DATA_BYTE_GAS
  const others = transactionsPerS * blocks.periodS * (ENVELOPE_BYTES + meanSize(dataBytes))
  return Math.max(0, target - others)
}

function meanSize(sizes: Sizes): number {
  if (typeof sizes === 'number') return sizes
  if (Array.isArray(sizes)) return sizes.reduce((sum, one) => sum + one, 0) / sizes.length
  return (sizes.min + sizes.max) / 2
}

function sizeOf(sizes: Sizes, random: Random): number {
  if (typeof sizes === 'number') return sizes
  if (Array.isArray(sizes)) return sizes[random.int(sizes.length)] ?? 0
  return sizes.min + random.int(sizes.max - sizes.min + 1)
}

function microseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
