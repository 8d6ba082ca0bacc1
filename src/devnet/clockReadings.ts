/** Asks the peers of a network what their clocks say, and what they heard of each other's. */
import type { Clock } from '../lib/clock.ts'
import { thisHost } from '../lib/hostClock.ts'
import { MAX_DRIFT, offsetAt, type Exchange } from '../measure/clockSamples.ts'
import type { ClockSample } from '../measure/clockSolution.ts'
import { OBSERVER, type ClockReading } from '../measure/runClocks.ts'
import type { MeasuredNetwork, MeasuredPeer } from './measuredNetwork.ts'
import { isRecord } from './rpcClient.ts'

/** Round trips of which the best counts. */
const PROBES = 8

interface ProbedPeer {
  readonly node: number
  readonly clockId: string
  readonly samples: readonly ClockSample[]
}

/** What every peer says that answers; one that does not is not in the reading. */
export async function readClocks({ peers, clock }: MeasuredNetwork): Promise<ClockReading> {
  const atMs = clock.monotonicMs()
  const indexOf = new Map(peers.map(({ peerId, index }) => [peerId, index]))
  const answers = await Promise.allSettled(
    peers.map((peer) => probe(peer, { clock, atMs, indexOf })),
  )
  const probed = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
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

async function probe({ index, rpc }: MeasuredPeer, reading: Reading): Promise<ProbedPeer> {
  const { clock, atMs, indexOf } = reading
  const exchanges: Exchange[] = []
  let clockId = ''
  for (let round = 0; round < PROBES; round++) {
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
