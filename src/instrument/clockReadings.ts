/** Asks the peers of a network what their clocks say, and what they heard of each other's. */
import { sleep, type Clock } from '../lib/clock.ts'
import { thisHost } from '../lib/hostClock.ts'
import { MAX_DRIFT, offsetAt, type Exchange } from '../measure/clockSamples.ts'
import type { ClockSample } from '../measure/clockSolution.ts'
import { OBSERVER, type ClockReading } from '../measure/runClocks.ts'
import { inParallel } from '../lib/inParallel.ts'
import type { MeasuredNetwork, MeasuredPeer } from './measuredNetwork.ts'
import { isRecord } from '../rpc/client/rpcClient.ts'

/** Round trips of which the best counts; one that reads our own clock needs no more than one. */
const PROBES = 8
/** More would wait for each other, and a round trip that waits says less. */
const PROBED_AT_A_TIME = 4
/** A peer that is stopped answers nobody. */
const PATIENCE_MS = 5_000

interface ProbedPeer {
  readonly node: number
  readonly clockId: string
  readonly samples: readonly ClockSample[]
}

/** What every peer says that answers; one that does not is not in the reading. */
export async function readClocks({ peers, clock }: MeasuredNetwork): Promise<ClockReading> {
  const atMs = clock.monotonicMs()
  const indexOf = new Map(peers.map(({ peerId, index }) => [peerId, index]))
  const probed: ProbedPeer[] = []
  await inParallel(peers, PROBED_AT_A_TIME, async (peer) => {
    const answer = await patientProbe(peer, { clock, atMs, indexOf })
    if (answer !== undefined) probed.push(answer)
  })
  return {
    atMs,
    clockIds: new Map([
      [OBSERVER, thisHost().id],
      ...probed.map(({ node, clockId }) => [node, clockId] as const),
    ]),
    samples: probed.flatMap(({ samples }) => samples),
  }
}

interface Reading {
  readonly clock: Clock
  /** The moment for which all offsets are told. */
  readonly atMs: number
  readonly indexOf: ReadonlyMap<string, number>
}

/** `undefined` for a peer that does not answer, or not in time. */
async function patientProbe(peer: MeasuredPeer, reading: Reading): Promise<ProbedPeer | undefined> {
  const probing = probe(peer, reading).catch(() => undefined)
  return Promise.race([probing, sleep(reading.clock, PATIENCE_MS).then(() => undefined)])
}

async function probe({ index, rpc }: MeasuredPeer, reading: Reading): Promise<ProbedPeer> {
  const { clock, atMs, indexOf } = reading
  const exchanges: Exchange[] = []
  let clockId = ''
  while (exchanges.length < (clockId === thisHost().id ? 1 : PROBES)) {
    const askedMs = clock.monotonicMs()
    const answer = await rpc.call('gossip_clock')
    const heardMs = clock.monotonicMs()
    if (!isRecord(answer)) throw new Error(`peer ${index} says nothing of its clock`)
    clockId = String(answer['id'])
    const offsetMs = Number(answer['nowMs']) - (askedMs + heardMs) / 2
    exchanges.push({ atMs: heardMs, offsetMs, roundTripMs: heardMs - askedMs })
  }
  const own = offsetAt(exchanges, atMs)
  if (own === undefined) throw new Error('no clock was probed')
  const byItsClockMs = atMs + own.offsetMs
  const heard = await rpc.call('gossip_clockSamples')
  const samples = (Array.isArray(heard) ? heard.filter(isRecord) : []).flatMap((one) => {
    const to = indexOf.get(String(one['peer']))
    const sample = offsetAt(exchangesIn(one['samples']), byItsClockMs)
    if (to === undefined || sample === undefined) return []
    return [{ from: index, to, ...sample, errorMs: sample.errorMs + MAX_DRIFT * own.errorMs }]
  })
  return { node: index, clockId, samples: [{ from: OBSERVER, to: index, ...own }, ...samples] }
}

function exchangesIn(rows: unknown): Exchange[] {
  if (!Array.isArray(rows)) return []
  return rows.flatMap((row: unknown) => {
    if (!Array.isArray(row)) return []
    const [atMs = NaN, offsetMs = NaN, roundTripMs = NaN] = row.map(Number)
    return [{ atMs, offsetMs, roundTripMs }].filter((one) =>
      Object.values(one).every(Number.isFinite),
    )
  })
}
