import { describe, expect, test } from 'vitest'
import type { Report } from '../../src/measure/report.ts'
import type { EngineName } from '../../src/sim/engines/engineNames.ts'
import { scenarioWith } from '../builders/scenario.ts'
import { simulatedScenario } from '../builders/simulation.ts'

type Fields = Readonly<Record<string, unknown>>

/** Eight nodes in a ring of degree 4, 10 ms apart, two transactions a second. */
function run(fields: Fields, engine: EngineName = 'node'): Promise<Report> {
  const scenario = scenarioWith({
    nodes: 8,
    topology: { kind: 'small-world', degree: 4, rewired: 0 },
    links: { latencyMs: 10 },
    workload: { transactionsPerS: 2, dataBytes: 2000, blocks: { periodS: 1, signers: 3 } },
    warmupS: 1,
    durationS: 8,
    ...fields,
  })
  return simulatedScenario(scenario, { engine, isChecked: true })
}

function fault(fields: Fields): Fields {
  return { faults: [fields] }
}

describe('a fault in a simulation of whole nodes', () => {
  test.each([
    ['kill', { kind: 'kill', nodes: [6], atS: 2, forS: 3 }, ['kill', 'restart']],
    ['pause', { kind: 'pause', nodes: [6], atS: 2, forS: 3 }, ['pause', 'resume']],
    [
      'partition',
      { kind: 'partition', groups: [[0, 1, 2, 3], 'rest'], atS: 2, forS: 3 },
      ['partition', 'heal'],
    ],
    [
      'one-way',
      { kind: 'one-way', from: [6], to: [0, 1, 2, 3, 4, 5, 7], atS: 2, forS: 3 },
      ['one-way', 'heal'],
    ],
  ] as const)(
    '%s: nodes miss what is sent meanwhile, and have it in the end',
    async (_name, one, kinds) => {
      const report = await run(fault(one))
      expect(report.faults.map(({ kind }) => kind)).toEqual(kinds)
      expect(report.simulation?.problems).toEqual([])
    },
  )

  test('churn: nodes that come and go take part again', async () => {
    const report = await run(
      fault({ kind: 'kill', nodes: { count: 2 }, atS: 0.5, forS: 1, everyS: 2, untilS: 5 }),
    )
    expect(report.faults.filter(({ kind }) => kind === 'restart')).toHaveLength(3)
    expect(report.simulation?.problems).toEqual([])
  })

  test('slow links and a narrow access delay what passes them', async () => {
    const [usual, slow, narrow] = [
      await run({}),
      await run(fault({ kind: 'slow-link', nodes: [5], latencyMs: 400, atS: 0 })),
      await run(fault({ kind: 'bandwidth', nodes: [5], upMbit: 0.2, downMbit: 0.2, atS: 0 })),
    ]
    const most = ({ transactions }: Report): number => transactions.latencyMs.max ?? 0
    expect(most(usual)).toBeLessThan(100)
    expect(most(slow)).toBeGreaterThan(400)
    expect(most(narrow)).toBeGreaterThan(200)
  })

  test('a clock that jumps ahead makes its signer seal too early, and the chain stays one', async () => {
    const report = await run(fault({ kind: 'clock-jump', nodes: [1], byMs: 300, atS: 2 }))
    expect(report.simulation?.problems).toEqual([])
    expect(report.blocks.head).toBeGreaterThanOrEqual(8)
  })

  test.each(['mute', 'degrade', 'spam', 'withhold', 'flood'] as const)(
    '%s: a hostile node costs nobody anything that is valid',
    async (behaviour) => {
      const report = await run(fault({ kind: 'hostile', nodes: [6], behaviour, atS: 1, forS: 5 }))
      expect(report.simulation?.problems).toEqual([])
    },
  )

  test('spam is refused, and a flood comes as duplicates', async () => {
    const hostile = (behaviour: string): Promise<Report> =>
      run(fault({ kind: 'hostile', nodes: [6], behaviour, atS: 1, forS: 5 }))
    const [spam, flood] = [await hostile('spam'), await hostile('flood')]
    expect(spam.traffic.total.refusedBytes).toBeGreaterThan(0)
    expect(flood.traffic.total.duplicateBytes).toBeGreaterThan(1_000_000)
  })

  test('what a node does not survive is told as a failed fault', async () => {
    const faults = [
      { kind: 'kill', nodes: [6], atS: 1 },
      { kind: 'clock-jump', nodes: [6], byMs: 5, atS: 2 },
    ]
    const report = await run({ faults })
    expect(report.faults.map(({ kind }) => kind)).toContain('fault-failed')
  })
})

describe('a fault in a simulation of routers', () => {
  test.each(['mute', 'degrade', 'withhold', 'flood'] as const)(
    '%s: everything reaches everybody',
    async (behaviour) => {
      const report = await run(
        fault({ kind: 'hostile', nodes: [6], behaviour, atS: 1, forS: 5 }),
        'router',
      )
      expect(report.transactions.coverage).toBe(1)
    },
  )
})
