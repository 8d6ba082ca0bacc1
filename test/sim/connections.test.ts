import { describe, expect, test } from 'vitest'
import type { SimMachine } from '../../src/sim/links/machine.ts'
import type { Population } from '../../src/sim/world.ts'
import type { SimWorld } from '../../src/sim/engines/engine.ts'
import { networkOf, simulated } from '../builders/simulation.ts'

/** Runs a small network and does something at each of these virtual times. */
async function withSteps(
  steps: Readonly<Record<number, (population: Population, world: SimWorld) => void>>,
  nodes = 12,
): Promise<void> {
  await simulated(networkOf(nodes), {
    onPopulation: (population, world) => {
      for (const [atMs, step] of Object.entries(steps))
        world.time.worldAt(Number(atMs), {
          owner: world.time.world,
          run: () => step(population, world),
        })
    },
  })
}

function latenciesFrom({ wires }: SimMachine): number[] {
  return [...wires.values()].map(({ shape }) => shape.latencyMs)
}

describe('the connections of a simulation', () => {
  test('of a node that comes back are those of the plan, whatever was made of them before', async () => {
    const seen: Record<string, number[]> = {}
    const look = (name: string) => (population: Population) => {
      seen[name] = latenciesFrom(population.machine(0)).toSorted((a, b) => a - b)
    }
    await withSteps({
      4_000: look('planned'),
      4_100: (population, { machines }) => {
        const links = machines.slice(1).map(({ index: b }) => ({ a: 0, b, shape: SLOW }))
        population.apply({ kind: 'shape-links', links })
      },
      4_200: look('slowed'),
      5_000: (population) => population.apply({ kind: 'kill', peers: [0] }),
      6_000: (population) => population.apply({ kind: 'restart', peers: [0] }),
      9_000: look('back'),
    })
    expect(new Set(seen['slowed'])).toEqual(new Set([SLOW.latencyMs]))
    expect(seen['planned']).toHaveLength(10)
    expect(seen['back']).toEqual(seen['planned'])
  })

  test('between the groups of a partition end, and those within them stay', async () => {
    const between: number[] = []
    const within: number[] = []
    const count = (population: Population): void => {
      const wires = [0, 1, 2, 3, 4, 5].flatMap((index) => [
        ...population.machine(index).wires.values(),
      ])
      between.push(wires.filter(({ to }) => to.index > 5).length)
      within.push(wires.filter(({ to }) => to.index <= 5).length)
    }
    await withSteps({
      4_000: count,
      4_100: (population) =>
        population.apply({
          kind: 'partition',
          groups: [
            [0, 1, 2, 3, 4, 5],
            [6, 7, 8, 9, 10, 11],
          ],
        }),
      5_000: count,
      5_100: (population) => population.apply({ kind: 'heal' }),
      9_000: count,
    })
    expect(between[0]).toBeGreaterThan(0)
    expect(between).toEqual([between[0], 0, between[0]])
    expect(new Set(within).size).toBe(1)
  })
})

const SLOW = { latencyMs: 400, jitterMs: 0, lossRate: 0 }
