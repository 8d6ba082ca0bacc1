/** The propagation report: what a run of the instrument answers, as data. Its form is that of `reportSchema.ts`. */
import type { z } from 'zod'
import type { Immutable } from '../lib/immutable.ts'
import type { reportSchema } from './reportSchema.ts'

export type Report = Immutable<z.infer<typeof reportSchema>>
export type TransactionReport = Report['transactions']
export type BlockReport = Report['blocks']
export type ClockReport = Report['clock']
export type MachineReport = Report['machine']
export type TrafficReport = Report['traffic']
export type PeerTraffic = TrafficReport['total']
export type ControlCounts = PeerTraffic['controlSent']
export type PeerReport = Report['peers'][number]
export type SettingValue = Report['settings'][string]
export type FaultRecord = Report['faults'][number]
export type SpreadRecord = Report['spreads']['transactions'][number]
