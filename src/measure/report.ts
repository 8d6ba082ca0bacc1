/** The propagation report: what a run of the instrument answers, as data. */
import type { Propagation } from './propagation.ts'
import type { LatencySummary } from './percentile.ts'

/** Raised when a field changes its meaning or goes away; new fields do not raise it. */
export const REPORT_VERSION = 1

export interface TransactionReport extends Propagation {
  /** Transactions handed to the peers' JSON-RPC. */
  readonly submitted: number
  /** Of those, accepted by the peer that got them. */
  readonly accepted: number
  /** Of those, in a block of the canonical chain when the run ended. */
  readonly included: number
  /** Refusals by their stable word. */
  readonly refusals: Readonly<Record<string, number>>
  /** How late the load generator was against its own plan, ms; open loop. */
  readonly sentLateMs: LatencySummary
}

export interface BlockReport extends Propagation {
  /** Blocks sealed during the run. */
  readonly sealed: number
  /** Number of the head that the peers agreed on when the run ended; null if they did not. */
  readonly head: number | null
}

export interface ClockReport {
  /** One clock for all: the monotonic clock of the host. */
  readonly source: 'host-monotonic'
  /** Largest absolute offset between two peers' clocks by the status exchange, ms: what it finds is its error. */
  readonly maxOffsetMs: number | null
  /** Half of the smallest round trip of the pair with the worst estimate: the bound on that error, ms. */
  readonly errorMs: number | null
}

export interface MachineReport {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly platform: string
  readonly node: string
}

export interface Report {
  readonly version: typeof REPORT_VERSION
  readonly grapevine: string
  readonly nodes: number
  readonly durationMs: number
  readonly ratePerS: number
  readonly transactions: TransactionReport
  readonly blocks: BlockReport
  readonly clock: ClockReport
  readonly machine: MachineReport
  /** Which implementations hashed and recovered: results of different paths do not compare. */
  readonly crypto: Readonly<Record<string, string>>
  /** Sightings that were overwritten before they were read: above 0 the figures are incomplete. */
  readonly sightingsLost: number
}
