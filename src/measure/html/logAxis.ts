const STEPS = [1, 2, 5] as const
/** More labels than this and only every whole decade has one. */
const MAX_TICKS = 8
/** Below it nothing is told apart; zero has no place on such a scale. */
export const LEAST_MS = 0.01

/** A logarithmic axis for durations in ms: round ends around the values, and few round ticks. */
export function logAxis(valuesMs: readonly number[]) {
  const shown = valuesMs.length === 0 ? [1] : valuesMs
  const low = shown.reduce((least, ms) => Math.min(least, ms), Infinity)
  const high = shown.reduce((most, ms) => Math.max(most, ms), 0)
  const from = roundedDown(Math.max(LEAST_MS, low))
  const to = roundedUp(Math.max(LEAST_MS, high))
  const ticks = ticksBetween(from, Math.max(to, from * 2))
  const isDecade = (tick: number): boolean => Number.isInteger(Math.log10(tick))
  return {
    scale: {
      type: 'log' as const,
      domain: [ticks[0] ?? 1, ticks.at(-1) ?? 10],
      nice: false,
    },
    axis: {
      values: ticks.length > MAX_TICKS ? ticks.filter(isDecade) : ticks,
      format: '~r',
    },
  }
}

/** A duration that has a place on the axis. */
export function onLogAxis(ms: number): number {
  return Math.max(LEAST_MS, ms)
}

function ticksBetween(from: number, to: number): number[] {
  const decades = Array.from({ length: 16 }, (_, at) => at - 6)
  return decades
    .flatMap((decade) => STEPS.map((step) => Number(`${step}e${decade}`)))
    .filter((tick) => tick >= from && tick <= to)
}

function roundedDown(ms: number): number {
  return ticksBetween(0, ms).at(-1) ?? ms
}

function roundedUp(ms: number): number {
  return ticksBetween(ms, Infinity)[0] ?? ms
}
