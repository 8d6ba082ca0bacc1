/** Finality on whole simulated nodes, by the scenario files that real processes run, over many seeds. */
import { describe, expect, test } from 'vitest'
import type { Report } from '../../src/measure/report.ts'
import type { Scenario } from '../../src/scenario/scenarioSchema.ts'
import { readScenario } from '../builders/scenario.ts'
import { simulatedScenario } from '../builders/simulation.ts'

const FIRST = Number(process.env['SIM_FIRST_SEED'] ?? 1)
/** Of each scenario; the model of test/finality has a thousand seeds of the same rules. */
const SEEDS = Math.max(1, Math.floor(Number(process.env['SIM_SEEDS'] ?? 300) / 15))

const seeds = Array.from({ length: SEEDS }, (_, at) => FIRST + at)

function run(scenario: Scenario, seed: number): Promise<Report> {
  return simulatedScenario({ ...scenario, seed }, { engine: 'node', isChecked: true })
}

function figuresOf({ finality }: Report) {
  if (finality === null) throw new Error('whole nodes have finality')
  return finality
}

describe('a network of eight signers', () => {
  test('that is parted in halves makes nothing conflicting final, and holds to one chain after it', async () => {
    for (const seed of seeds) {
      const report = await run(readScenario('finality-partition'), seed)
      expect(report.simulation?.problems).toEqual([])
      expect(figuresOf(report)).toMatchObject({ conflicts: 0, evidenceAtNodes: 0 })
      expect(figuresOf(report).finalized).toBeGreaterThan(15)
    }
  })

  test('of whom two vote for two blocks at every checkpoint makes nothing conflicting final, and every node has the proof', async () => {
    for (const seed of seeds) {
      const report = await run(readScenario('hostile-equivocate'), seed)
      expect(report.simulation?.problems).toEqual([])
      expect(figuresOf(report)).toMatchObject({ conflicts: 0, evidenceAtNodes: 8 })
      expect(figuresOf(report).finalized).toBeGreaterThan(15)
    }
  })

  test('of whom three are off for a while goes on sealing, and on finalizing when they are back', async () => {
    const report = await run(readScenario('finality-signers-off'), FIRST)
    expect(report.simulation?.problems).toEqual([])
    expect(figuresOf(report)).toMatchObject({ conflicts: 0, evidenceAtNodes: 0 })
    expect((report.blocks.head ?? 0) - figuresOf(report).finalized).toBeLessThanOrEqual(8)
  })
})
