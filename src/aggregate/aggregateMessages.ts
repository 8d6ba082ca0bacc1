/** The messages of the protocol `aggregate`, as they travel. */
import { bytesToHex } from '../lib/bytes.ts'
import { encodeRlp, type RlpItem } from '../lib/rlp.ts'
import {
  bytesOf,
  integer,
  integerOf,
  itemsOf,
  ProtocolViolation,
  plainTextOf,
} from '../sync/protocol.ts'
import { MAX_GAUGE_BYTES } from './gauges.ts'
import { MAX_ROUNDS } from './limits.ts'
import type { Epoch } from './participant.ts'
import { MASS_COUNT, summaryDefect, type Summary } from './summary.ts'

const STATES = ['exchanged', 'newer', 'later'] as const
const EPOCH_FIELDS = 4
const NUMBER_BYTES = 6
const TAG_BYTES = 6
const ZERO = new Uint8Array(0)

/** Asks for an exchange. */
export interface AggregateRequest {
  /** The name of the gauge that the epoch is about. */
  readonly gauge: string
  readonly epoch: Epoch
  readonly round: number
  readonly sequence: number
  readonly held: Summary
}

/** The answer to it. */
export type AggregateAnswer =
  /** The answerer held this, and holds the mean of the two now. */
  | { readonly state: 'exchanged'; readonly round: number; readonly held: Summary }
  /** The answerer takes part in a newer epoch. */
  | { readonly state: 'newer'; readonly epoch: Epoch; readonly round: number }
  /** Nothing has changed. */
  | { readonly state: 'later' }

/** A request as it travels. */
export function encodeAggregateRequest({
  gauge,
  epoch,
  round,
  sequence,
  held,
}: AggregateRequest): Uint8Array {
  const name = new TextEncoder().encode(gauge)
  return encodeRlp([name, ...epochItems(epoch, round), integer(sequence), ...summaryItems(held)])
}

/** Throws a {@link ProtocolViolation} for everything that no honest node sends. */
export function decodeAggregateRequest(data: Uint8Array): AggregateRequest {
  const [name, ...items] = itemsOf(data)
  expectCount(items, EPOCH_FIELDS + 3)
  const gauge = plainTextOf(name, MAX_GAUGE_BYTES)
  const { epoch, round } = readEpoch(items)
  const sequence = Number(integerOf(items[EPOCH_FIELDS], NUMBER_BYTES))
  return { gauge, epoch, round, sequence, held: readSummary(items.slice(EPOCH_FIELDS + 1)) }
}

/** An answer as it travels. */
export function encodeAggregateAnswer(answer: AggregateAnswer): Uint8Array {
  const state = integer(STATES.indexOf(answer.state))
  if (answer.state === 'later') return encodeRlp([state])
  if (answer.state === 'newer') return encodeRlp([state, ...epochItems(answer.epoch, answer.round)])
  return encodeRlp([state, integer(answer.round), ...summaryItems(answer.held)])
}

/** Throws a {@link ProtocolViolation} for everything that no honest node sends. */
export function decodeAggregateAnswer(frame: Uint8Array): AggregateAnswer {
  const [first, ...items] = itemsOf(frame)
  const state = STATES[Number(integerOf(first, 1))]
  if (state === undefined) throw new ProtocolViolation('the answer has no such state')
  if (state === 'later') {
    expectCount(items, 0)
    return { state }
  }
  if (state === 'newer') {
    expectCount(items, EPOCH_FIELDS)
    return { state, ...readEpoch(items) }
  }
  expectCount(items, 3)
  return { state, round: roundOf(items[0], MAX_ROUNDS), held: readSummary(items.slice(1)) }
}

function epochItems({ number, tag, rounds }: Epoch, round: number): RlpItem[] {
  return [number, tag, rounds, round].map(integer)
}

function readEpoch([number, tag, rounds, round]: readonly RlpItem[]): {
  epoch: Epoch
  round: number
} {
  const epoch = {
    number: Number(integerOf(number, NUMBER_BYTES)),
    tag: Number(integerOf(tag, TAG_BYTES)),
    rounds: roundOf(rounds, MAX_ROUNDS),
  }
  return { epoch, round: roundOf(round, epoch.rounds) }
}

function roundOf(item: RlpItem | undefined, most: number): number {
  const round = Number(integerOf(item, 1))
  if (round > most) throw new ProtocolViolation(`a round is at most ${most}`)
  return round
}

function summaryItems({ masses, min, max }: Summary): RlpItem[] {
  return [[...masses].map(double), min <= max ? [double(min), double(max)] : []]
}

function readSummary([masses, extrema]: readonly RlpItem[]): Summary {
  const summary = {
    masses: Float64Array.from(listItems(masses, MASS_COUNT), doubleOf),
    ...readExtrema(extrema),
  }
  const defect = summaryDefect(summary)
  if (defect !== undefined) throw new ProtocolViolation(`not the summary of a node: ${defect}`)
  return summary
}

function readExtrema(item: RlpItem | undefined): Pick<Summary, 'min' | 'max'> {
  if (item !== undefined && !(item instanceof Uint8Array) && item.length === 0)
    return { min: Infinity, max: -Infinity }
  const [min = 0, max = 0] = listItems(item, 2).map(doubleOf)
  return { min, max }
}

function listItems(item: RlpItem | undefined, count: number): readonly RlpItem[] {
  if (item === undefined || item instanceof Uint8Array)
    throw new ProtocolViolation('expected a list')
  expectCount(item, count)
  return item
}

function expectCount(items: readonly RlpItem[], count: number): void {
  if (items.length !== count) throw new ProtocolViolation(`expected ${count} items`)
}

/** IEEE 754, 64 bits, big-endian; nothing for 0, since most buckets are empty. */
function double(value: number): Uint8Array {
  if (value === 0) return ZERO
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value)
  return bytes
}

function doubleOf(item: RlpItem): number {
  const bytes = bytesOf(item, 8)
  if (bytes.length === 0) return 0
  if (bytes.length !== 8) throw new ProtocolViolation('a number has 8 bytes, or none for 0')
  const value = new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0)
  if (!(value > 0)) throw new ProtocolViolation(`not a number above 0: ${bytesToHex(bytes)}`)
  return value
}
