import { afterEach, describe, expect, test } from 'vitest'
import { measureAttached } from '../../src/instrument/attached.ts'
import { rpcClient, type RpcClient } from '../../src/rpc/client/rpcClient.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { thisMachine } from '../../src/lib/machineClock.ts'
import { systemClock, type Clock } from '../../src/lib/clock.ts'
import { MAX_DRIFT } from '../../src/measure/clocks/clockSamples.ts'
import { renderReport } from '../../src/measure/terminal/terminal.ts'
import { pairErrors } from '../../src/measure/clocks/runClocks.ts'
import type { Report, SpreadRecord } from '../../src/measure/report.ts'
import {
  allMeshed,
  eventually,
  genesisFile,
  startPeer,
  stopPeers,
} from '../builders/runningPeer.ts'
import type { TestPeer } from '../builders/runningPeer.ts'
import { signedTransfer } from '../builders/tx.ts'

afterEach(stopPeers)

const TXS = 20
const SKEWS_MS = [-400, 0, 250, 700, -120] as const

/** A host whose clocks are all wrong by the same time. */
function skewed(clock: Clock, byMs: number): Clock {
  return {
    ...clock,
    monotonicMs: () => clock.monotonicMs() + byMs,
    wallMs: () => clock.wallMs() + byMs,
  }
}

describe('latencies over hosts whose clocks differ', () => {
  test('are right within the stated error', async () => {
    const hosts = await startSkewed(SKEWS_MS)
    const trips = new RoundTrips()
    const report = await measured(hosts, trips)
    expect(report.clock.source).toBe('status-exchange')
    expect(report.clock.clocks).toHaveLength(SKEWS_MS.length)
    expect(report.transactions).toMatchObject({ items: TXS, coverage: 1 })
    expect(report.hosts.map(({ nodes, isMeasuring }) => [nodes, isMeasuring])).toEqual(
      SKEWS_MS.map((byMs, node) => [[node], byMs === 0]),
    )
    for (const host of report.hosts) {
      expect(host.machine).toEqual(report.machine)
      expect(host.crypto).toEqual(report.crypto)
      expect(host.loadPerCore).toBeGreaterThanOrEqual(0)
    }
    expect(renderReport(report).match(/^host: node \d on /gm)).toHaveLength(SKEWS_MS.length)
    const errorMs = pairErrors(report.clock)
    const truth = truthOf(hosts)
    const wrong = report.spreads.transactions.flatMap(({ hash, origin, first }) =>
      first.map(([node, , , judgedMs]) => ({
        byMs: Math.abs(judgedMs - truth.latencyMs(hash, origin, node)),
        errorMs: errorMs(origin, node),
      })),
    )
    expect(wrong).toHaveLength(TXS * (SKEWS_MS.length - 1))
    for (const { byMs, errorMs: bound } of wrong) expect(byMs).toBeLessThanOrEqual(bound + 0.002)
    expect(report.clock.errorMs).toBeGreaterThan(0)
    expect(report.clock.errorMs).toBeLessThanOrEqual(trips.pairErrorMs())
    const { latencyMs } = report.transactions
    const trueP50 = truth.p50(report.spreads.transactions)
    expect(Math.abs((latencyMs.p50 ?? NaN) - trueP50)).toBeLessThanOrEqual(
      latencyMs.errorMs + 0.002,
    )
  })

  test('have none where all hosts share one clock', async () => {
    const report = await measured(await startSkewed([0, 0, 0]))
    expect(report.clock).toMatchObject({ source: 'host-monotonic', errorMs: 0, pairErrorMs: [[0]] })
    expect(report.hosts).toMatchObject([{ nodes: [0, 1, 2], isMeasuring: true }])
    expect(renderReport(report)).not.toContain('host: ')
    expect(report.transactions.latencyMs.errorMs).toBe(0)
  })
})

/** Nodes on loopback; those with a skew of 0 read the clock of this host and say so. */
async function startSkewed(skewsMs: readonly number[]): Promise<TestPeer[]> {
  const genesis = genesisFile()
  const hosts: TestPeer[] = []
  for (const [at, byMs] of skewsMs.entries()) {
    const host =
      byMs === 0 ? undefined : { clock: skewed(systemClock, byMs), id: `clock of host ${at}` }
    hosts.push(await startPeer({ genesis, rpc: true, rpcPort: 0 }, hosts[0], host))
  }
  await eventually(hosts, () => allMeshed(hosts))
  return hosts
}

/** The questions for a clock that one reading puts to each host. */
const PROBES = 8

/**
 * How long the hosts' answers about their clocks took, as who asked saw it: what decides how much
 * can be known.
 */
class RoundTrips {
  readonly #byUrl = new Map<string, number[]>()
  readonly #startMs = systemClock.monotonicMs()

  /** A client that notes them. */
  client(url: string): RpcClient {
    const client = rpcClient(url)
    const tripsMs: number[] = []
    this.#byUrl.set(url, tripsMs)
    const call: RpcClient['call'] = async (method, params) => {
      const askedMs = systemClock.monotonicMs()
      const answer = await client.call(method, params)
      if (method === 'gossip_clock') tripsMs.push(systemClock.monotonicMs() - askedMs)
      return answer
    }
    return { url, call }
  }

  /**
   * The largest error between two hosts that direct questions leave: half of the best round trip to
   * each, in the reading before the run or in the one after it, and the drift until now.
   */
  pairErrorMs(): number {
    const errorsMs = [...this.#byUrl.values()].map((tripsMs) => {
      const readings = [tripsMs.slice(-2 * PROBES, -PROBES), tripsMs.slice(-PROBES)]
      return Math.max(...readings.map((reading) => Math.min(...reading))) / 2
    })
    const [first = NaN, second = NaN] = errorsMs.toSorted((a, b) => b - a)
    const driftMs = MAX_DRIFT * (systemClock.monotonicMs() - this.#startMs)
    return first + second + 2 * driftMs
  }
}

/**
 * Only watches; the transactions come from elsewhere, so that no plan moves the times at which they
 * entered.
 */
async function measured(hosts: readonly TestPeer[], trips = new RoundTrips()): Promise<Report> {
  const peers = hosts.map(({ rpc }) => trips.client(rpc?.url ?? ''))
  const txs = Array.from({ length: TXS }, (_, at) =>
    signedTransfer({ from: at % 2, nonce: BigInt(Math.floor(at / 2)) }),
  )
  const submit = async (): Promise<void> => {
    for (const [at, { raw }] of txs.entries()) {
      const peer = at % 2 === 0 ? peers[0] : peers.at(-1)
      await peer?.call('eth_sendRawTransaction', [bytesToHex(raw)])
    }
  }
  const over = new AbortController()
  const spread = async (): Promise<void> => {
    await submit()
    await eventually(hosts, () => hosts.every((host) => acceptedBy(host).length === TXS))
    over.abort()
  }
  let submitting: Promise<void> | undefined
  const report = await measureAttached({
    peers,
    clock: systemClock,
    clockId: thisMachine().id,
    durationMs: 3_600_000,
    txs: 0,
    ratePerS: 1,
    dataBytes: 0,
    privateKeys: [],
    command: 'grapevine measure',
    signal: over.signal,
    onProgress: () => {
      submitting ??= spread()
    },
  })
  await submitting
  return report
}

/** The transactions that a host has accepted. */
function acceptedBy({ timelines }: TestPeer) {
  const sightings = timelines?.sightings(0, 10_000).sightings ?? []
  return sightings.filter(({ action, kind }) => action === 'accept' && kind === 'tx')
}

/** What really happened: the nodes' own sightings, less the skew that each was given. */
function truthOf(hosts: readonly TestPeer[]) {
  const judgedMs = hosts.map((host, at) => {
    const accepted = acceptedBy(host)
    return new Map(
      accepted.map((one) => [
        String(one.hash),
        { receivedMs: one.receivedMs - skewOf(at), judgedMs: one.judgedMs - skewOf(at) },
      ]),
    )
  })
  const latencyMs = (hash: string, origin: number, node: number): number =>
    (judgedMs[node]?.get(hash)?.judgedMs ?? NaN) - (judgedMs[origin]?.get(hash)?.receivedMs ?? NaN)
  const p50 = (spreads: readonly SpreadRecord[]): number => {
    const all = spreads.flatMap(({ hash, origin, first }) =>
      first.map(([node]) => latencyMs(hash, origin, node)),
    )
    return all.toSorted((a, b) => a - b)[Math.ceil(all.length / 2) - 1] ?? NaN
  }
  return { latencyMs, p50 }
}

function skewOf(at: number): number {
  return SKEWS_MS[at] ?? 0
}
