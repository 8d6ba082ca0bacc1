import { afterEach, describe, expect, test } from 'vitest'
import { DEVNET_MNEMONIC, mnemonicAccount } from '../../src/crypto/accounts.ts'
import { measureAttached } from '../../src/devnet/attached.ts'
import { rpcClient } from '../../src/devnet/rpcClient.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { systemClock, type Clock } from '../../src/lib/clock.ts'
import { pairErrors } from '../../src/measure/runClocks.ts'
import type { Report, SpreadRecord } from '../../src/measure/report.ts'
import { allMeshed, eventually, genesisFile, startHost, stopHosts } from '../builders/hostedNode.ts'
import type { Host } from '../builders/hostedNode.ts'

afterEach(stopHosts)

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
    const report = await measured(hosts)
    expect(report.clock.source).toBe('status-exchange')
    expect(report.clock.clocks).toHaveLength(SKEWS_MS.length)
    expect(report.transactions).toMatchObject({ items: 20, coverage: 1 })
    const errorMs = pairErrors(report.clock)
    const truth = truthOf(hosts)
    const wrong = report.spreads.transactions.flatMap(({ hash, origin, first }) =>
      first.map(([node, , , judgedMs]) => ({
        byMs: Math.abs(judgedMs - truth.latencyMs(hash, origin, node)),
        errorMs: errorMs(origin, node),
      })),
    )
    expect(wrong).toHaveLength(20 * (SKEWS_MS.length - 1))
    for (const { byMs, errorMs: bound } of wrong) expect(byMs).toBeLessThanOrEqual(bound + 0.002)
    expect(report.clock.errorMs).toBeGreaterThan(0)
    expect(report.clock.errorMs).toBeLessThan(20)
    const { latencyMs } = report.transactions
    const trueP50 = truth.p50(report.spreads.transactions)
    expect(Math.abs((latencyMs.p50 ?? NaN) - trueP50)).toBeLessThanOrEqual(
      latencyMs.errorMs + 0.002,
    )
  }, 60_000)

  test('have none where all hosts share one clock', async () => {
    const report = await measured(await startSkewed([0, 0, 0]))
    expect(report.clock).toMatchObject({ source: 'host-monotonic', errorMs: 0, pairErrorMs: [[0]] })
    expect(report.transactions.latencyMs.errorMs).toBe(0)
  }, 60_000)
})

/** Nodes on loopback; those with a skew of 0 read the clock of this host and say so. */
async function startSkewed(skewsMs: readonly number[]): Promise<Host[]> {
  const genesis = genesisFile()
  const hosts: Host[] = []
  for (const [at, byMs] of skewsMs.entries()) {
    const host =
      byMs === 0 ? undefined : { clock: skewed(systemClock, byMs), id: `clock of host ${at}` }
    hosts.push(await startHost({ genesis, rpc: true, rpcPort: 0 }, hosts[0], host))
  }
  await eventually(hosts, () => allMeshed(hosts))
  return hosts
}

function measured(hosts: readonly Host[]): Promise<Report> {
  return measureAttached({
    peers: hosts.map(({ rpc }) => rpcClient(rpc?.url ?? '')),
    clock: systemClock,
    durationMs: 3_000,
    txs: 20,
    ratePerS: 10,
    dataBytes: 0,
    privateKeys: [0, 1].map((at) => bytesToHex(mnemonicAccount(DEVNET_MNEMONIC, at).privateKey)),
    onProgress: () => {},
  })
}

/** What really happened: the nodes' own sightings, less the skew that each was given. */
function truthOf(hosts: readonly Host[]) {
  const judgedMs = hosts.map(({ node }, at) => {
    const sightings = node.timelines?.sightings(0, 10_000).sightings ?? []
    const accepted = sightings.filter(({ action }) => action === 'accept')
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
