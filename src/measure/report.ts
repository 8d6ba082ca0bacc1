/**
 * The propagation report: what a run of the instrument answers, as data. Its form is that of
 * `reportSchema.ts`.
 */
import type { z } from 'zod'
import type { Immutable } from '../lib/records.ts'
import type { reportSchema } from './reportSchema.ts'

/** A whole report. */
export type Report = Immutable<z.infer<typeof reportSchema>>
/** How transactions spread, and what became of them. */
export type TransactionReport = Report['transactions']
/** How blocks spread. */
export type BlockReport = Report['blocks']
/** Which clocks were read, and how far the times may be wrong, ms. */
export type ClockReport = Report['clock']
/** Where the measurement ran. */
export type MachineReport = Report['machine']
/** A host on which nodes of the network ran. */
export type HostReport = Report['hosts'][number]
/** The bytes and messages that the run cost, for all peers together. */
export type TrafficReport = Report['traffic']
/** The bytes and messages that the run cost one peer. */
export type PeerTraffic = TrafficReport['total']
/** Control messages by kind. */
export type ControlCounts = PeerTraffic['controlSent']
/** What a report says of one peer. */
export type PeerReport = Report['peers'][number]
/** The value of a setting, as a report has it. */
export type SettingValue = Report['settings'][string]
/** What nodes knew of each other, beside what was true. */
export type MemberFigures = NonNullable<Report['members']>
/** After how long nodes knew of what happened, ms. */
export type KnownAfter = NonNullable<MemberFigures['deathKnownMs']>
/** A fault that was made or seen; times are ms after the start of the run. */
export type FaultRecord = Report['faults'][number]
/** A question to the network, its answer, and the truth. */
export type QuestionRecord = Report['questions'][number]
/** How one item spread, each copy as a row of numbers. */
export type SpreadRecord = Report['spreads']['transactions'][number]
