/** Numbers as people read them, the same in every form of the report; `-` where there is none. */
import type { LatencySummary, Percentiles } from './percentile.ts'

/** Two decimals below ten, one above. */
export function numberText(value: number | null): string {
  return value === null ? '-' : value.toFixed(Math.abs(value) < 10 ? 2 : 1)
}

/** A lower bound, rounded down so that it stays one: `>= 8123`. */
export function atLeastText(value: number): string {
  const factor = Math.abs(value) < 10 ? 100 : 1
  return `>=${Math.floor(value * factor) / factor}`
}

/**
 * A figure of a summary: its value, where that is not known its lower bound, `-` where there is
 * nothing.
 */
export function figureText(summary: LatencySummary, name: keyof Percentiles): string {
  const bound = summary.atLeast?.[name] ?? null
  return bound === null ? numberText(summary[name]) : atLeastText(bound)
}

/** How many of the values a figure is of are known: `297 of 300`. */
export function countText({ count, of }: { readonly count: number; readonly of: number }): string {
  return `${count} of ${of}`
}

/** A share of one in per cent; `100 %` is exact. */
export function percentText(share: number | null): string {
  return share === null ? '-' : `${(share * 100).toFixed(share === 1 ? 0 : 2)} %`
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** Bytes in decimal units, such as `1.5 MB`. */
export function bytesText(bytes: number): string {
  let scaled = bytes
  let unit = 0
  while (scaled >= 1000 && unit < UNITS.length - 1) {
    scaled /= 1000
    unit++
  }
  return `${unit === 0 ? scaled : scaled.toFixed(1)} ${UNITS[unit]}`
}

/**
 * What clocks may have falsified figures by, to stand behind them; nothing where they could not.
 */
export function errorText({ errorMs }: { readonly errorMs: number }): string {
  return errorMs === 0 ? '' : `, each ± ${numberText(errorMs)} ms`
}
