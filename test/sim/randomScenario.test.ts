import { expect, test } from 'vitest'
import { drawnScenario } from '../../src/sim/checkers/randomScenario.ts'

test('a scenario that is drawn is refused for no seed, and each of its faults has a time', () => {
  for (let seed = 0; seed < 500; seed++) {
    const ends = drawnScenario(seed).faults.map(({ atS, untilS = atS }) => untilS - atS)
    expect(Math.min(0, ...ends)).toBe(0)
  }
})
