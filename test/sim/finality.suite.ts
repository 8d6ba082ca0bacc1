/**
 * Finality on whole simulated nodes, by the scenario files that real processes run, over many
 * seeds.
 */
import { describe, expect, test } from 'vitest'
import type { Report } from '../../src/measure/report.ts'
import type { Scenario } from '../../src/scenario/scenarioSchema.ts'
import { runModel } from '../finality/model.ts'
import { readScenario } from '../builders/scenario.ts'
import { simulatedScenario } from '../builders/simulation.ts'

const FIRST = Number(process.env['SIM_FIRST_SEED'] ?? 1)
/** Of each scenario; the model below has thousands of the same rules. */
const SEEDS = Math.max(1, Math.floor(Number(process.env['SIM_SEEDS'] ?? 300) / 15))

/**
 * Networks of the model of the same rules, without sockets and signatures: 3,000 where each
 * scenario has 20 seeds.
 */
const MODELS = 150 * SEEDS
/** They take a minute or two where nothing else runs. */
const MODELS_TIMEOUT_MS = 3_600_000

const seeds = Array.from({ length: SEEDS }, (_, at) => FIRST + at)

function run(scenario: Scenario, seed: number): Promise<Report> {
  return simulatedScenario({ ...scenario, seed }, { engine: 'node', isChecked: true })
}

function figuresOf({ finality }: Report) {
  if (finality === null) throw new Error('whole nodes have finality')
  return finality
}

describe('a network of the model, of whose signers up to a third vote for every fork', () => {
  test(
    'never makes two conflicting blocks final, and convicts everybody who contradicted himself at every node',
    () => {
      const wrong: string[] = []
      let guilty = 0
      for (let at = 0; at < MODELS; at++) {
        const seed = FIRST + at
        const signers = 4 + (seed % 10)
        const equivocators = Math.ceil(signers / 3) - 1
        const interval = 1 + (seed % 3)
        const calm = { interval, wildSteps: 150, calmBlocks: 12 * interval }
        const run = runModel({ seed, signers, equivocators, ...calm })
        const isShownEverywhere = run.nodes.every(({ evidence }) =>
          run.contradicted.every((signer) => evidence.isConvicted(signer)),
        )
        guilty += run.contradicted.length > 0 ? 1 : 0
        if (!run.isOneChain || !isShownEverywhere || run.finals.length === 0)
          wrong.push(`seed ${seed}`)
      }
      expect(wrong).toEqual([])
      expect(guilty).toBeGreaterThan(MODELS / 2)
    },
    MODELS_TIMEOUT_MS,
  )
})

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
