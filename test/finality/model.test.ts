import { describe, expect, test } from 'vitest'
import { runModel } from './model.ts'

/** Signers, and how many of them equivocate; `npm run test:sim` runs many more seeds. */
const NETWORKS = [
  [4, 1],
  [5, 1],
  [7, 2],
  [10, 3],
] as const
const SEEDS = 250

describe.each(NETWORKS)('%i signers of which %i vote for every fork', (signers, equivocators) => {
  const runs = Array.from({ length: SEEDS }, (_, seed) =>
    runModel({
      seed: seed * 100 + signers,
      signers,
      equivocators,
      interval: 1 + (seed % 3),
      wildSteps: 150,
      calmBlocks: 12 * (1 + (seed % 3)),
    }),
  )

  test('never make two conflicting blocks final, at any two nodes', () => {
    expect(runs.filter(({ isOneChain }) => !isOneChain)).toEqual([])
    expect(runs.filter(({ finals }) => finals.length > 0).length).toBe(SEEDS)
  })

  test('are convicted by every node in each run in which one voted twice for a height', () => {
    const guilty = runs.filter(({ contradicted }) => contradicted.length > 0)
    expect(guilty.length).toBeGreaterThan(SEEDS / 2)
    for (const { nodes, contradicted } of guilty)
      for (const { evidence } of nodes)
        expect(contradicted.filter((signer) => !evidence.isConvicted(signer))).toEqual([])
  })

  test('convict nobody who is honest', () => {
    for (const { nodes } of runs)
      for (const { evidence } of nodes) {
        const culprits = new Set(evidence.all().map(({ signer }) => signer))
        expect(culprits.size).toBeLessThanOrEqual(equivocators)
      }
  })

  test('cannot stop finality once messages arrive again', () => {
    const stuck = runs.filter(({ finalBeforeCalm, finalAtLast }) => finalAtLast <= finalBeforeCalm)
    expect(stuck).toEqual([])
  })
})
