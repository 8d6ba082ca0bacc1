import { describe, expect, test } from 'vitest'
import { simulated } from '../builders/simulation.ts'

function scenario(...faults: readonly string[]): string {
  return [
    'name: test',
    'shows: What nodes know of each other.',
    'nodes: 24',
    'topology: { kind: random-regular, degree: 6 }',
    'regions: { table: interop-8 }',
    'workload: { transactionsPerS: 0.2 }',
    'durationS: 14',
    ...(faults.length > 0 ? ['faults:', ...faults.map((fault) => `  - ${fault}`)] : []),
  ].join('\n')
}

describe('the members of a simulated network', () => {
  test('that die are known dead by all within ten seconds, and nobody else is suspected', async () => {
    const { members } = await simulated(scenario('{ kind: kill, atS: 1, nodes: [7] }'), {
      engine: 'node',
    })
    expect(members).toMatchObject({
      deathKnownMs: { count: 23 },
      suspectedUp: { members: 0 },
      heldDeadUp: { members: 0 },
      aliveHeldDead: 0,
      deadHeldAlive: 0,
    })
    expect(members?.deathKnownMs?.max).toBeLessThan(10_000)
  })

  test('that are paused for three seconds accuse nobody to death, and die to nobody', async () => {
    const { members } = await simulated(
      scenario('{ kind: pause, atS: 1, forS: 3, nodes: [3, 9, 15] }'),
      { engine: 'node' },
    )
    expect(members).toMatchObject({
      heldDeadUp: { members: 0 },
      aliveHeldDead: 0,
      deadHeldAlive: 0,
    })
  })

  // Seed 3: all neighbours learnt a refutation by their probes, and the router forwarded it nowhere.
  test('that are paused again and again refute what is said of them in time to be heard by all', async () => {
    const text = scenario(
      '{ kind: slow-link, nodes: { share: 1 }, loss: 0.05, atS: 0 }',
      '{ kind: pause, nodes: [7, 17, 27, 37], atS: 1, everyS: 6, untilS: 14, forS: 4 }',
      '{ kind: pause, nodes: [27, 37], atS: 5.5, everyS: 6, untilS: 14, forS: 1 }',
    )
      .replace('nodes: 24', 'nodes: 100\nseed: 3')
      .replace('degree: 6', 'degree: 10')
      .replace('durationS: 14', 'durationS: 24')
    const { members } = await simulated(text, { engine: 'node' })
    expect(members?.suspectedUp.members).toBe(4)
    expect(members?.heldDeadUp).toEqual({ members: 0, holders: 0 })
  })

  test('that restart are alive to all, and a leave is known at once', async () => {
    const { members, simulation } = await simulated(
      scenario(
        '{ kind: kill, atS: 1, forS: 4, nodes: [5] }',
        '{ kind: leave, atS: 8, nodes: [3] }',
      ),
      { engine: 'node', isChecked: true },
    )
    expect(members?.leaveKnownMs).toMatchObject({ count: 23 })
    expect(members?.leaveKnownMs?.max).toBeLessThan(2_000)
    expect(simulation?.problems?.filter((line) => line.startsWith('members'))).toEqual([])
    expect(members).toMatchObject({ aliveHeldDead: 0, deadHeldAlive: 0 })
  })

  test('that others say do not answer are there for all, whatever five of them say', async () => {
    const { members } = await simulated(
      scenario('{ kind: hostile, behaviour: accuse, atS: 1, nodes: [0, 1, 2, 3, 4] }'),
      { engine: 'node' },
    )
    expect(members?.suspectedUp.members).toBeGreaterThan(10)
    expect(members).toMatchObject({ heldDeadUp: { members: 0 }, aliveHeldDead: 0 })
  }, 120_000)
})
