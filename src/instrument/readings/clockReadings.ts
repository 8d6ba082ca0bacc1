/** Asks the peers of a network what their clocks say, and what they heard of each other's. */
import type { Clock } from '../../lib/clock.ts'
import { endsWithin } from '../../lib/deadline.ts'
import { MAX_DRIFT, offsetAt, type Exchange } from '../../measure/clocks/clockSamples.ts'
import type { ClockOffset } from '../../measure/clocks/clockSolution.ts'
import { OBSERVER, type ClockReading } from '../../measure/clocks/runClocks.ts'
import { inParallel } from '../../lib/inParallel.ts'
import type { NetworkPort, PeerPort } from '../port.ts'

/** Round trips of which the best counts; one that reads our own clock needs no more than one. */
const PROBES = 8
/** More would wait for each other, and a round trip that waits says less. */
const PROBED_AT_A_TIME = 4
/** A peer that is stopped answers nobody. */
const PATIENCE_MS = 5_000

interface ProbedPeer {
  readonly node: number
  readonly clockId: string
  readonly samples: readonly ClockOffset[]
}

/** What every peer says that answers; one that does not is not in the reading. */
export async function readClocks({
  peers,
  clock,
  clockId: own,
}: NetworkPort): Promise<ClockReading> {
  const atMs = clock.monotonicMs()
  const indexOf = new Map(peers.map(({ peerId, index }) => [peerId, index]))
  const probed: ProbedPeer[] = []
  await inParallel(peers, PROBED_AT_A_TIME, async (peer) => {
    const answer = await patientProbe(peer, { clock, own, atMs, indexOf })
    if (answer !== undefined) probed.push(answer)
  })
  return {
    atMs,
    clockIds: new Map([
      [OBSERVER, own],
      ...probed.map(({ node, clockId }) => [node, clockId] as const),
    ]),
    samples: probed.flatMap(({ samples }) => samples),
  }
}

interface Reading {
  readonly clock: Clock
  /** Which clock that is. */
  readonly own: string
  /** The moment for which all offsets are told. */
  readonly atMs: number
  readonly indexOf: ReadonlyMap<string, number>
}

/** `undefined` for a peer that does not answer, or not in time. */
async function patientProbe(peer: PeerPort, reading: Reading): Promise<ProbedPeer | undefined> {
  const probing = probe(peer, reading).catch(() => undefined)
  return (await endsWithin(reading.clock, PATIENCE_MS, probing)) ? probing : undefined
}

async function probe(peer: PeerPort, reading: Reading): Promise<ProbedPeer> {
  const { index } = peer
  const { clock, atMs, indexOf } = reading
  const exchanges: Exchange[] = []
  let clockId = ''
  while (exchanges.length < (clockId === reading.own ? 1 : PROBES)) {
    const askedMs = clock.monotonicMs()
    const answer = await peer.clock()
    const heardMs = clock.monotonicMs()
    clockId = answer.clockId
    const offsetMs = answer.nowMs - (askedMs + heardMs) / 2
    exchanges.push({ atMs: heardMs, offsetMs, roundTripMs: heardMs - askedMs })
  }
  const own = offsetAt(exchanges, atMs)
  if (own === undefined) throw new Error('no clock was probed')
  const byItsClockMs = atMs + own.offsetMs
  const heard = await peer.clockSamples()
  const samples = heard.flatMap((one) => {
    const to = indexOf.get(one.peerId)
    const sample = offsetAt(one.exchanges, byItsClockMs)
    if (to === undefined || sample === undefined) return []
    return [{ from: index, to, ...sample, errorMs: sample.errorMs + MAX_DRIFT * own.errorMs }]
  })
  return { node: index, clockId, samples: [{ from: OBSERVER, to: index, ...own }, ...samples] }
}
