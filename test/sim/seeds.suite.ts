/** Random faults in small networks: what must hold in every network holds for every seed. */
import { describe, expect, test } from 'vitest'
import { shortfallsOf } from '../../src/measure/outcome.ts'
import { drawnScenario } from '../../src/sim/checkers/randomScenario.ts'
import { simulatedScenario } from '../builders/simulation.ts'

const FIRST = Number(process.env['SIM_FIRST_SEED'] ?? 1)
const SEEDS = Number(process.env['SIM_SEEDS'] ?? 300)
const BATCH = 20

const batches = Array.from({ length: Math.ceil(SEEDS / BATCH) }, (_, batch) => ({
  first: FIRST + batch * BATCH,
  last: Math.min(FIRST + SEEDS, FIRST + (batch + 1) * BATCH) - 1,
}))

/** What is wrong with the run of a seed, and the command that repeats it. */
async function problemsOf(seed: number): Promise<string[]> {
  const report = await simulatedScenario(drawnScenario(seed), { engine: 'node', isChecked: true })
  return shortfallsOf(report)
    .filter(({ kind }) => kind === 'broken' || kind === 'fault-failed')
    .map(({ text }) => `${text}\n  grapevine simulate random-faults --seed ${seed} --check`)
}

describe('what must hold in every network holds', () => {
  test.each(batches)('with the seeds $first to $last', async ({ first, last }) => {
    const problems: string[] = []
    for (let seed = first; seed <= last; seed++) problems.push(...(await problemsOf(seed)))
    expect(problems.join('\n')).toBe('')
  })

  test.each([
    [
      20,
      'a partition shorter than it takes a connection to fail leaves nobody dead for the others',
    ],
    [231, 'a partition of four neighbours leaves nobody dead for the others'],
    [163, 'a hostile node that is killed before it turns honest fails no fault'],
  ])('with seed %i: %s', async (seed) => {
    expect(await problemsOf(seed)).toEqual([])
  })
})
