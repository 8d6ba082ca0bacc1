import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/lib/random.ts'
import { solveClocks, type ClockOffset } from '../../src/measure/clocks/clockSolution.ts'

interface Network {
  readonly truthMs: readonly number[]
  readonly samples: readonly ClockOffset[]
}

/**
 * Clocks that are wrong by up to a second, joined at random; every exchange has two delays of its
 * own.
 */
function networkOf(seed: number, clocks: number, density: number): Network {
  const random = seededRandom(seed)
  const truthMs = Array.from({ length: clocks }, () => 2_000 * (random.next() - 0.5))
  const delayMs = (): number => 80 * random.next() ** 2
  const samples = truthMs.flatMap((one, from) =>
    truthMs.flatMap((other, to) => {
      if (from === to || random.next() > density) return []
      const [there, back] = [delayMs(), delayMs()]
      const offsetMs = other - one + (there - back) / 2
      return [{ from, to, offsetMs, errorMs: (there + back) / 2 }]
    }),
  )
  return { truthMs, samples }
}

const networks = fc
  .record({
    seed: fc.nat(),
    clocks: fc.integer({ min: 1, max: 12 }),
    density: fc.double({ min: 0.05, max: 1, noNaN: true }),
  })
  .map(({ seed, clocks, density }) => networkOf(seed, clocks, density))

describe('solved clocks', () => {
  test('hold the truth within the stated error, for every pair, whatever the delays were', () => {
    fc.assert(
      fc.property(networks, ({ truthMs, samples }) => {
        const solution = solveClocks(truthMs.length, samples, 0)
        for (const [a, one] of truthMs.entries())
          for (const [b, other] of truthMs.entries()) {
            const [x, y] = [solution.offsetsMs[a], solution.offsetsMs[b]]
            if (x === undefined || y === undefined) continue
            expect(Math.abs(y - x - (other - one))).toBeLessThanOrEqual(
              solution.errorMs(a, b) + 1e-6,
            )
          }
      }),
    )
  })

  test('have for a pair with a sample of its own no error beyond what one path to it adds', () => {
    fc.assert(
      fc.property(networks, ({ truthMs, samples }) => {
        const { errorMs, offsetsMs } = solveClocks(truthMs.length, samples, 0)
        for (const { from, to, offsetMs, errorMs: own } of samples) {
          const [x, y] = [offsetsMs[from], offsetsMs[to]]
          if (x === undefined || y === undefined) continue
          const away = Math.abs(y - x - offsetMs)
          expect(errorMs(from, to)).toBeLessThanOrEqual(own + away + 1e-6)
        }
      }),
    )
  })

  test('are exact where delays are the same both ways', () => {
    const { truthMs, samples } = networkOf(1, 8, 1)
    const even = samples.map((sample) => ({
      ...sample,
      offsetMs: (truthMs[sample.to] ?? 0) - (truthMs[sample.from] ?? 0),
    }))
    const { offsetsMs, residualMs } = solveClocks(8, even, 0)
    for (const [at, offset] of offsetsMs.entries())
      expect(offset).toBeCloseTo((truthMs[at] ?? 0) - (truthMs[0] ?? 0), 6)
    expect(residualMs).toBeLessThan(1e-6)
  })

  test('weigh a sample by its error', () => {
    const { offsetsMs } = solveClocks(
      2,
      [
        { from: 0, to: 1, offsetMs: 10, errorMs: 1 },
        { from: 1, to: 0, offsetMs: -20, errorMs: 100 },
      ],
      0,
    )
    expect(offsetsMs[1]).toBeCloseTo(10, 1)
  })

  test('of a part that nothing joins to the reference are not known', () => {
    const solution = solveClocks(
      5,
      [
        { from: 0, to: 1, offsetMs: 5, errorMs: 1 },
        { from: 2, to: 3, offsetMs: 5, errorMs: 1 },
      ],
      0,
    )
    expect(solution.offsetsMs).toEqual([0, 5, undefined, undefined, undefined])
    expect(solution.errorMs(1, 2)).toBe(Infinity)
    expect(solution.errorMs(2, 3)).toBe(Infinity)
  })

  test('disagree by what a circle of samples does not close', () => {
    const circle = [
      { from: 0, to: 1, offsetMs: 1, errorMs: 5 },
      { from: 1, to: 2, offsetMs: 1, errorMs: 5 },
      { from: 2, to: 0, offsetMs: 1, errorMs: 5 },
    ]
    expect(solveClocks(3, circle, 0).residualMs).toBeCloseTo(1, 9)
  })
})
