import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { uptimeOf } from '../../src/scenario/downtime.ts'
import { describeFault, type Fault } from '../../src/scenario/fault.ts'
import { apportioned } from '../../src/scenario/placement.ts'
import { planOf } from '../../src/scenario/plan.ts'
import { AWS } from '../../src/scenario/regions/aws.ts'
import { INTEROP_8 } from '../../src/scenario/regions/interop8.ts'
import { planWith, scenarioWith } from '../builders/scenario.ts'

function kinds(faults: readonly { readonly fault: Fault; readonly atMs: number }[]): unknown[] {
  return faults.map(({ fault, atMs }) => [atMs, fault.kind])
}

const BUSY = {
  nodes: 24,
  regions: { table: 'aws' },
  topology: { kind: 'geographic' },
  classes: [{ name: 'weak', share: 0.25, upMbit: 5, router: { D: 4 }, hostile: 'mute' }],
  everyNode: { downMbit: 50, router: { heartbeatMs: 500 }, validationMs: 3, floodPublish: false },
  workload: {
    transactionsPerS: 7,
    arrivals: 'poisson',
    dataBytes: { min: 0, max: 900 },
    bursts: { everyS: 10, count: 5 },
    submitTo: 'random',
  },
  faults: [
    { kind: 'kill', nodes: { share: 0.1 }, atS: 3, everyS: 6, forS: 4 },
    { kind: 'partition', groups: [{ share: 0.3 }, 'rest'], atS: 8, forS: 5 },
  ],
}

describe('a plan', () => {
  test('is the same for the same scenario and seed, here and elsewhere', () => {
    const plan = planWith(BUSY)
    expect(planWith(BUSY)).toEqual(plan)
    const { network, load } = plan
    const faults = plan.faults.map(({ atMs, fault }) => [atMs, describeFault(fault)])
    const text = JSON.stringify([network, load, faults])
    expect(createHash('sha256').update(text).digest('hex')).toBe(
      'cf3317616bcda6149ea43300940e016fa4a1079c4d9c422f9a814eb7f95cc8c9',
    )
  })

  test('of another seed has other links, transactions and faults', () => {
    const [one, other] = [planWith(BUSY), planOf(scenarioWith(BUSY, { seed: 2 }))]
    expect(other.network.links).not.toEqual(one.network.links)
    expect(other.load).not.toEqual(one.load)
    expect(other.faults).not.toEqual(one.faults)
  })

  test('keeps its links when only the load changes', () => {
    const other = { ...BUSY, workload: { transactionsPerS: 50 } }
    expect(planWith(other).network).toEqual(planWith(BUSY).network)
  })

  test('gives each node what holds for all and for its class', () => {
    const { nodes } = planWith(BUSY).network
    const weak = nodes.filter(({ upBytesPerS }) => upBytesPerS === 625_000)
    expect(weak).toHaveLength(6)
    for (const node of nodes) {
      const router = weak.includes(node) ? { heartbeatMs: 500, D: 4 } : { heartbeatMs: 500 }
      expect(node.settings).toEqual({ router, floodPublish: false, validationDelayMs: 3 })
      expect(node.downBytesPerS).toBe(6_250_000)
    }
  })
})

describe('regions', () => {
  test('share the nodes by weight, none below its least', () => {
    const weights = fc.array(fc.nat(100), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(weights, fc.nat(100), fc.nat(5), (all, count, atLeast) => {
        const places = apportioned(all, count, atLeast)
        expect(places).toHaveLength(count)
        const sum = all.reduce((total, one) => total + one, 0)
        for (const [region, weight] of all.entries()) {
          const got = places.filter((place) => place === region).length
          expect(got).toBeGreaterThanOrEqual(Math.min(atLeast, Math.floor(count / all.length)))
          const error = sum > 0 && atLeast === 0 ? got - (weight / sum) * count : 0
          expect(Math.abs(error)).toBeLessThan(1)
        }
      }),
    )
  })

  test('give links the latency of their table, both ways the same', () => {
    const at = (name: string): number => INTEROP_8.regions.findIndex((one) => one.name === name)
    expect(INTEROP_8.latencyMs(at('europe'), at('na-east'))).toBe(70)
    expect(INTEROP_8.latencyMs(at('south-africa'), at('south-america'))).toBe(192.5)
    expect(AWS.regions).toHaveLength(33)
    const aws = (name: string): number => AWS.regions.findIndex((one) => one.name === name)
    expect(AWS.latencyMs(aws('us-east-1'), aws('eu-west-1'))).toBeCloseTo(35, 0)
    expect(AWS.latencyMs(aws('ap-southeast-2'), aws('af-south-1'))).toBeCloseTo(204, 0)
    for (let a = 0; a < 33; a++)
      for (let b = 0; b < 33; b++) {
        expect(AWS.latencyMs(a, b)).toBe(AWS.latencyMs(b, a))
        expect(AWS.jitterMs(a, b)).toBeGreaterThanOrEqual(0)
      }
  })

  test('of a user give one direction or the mean of both', () => {
    const latencyMs = { a: { a: 1, b: 30 }, b: { a: 50, b: 2 } }
    const { network, places } = planWith({
      nodes: 2,
      regions: { table: 'own', latencyMs, atLeast: 1, places: { a: { lat: 1, lon: 2 } } },
      links: { jitterMs: 3, loss: 0.1 },
    })
    expect(network.links.map(({ shape }) => shape)).toEqual([
      { latencyMs: 40, jitterMs: 3, lossRate: 0.1 },
    ])
    expect(places).toEqual({ a: { lat: 1, lon: 2 } })
  })
})

describe('the load', () => {
  test('comes evenly, in the warm-up too, each sender at its own node', () => {
    const { load } = planWith({ workload: { transactionsPerS: 4 }, warmupS: 1, durationS: 2 })
    expect(load.map(({ atMs }) => atMs)).toEqual([
      -1000, -750, -500, -250, 0, 250, 500, 750, 1000, 1250, 1500, 1750,
    ])
    for (const { sender, node } of load) expect(node).toBe(sender)
  })

  test('by a Poisson process has the rate that was asked for', () => {
    const { load } = planWith({
      workload: { transactionsPerS: 50, arrivals: 'poisson' },
      durationS: 100,
    })
    expect(load.length / 105).toBeGreaterThan(47)
    expect(load.length / 105).toBeLessThan(53)
  })

  test('bursts come on top, all at once', () => {
    const { load } = planWith({
      workload: { transactionsPerS: 0, bursts: { everyS: 4, count: 3 } },
      durationS: 10,
    })
    expect(load.map(({ atMs }) => atMs)).toEqual([0, 0, 0, 4000, 4000, 4000, 8000, 8000, 8000])
  })

  test.each([10_000, 100_000, 1_000_000, 4_000_000])('fills blocks up to %i bytes', (bytes) => {
    const workload = {
      transactionsPerS: 10,
      dataBytes: 100,
      blocks: { periodS: 2, fill: { bytes } },
    }
    const { load, chain } = planWith({ workload, durationS: 20, warmupS: 0 })
    const total = load.reduce((sum, { dataBytes }) => sum + dataBytes + 115, 0)
    expect(total / 10 / bytes).toBeGreaterThan(0.95)
    expect(total / 10 / bytes).toBeLessThan(1.05)
    const gasPerBlock = load.reduce((sum, one) => sum + 21_000 + 16 * one.dataBytes, 0) / 10
    expect(chain.gasLimit).toBeGreaterThanOrEqual(2 * gasPerBlock - 1)
  })

  test('fills a share of the gas', () => {
    const blocks = { periodS: 1, fill: { gasShare: 0.5 }, gasLimit: 30_000_000 }
    const { load } = planWith({ workload: { blocks }, durationS: 10, warmupS: 0 })
    const gas = load.reduce((sum, { dataBytes }) => sum + 16 * (dataBytes + 115), 0)
    expect(gas / 10 / 30_000_000).toBeCloseTo(0.5, 1)
  })

  test('goes around a node that is down or just back, to the next that is up', () => {
    const { load } = planWith({
      workload: { transactionsPerS: 10, submitTo: { node: 3 } },
      faults: [{ kind: 'kill', nodes: [3, 4], atS: 2, forS: 2 }],
      durationS: 12,
    })
    for (const { atMs, node } of load) expect(node).toBe(atMs >= 2000 && atMs < 9000 ? 5 : 3)
  })
})

describe('the uptime of a node', () => {
  test('ends with a kill, also of one that has just come back', () => {
    const kind = (atMs: number, what: 'kill' | 'restart') =>
      ({ atMs, fault: { kind: what, peers: [0] } }) as const
    const faults = [kind(1_000, 'kill'), kind(2_000, 'restart'), kind(4_000, 'kill')]
    const isUp = uptimeOf(2, 1, faults)
    expect([0, 1_000, 3_000, 7_000, 60_000].map((atMs) => isUp(0, atMs))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ])
    expect(isUp(1, 60_000)).toBe(false)
  })
})

describe('the faults', () => {
  test('that last are undone, and those that repeat come again', () => {
    const { faults } = planWith({
      faults: [
        { kind: 'kill', nodes: { count: 2 }, atS: 1, everyS: 10, forS: 3 },
        { kind: 'one-way', from: [0], to: [1], atS: 25, forS: 10 },
      ],
    })
    expect(kinds(faults)).toEqual([
      [1_000, 'kill'],
      [4_000, 'restart'],
      [11_000, 'kill'],
      [14_000, 'restart'],
      [21_000, 'kill'],
      [24_000, 'restart'],
      [25_000, 'one-way'],
    ])
  })

  test('never kill who is away, nor wake who is not', () => {
    const share = fc.double({ min: 0.05, max: 1, noNaN: true })
    fc.assert(
      fc.property(share, fc.integer({ min: 1, max: 9 }), fc.nat(), (part, everyS, seed) => {
        const kill = { kind: 'kill', nodes: { share: part }, atS: 1, everyS, forS: 5 }
        const away = new Set<number>()
        const strange = planOf(scenarioWith({ faults: [kill] }, { seed })).faults.filter(
          ({ fault }) => {
            if (fault.kind !== 'kill' && fault.kind !== 'restart') return true
            const wasAway = fault.peers.map((node) =>
              fault.kind === 'kill' ? away.has(node) || !away.add(node) : away.delete(node),
            )
            return wasAway.includes(fault.kind === 'kill')
          },
        )
        expect(strange).toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  test('split a network into groups that share no node', () => {
    const groups = [{ share: 0.3 }, { count: 2 }, 'rest']
    const [timed] = planWith({ faults: [{ kind: 'partition', groups, atS: 1 }] }).faults
    if (timed?.fault.kind !== 'partition') throw new Error('there is no partition')
    expect(timed.fault.groups.map((group) => group.length)).toEqual([3, 2, 5])
    expect(new Set(timed.fault.groups.flat()).size).toBe(10)
  })

  test('make links slow and as planned again', () => {
    const { faults } = planWith({
      nodes: 4,
      topology: { kind: 'line' },
      links: { latencyMs: 10 },
      faults: [{ kind: 'slow-link', links: [[2, 1]], latencyMs: 90, atS: 1, forS: 1 }],
    })
    const shape = (latencyMs: number) => ({ latencyMs, jitterMs: 0, lossRate: 0 })
    expect(faults.map(({ fault }) => fault)).toEqual([
      { kind: 'shape-links', links: [{ a: 1, b: 2, shape: shape(90) }] },
      { kind: 'shape-links', links: [{ a: 1, b: 2, shape: shape(10) }] },
    ])
  })

  test('give bandwidth and take it back, each node its own', () => {
    const { faults } = planWith({
      everyNode: { upMbit: 8 },
      classes: [{ name: 'a', nodes: [1], upMbit: 16, downMbit: 80 }],
      faults: [{ kind: 'bandwidth', nodes: [0, 1], upMbit: 1, atS: 1, forS: 1 }],
    })
    expect(faults.map(({ fault }) => describeFault(fault))).toEqual([
      'peer 0 has 1 Mbit/s up, any bandwidth down; peer 1 has 1 Mbit/s up, any bandwidth down',
      'peer 0 has 8 Mbit/s up, any bandwidth down; peer 1 has 16 Mbit/s up, 80 Mbit/s down',
    ])
  })

  test('bring the last nodes in late, and have hostile classes misbehave before all else', () => {
    const { faults, lateNodes, chain } = planWith({
      nodes: 5,
      classes: [{ name: 'bad', nodes: [2], hostile: 'mute' }],
      workload: { blocks: { signers: 5 } },
      faults: [{ kind: 'join', atS: 2, everyS: 3, untilS: 5 }],
    })
    expect([lateNodes, chain.signers]).toEqual([2, 3])
    expect(faults.map(({ atMs, fault }) => [atMs, describeFault(fault)])).toEqual([
      [-5_000, 'mute peer 2: receives all messages and forwards none'],
      [2_000, 'join peer 3'],
      [5_000, 'join peer 4'],
    ])
  })
})
