import { describe, expect, test } from 'vitest'
import type { Report } from '../../src/measure/report.ts'
import {
  ALL_SHORTCUTS,
  SHORTCUTS,
  type ShortcutName,
  type Shortcuts,
} from '../../src/sim/shortcuts/shortcuts.ts'
import { networkOf, simulated } from '../builders/simulation.ts'

const NONE: Shortcuts = new Set()
/**
 * Frames that arrive late, twice and out of their turn, and messages that are announced before they
 * are sent.
 */
const ROUGH = networkOf(30, 'links: { jitterMs: 3, loss: 0.02 }').replace(
  'dataBytes: 85',
  'dataBytes: 2000',
)
const ROUGH_NODES = ROUGH.replace('nodes: 30', 'nodes: 14')
const WHOLE = { engine: 'node', shortcuts: NONE } as const
const FAULTS = [
  'faults:',
  '  - { kind: kill, atS: 1, forS: 1, nodes: { share: 0.1 } }',
  '  - { kind: pause, atS: 2, forS: 1, nodes: { share: 0.1 } }',
  '  - { kind: partition, atS: 3, forS: 1, groups: [{ share: 0.3 }, rest] }',
].join('\n')

/** All that is measured, but for what depends on the machine. */
function measured({ simulation, transactions, traffic, peers }: Report): unknown {
  const { traceHash, events } = simulation ?? {}
  return { traceHash, events, total: traffic.total, transactions, peers }
}

let roughly: Promise<Report> | undefined
let roughNodes: Promise<Report> | undefined

describe('shortcuts inside the router', () => {
  test('leave 300 routers the same trace, the same latencies and the same bytes of every peer', async () => {
    const whole = await simulated(networkOf(300), { shortcuts: NONE })
    expect(measured(await simulated(networkOf(300)))).toEqual(measured(whole))
    expect(whole.transactions.coverage).toBe(1)
    expect(whole.traffic.total.controlReceived.ihave).toBeGreaterThan(1000)
  })

  test('leave the same trace where nodes die, pause and are parted', async () => {
    const scenario = networkOf(60, FAULTS)
    const whole = await simulated(scenario, { shortcuts: NONE })
    expect(measured(await simulated(scenario))).toEqual(measured(whole))
    expect(whole.faults.length).toBeGreaterThanOrEqual(5)
  })

  test.each(['withhold', 'flood', 'mute'])(
    'leave the same trace where a fifth of the nodes misbehave: %s',
    async (hostile) => {
      const scenario = networkOf(
        40,
        `classes: [{ name: bad, share: 0.2, hostile: ${hostile} }, { name: good, share: 0.8 }]`,
      )
      const whole = await simulated(scenario, { shortcuts: NONE })
      expect(measured(await simulated(scenario))).toEqual(measured(whole))
    },
  )

  test('leave whole nodes the same trace', async () => {
    const scenario = networkOf(16, FAULTS)
    const whole = await simulated(scenario, { engine: 'node', shortcuts: NONE })
    expect(measured(await simulated(scenario, { engine: 'node' }))).toEqual(measured(whole))
  })

  test('leave 300 whole nodes the same trace, with blocks', async () => {
    const scenario = networkOf(300, 'warmupS: 1')
      .replace('dataBytes: 85', 'dataBytes: 85, blocks: { periodS: 2 }')
      .replace('durationS: 5', 'durationS: 3')
    const whole = await simulated(scenario, WHOLE)
    expect(measured(await simulated(scenario, { engine: 'node' }))).toEqual(measured(whole))
    expect(whole.transactions.coverage).toBe(1)
    expect(whole.blocks.head).toBeGreaterThan(0)
  })

  test.each(['lean reading', 'lean scores', 'short heartbeats', 'columns'] as const)(
    'each leaves whole nodes the same trace without the others, over links that jitter and lose: %s',
    async (name) => {
      const whole = await (roughNodes ??= simulated(ROUGH_NODES, WHOLE))
      expect(whole.traffic.total.controlReceived.ihave).toBeGreaterThan(0)
      const one = await simulated(ROUGH_NODES, { ...WHOLE, shortcuts: new Set([name]) })
      expect(measured(one)).toEqual(measured(whole))
    },
  )

  test.each(Object.keys(SHORTCUTS) as ShortcutName[])(
    'each leaves the same trace without the others, over links that jitter and lose: %s',
    async (name) => {
      const whole = await (roughly ??= simulated(ROUGH, { shortcuts: NONE }))
      const { controlReceived } = whole.traffic.total
      for (const kind of ['ihave', 'idontwant'] as const)
        expect(controlReceived[kind]).toBeGreaterThan(0)
      const one = await simulated(ROUGH, { shortcuts: new Set([name]) })
      expect(measured(one)).toEqual(measured(whole))
    },
  )

  test('are all in use unless others are named', () => {
    expect([...ALL_SHORTCUTS].toSorted()).toEqual(Object.keys(SHORTCUTS).toSorted())
  })
})
