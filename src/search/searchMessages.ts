/**
 * The messages of the protocol `search`, as they travel.
 *
 * SPECIFICATION
 *
 * Request and answer are one message: RLP [clock: B, [told, ...]]. `clock` is the same for all who
 * read the same monotonic clock (8 bytes), or empty. A told query is [envelope: B, round: P, best,
 * ids: B, has: B, sightings: B]: the signed query, how many of its rounds have passed, and what the
 * sender holds of its answers.
 *
 * - `best`: an empty list, or [peer id in text, value: D, error: D]. D is a double of IEEE 754,
 *   big-endian, 8 bytes.
 * - `ids`: short ids of nodes that answered, 6 bytes each, ascending. `has`: a bit for each, the
 *   lowest bit first.
 * - `sightings`, for first sightings alone: rank (6 bytes, ascending), short id (6), time (D) and
 *   error (D) of each.
 *
 * Times are ms of the sender's monotonic clock.
 */
import type { PeerId } from '../gossip/network.ts'
import { encodeRlp, type RlpItem } from '../lib/rlp.ts'
import {
  bytesOf,
  integer,
  integerOf,
  listOf,
  ProtocolViolation,
  plainTextOf,
} from '../sync/protocol.ts'
import type { Answers, BestAnswer } from './answers.ts'
import type { FirstSighting, FirstSightings } from './firstSightings.ts'
import {
  MAX_LIVE_QUERIES,
  MAX_ORIGIN_ITEMS,
  MAX_QUERY_ENVELOPE_BYTES,
  MAX_TALLIED,
} from './limits.ts'
import { SHORT_ID_BYTES, type Tally } from './tally.ts'

const MAX_PEER_ID_BYTES = 64
const CLOCK_TAG_BYTES = 8
const DOUBLE_BYTES = 8
const SIGHTING_BYTES = 2 * SHORT_ID_BYTES + 2 * DOUBLE_BYTES
const TOLD_FIELDS = 6

/** A query, and what the sender holds of its answers. */
export interface ToldQuery {
  readonly envelope: Uint8Array
  readonly round: number
  readonly answers: Answers
}

/** A request, or the answer to one. */
export interface SearchMessage {
  /** Which clock the sender reads; empty where it does not say. */
  readonly clock: Uint8Array
  readonly told: readonly ToldQuery[]
}

/** A message as it travels. */
export function encodeSearchMessage({ clock, told }: SearchMessage): Uint8Array {
  return encodeRlp([clock, told.map(toldItems)])
}

/** Throws a {@link ProtocolViolation} for everything that no honest node sends. */
export function decodeSearchMessage(data: Uint8Array): SearchMessage {
  const [clock, told] = listOf(data, 2)
  if (told === undefined || told instanceof Uint8Array || told.length > MAX_LIVE_QUERIES)
    throw new ProtocolViolation(`expected a list of at most ${MAX_LIVE_QUERIES} queries`)
  return { clock: bytesOf(clock, CLOCK_TAG_BYTES), told: told.map(readTold) }
}

function toldItems({ envelope, round, answers }: ToldQuery): RlpItem {
  const { best, tally, sightings } = answers
  return [
    envelope,
    integer(round),
    bestItems(best),
    idBytes(tally.ids),
    flagBytes(tally.has),
    sightingBytes(sightings),
  ]
}

function readTold(item: RlpItem): ToldQuery {
  if (item instanceof Uint8Array || item.length !== TOLD_FIELDS)
    throw new ProtocolViolation(`a told query has ${TOLD_FIELDS} fields`)
  const [envelope, round, best, ids, has, sightings] = item
  return {
    envelope: bytesOf(envelope, MAX_QUERY_ENVELOPE_BYTES),
    round: Number(integerOf(round, 1)),
    answers: {
      best: readBest(best),
      tally: readTally(ids, has),
      sightings: readSightings(sightings),
    },
  }
}

function bestItems(best: BestAnswer | undefined): RlpItem {
  if (best === undefined) return []
  return [new TextEncoder().encode(best.peer), doubles([best.value]), doubles([best.errorMs])]
}

function readBest(item: RlpItem | undefined): BestAnswer | undefined {
  if (item === undefined || item instanceof Uint8Array)
    throw new ProtocolViolation('expected a list')
  if (item.length === 0) return undefined
  const [peer, value, error, ...rest] = item
  if (rest.length > 0) throw new ProtocolViolation('the best answer has three fields')
  return {
    peer: plainTextOf(peer, MAX_PEER_ID_BYTES) as PeerId,
    value: finiteAt(bytesOf(value, DOUBLE_BYTES), 0),
    errorMs: errorAt(bytesOf(error, DOUBLE_BYTES), 0),
  }
}

function idBytes(ids: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(SHORT_ID_BYTES * ids.length)
  for (const [at, id] of ids.entries()) bytes.writeUIntBE(id, SHORT_ID_BYTES * at, SHORT_ID_BYTES)
  return bytes
}

function flagBytes(flags: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(flags.length / 8))
  for (const [at, flag] of flags.entries())
    if (flag) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (1 << (at & 7))
  return bytes
}

function readTally(idItem: RlpItem | undefined, hasItem: RlpItem | undefined): Tally {
  const data = bytesOf(idItem, SHORT_ID_BYTES * MAX_TALLIED)
  const flags = bytesOf(hasItem, Math.ceil(MAX_TALLIED / 8))
  const count = data.length / SHORT_ID_BYTES
  if (!Number.isInteger(count) || flags.length !== Math.ceil(count / 8))
    throw new ProtocolViolation('a tally has 6 bytes and a bit for each node')
  const ids = Array.from({ length: count }, (_, at) => shortIdAt(data, SHORT_ID_BYTES * at))
  const has = ids.map((_, at) => (((flags[at >> 3] ?? 0) >> (at & 7)) & 1) === 1)
  if (!isAscending(ids)) throw new ProtocolViolation('the ids of a tally ascend')
  return { ids, has }
}

function sightingBytes(sightings: FirstSightings): Uint8Array {
  const bytes = Buffer.alloc(SIGHTING_BYTES * sightings.size)
  let at = 0
  for (const [rank, { by, atMs, errorMs }] of sightings) {
    bytes.writeUIntBE(rank, at, SHORT_ID_BYTES)
    bytes.writeUIntBE(by, at + SHORT_ID_BYTES, SHORT_ID_BYTES)
    bytes.set(doubles([atMs, errorMs]), at + 2 * SHORT_ID_BYTES)
    at += SIGHTING_BYTES
  }
  return bytes
}

function readSightings(item: RlpItem | undefined): FirstSightings {
  const data = bytesOf(item, SIGHTING_BYTES * MAX_ORIGIN_ITEMS)
  const count = data.length / SIGHTING_BYTES
  if (!Number.isInteger(count))
    throw new ProtocolViolation(`a sighting has ${SIGHTING_BYTES} bytes`)
  const sightings = Array.from({ length: count }, (_, at) => sightingAt(data, SIGHTING_BYTES * at))
  if (!isAscending(sightings.map(([rank]) => rank)))
    throw new ProtocolViolation('the ranks of sightings ascend')
  return new Map(sightings)
}

function sightingAt(data: Uint8Array, at: number): readonly [number, FirstSighting] {
  const times = at + 2 * SHORT_ID_BYTES
  const sighting = {
    by: shortIdAt(data, at + SHORT_ID_BYTES),
    atMs: finiteAt(data, times),
    errorMs: errorAt(data, times + DOUBLE_BYTES),
  }
  return [shortIdAt(data, at), sighting]
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? 0))
}

function shortIdAt(data: Uint8Array, at: number): number {
  return Buffer.from(data.buffer, data.byteOffset, data.length).readUIntBE(at, SHORT_ID_BYTES)
}

function doubles(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(DOUBLE_BYTES * values.length))
  for (const [at, value] of values.entries()) view.setFloat64(DOUBLE_BYTES * at, value)
  return new Uint8Array(view.buffer)
}

function finiteAt(data: Uint8Array, at: number): number {
  if (data.length < at + DOUBLE_BYTES) throw new ProtocolViolation('a number has 8 bytes')
  const value = new DataView(data.buffer, data.byteOffset).getFloat64(at)
  if (!Number.isFinite(value)) throw new ProtocolViolation('a number is finite')
  return value
}

function errorAt(data: Uint8Array, at: number): number {
  const error = finiteAt(data, at)
  if (error < 0) throw new ProtocolViolation('an error is not negative')
  return error
}
