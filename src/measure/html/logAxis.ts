/**
 * Steps within a decade, the finest first; an axis has the first that give it few enough labels.
 */
const STEPS = [[1, 2, 5], [1, 3], [1]] as const
/** More labels than this would run into each other at the width of half a page. */
const MAX_TICKS = 10
/** Below it nothing is told apart; zero has no place on such a scale. */
export const LEAST_MS = 0.01

/** A logarithmic axis for durations in ms: round ends around the values, and few round ticks. */
export function logAxis(valuesMs: readonly number[]) {
  const shown = valuesMs.length === 0 ? [1] : valuesMs
  const low = shown.reduce((least, ms) => Math.min(least, ms), Infinity)
  const high = shown.reduce((most, ms) => Math.max(most, ms), 0)
  const from = roundedDown(Math.max(LEAST_MS, low))
  const to = Math.max(roundedUp(Math.max(LEAST_MS, high)), from * 2)
  const ticks = STEPS.map((steps) => ticksBetween(from, to, steps))
  return {
    scale: { type: 'log' as const, domain: [from, to], nice: false },
    axis: {
      values: ticks.find(({ length }) => length <= MAX_TICKS) ?? ticks.at(-1) ?? [],
      format: '~r',
    },
  }
}

/** A duration that has a place on the axis. */
export function onLogAxis(ms: number): number {
  return Math.max(LEAST_MS, ms)
}

function ticksBetween(from: number, to: number, steps: readonly number[] = STEPS[0]): number[] {
  const decades = Array.from({ length: 16 }, (_, at) => at - 6)
  return decades
    .flatMap((decade) => steps.map((step) => Number(`${step}e${decade}`)))
    .filter((tick) => tick >= from && tick <= to)
}

function roundedDown(ms: number): number {
  return ticksBetween(0, ms).at(-1) ?? ms
}

function roundedUp(ms: number): number {
  return ticksBetween(ms, Infinity)[0] ?? ms
}
