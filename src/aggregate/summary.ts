/**
 * What a node holds of all nodes: numbers of which every exchange takes the mean with a partner (push-pull averaging,
 * Jelasity, Montresor and Babaoglu 2005, after the push-sum of Kempe, Dobra and Gehrke 2003), and extrema.
 *
 * A mean of two nodes leaves the sum over both as it was, so all nodes come to the mean of what all contributed. The
 * root of an epoch contributes a one of which everybody comes to hold 1/n: that is the number of nodes.
 */
import { GAUGE_NAMES, type GaugeName, type NodeObservations } from './gauges.ts'
import { BUCKETS, MAX_OBSERVATION, MAX_OBSERVATIONS } from './limits.ts'

const ROOT = 0
const COUNT = 0
const SUM = 1
const FIRST_BUCKET = 2
const MASSES_OF_GAUGE = FIRST_BUCKET + BUCKETS

/** Numbers that are averaged: the root's one, then for each gauge count, sum and buckets. */
export const MASS_COUNT = 1 + GAUGE_NAMES.length * MASSES_OF_GAUGE

/** What a node holds; never changed. */
export interface Summary {
  readonly masses: Float64Array
  /** The lowest observation of each gauge; Infinity where none is known. */
  readonly minima: Float64Array
  /** The highest observation of each gauge; -Infinity where none is known. */
  readonly maxima: Float64Array
}

/** One gauge of a summary: observations of a mean node. */
export interface GaugeSummary {
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  readonly buckets: Float64Array
}

/** What a node puts in at the start. NodeObservations that are no number of a gauge are left out. */
export function contribution(observations: NodeObservations, isRoot: boolean): Summary {
  const masses = new Float64Array(MASS_COUNT)
  const minima = new Float64Array(GAUGE_NAMES.length).fill(Infinity)
  const maxima = new Float64Array(GAUGE_NAMES.length).fill(-Infinity)
  masses[ROOT] = isRoot ? 1 : 0
  for (const [at, name] of GAUGE_NAMES.entries()) {
    const base = baseOf(at)
    for (const value of observations[name].filter(isObservation).slice(-MAX_OBSERVATIONS)) {
      add(masses, base + COUNT, 1)
      add(masses, base + SUM, value)
      add(masses, base + FIRST_BUCKET + bucketOf(value), 1)
      minima[at] = Math.min(minima[at] ?? Infinity, value)
      maxima[at] = Math.max(maxima[at] ?? -Infinity, value)
    }
  }
  return { masses, minima, maxima }
}

/** What both partners hold after an exchange. Loops, since a model runs it some hundred thousand times. */
export function mixed(a: Summary, b: Summary): Summary {
  const masses = new Float64Array(MASS_COUNT)
  for (let at = 0; at < MASS_COUNT; at++)
    masses[at] = ((a.masses[at] ?? 0) + (b.masses[at] ?? 0)) / 2
  return {
    masses,
    minima: a.minima.map((low, at) => Math.min(low, b.minima[at] ?? Infinity)),
    maxima: a.maxima.map((high, at) => Math.max(high, b.maxima[at] ?? -Infinity)),
  }
}

/** The share of the root's one: 1/n once all hold the same; 0 where nothing of it has come. */
export function rootShare({ masses }: Summary): number {
  return masses[ROOT] ?? 0
}

/** One gauge of a summary. */
export function gaugeOf({ masses, minima, maxima }: Summary, name: GaugeName): GaugeSummary {
  const at = GAUGE_NAMES.indexOf(name)
  const base = baseOf(at)
  return {
    count: masses[base + COUNT] ?? 0,
    sum: masses[base + SUM] ?? 0,
    min: minima[at] ?? Infinity,
    max: maxima[at] ?? -Infinity,
    buckets: masses.subarray(base + FIRST_BUCKET, base + MASSES_OF_GAUGE),
  }
}

/** Why no honest node holds this; `undefined` for what one may hold. */
export function summaryDefect(summary: Summary): string | undefined {
  const { masses } = summary
  if (masses.some((mass) => !Number.isFinite(mass) || mass < 0))
    return 'a mass is negative or no number'
  if (rootShare(summary) > 1) return 'the share of the root is above one'
  return GAUGE_NAMES.map((name) => gaugeDefect(gaugeOf(summary, name))).find(
    (defect) => defect !== undefined,
  )
}

function gaugeDefect({ count, sum, min, max, buckets }: GaugeSummary): string | undefined {
  if (count > MAX_OBSERVATIONS) return `more than ${MAX_OBSERVATIONS} observations`
  const inBuckets = buckets.reduce((all, bucket) => all + bucket, 0)
  if (Math.abs(inBuckets - count) > tolerance(count))
    return 'the buckets do not add up to the count'
  if (count === 0) return sum === 0 ? undefined : 'a sum of no observations'
  if (!isObservation(min) || !isObservation(max) || min > max) return 'extrema out of bounds'
  const isBetween = sum >= count * min - tolerance(sum) && sum <= count * max + tolerance(sum)
  return isBetween ? undefined : 'the mean is outside of the extrema'
}

/** Rounding of many additions, relative, and a little for the smallest. */
function tolerance(value: number): number {
  return 1e-9 * value + 1e-12
}

/** The bucket of a value: 0 up to 1, then two for each doubling. */
export function bucketOf(value: number): number {
  if (value <= 1) return 0
  return Math.min(BUCKETS - 1, Math.ceil(2 * Math.log2(value)))
}

/** Where bucket `at` ends, inclusive. */
export function bucketEnd(at: number): number {
  return at === BUCKETS - 1 ? MAX_OBSERVATION : 2 ** (at / 2)
}

function isObservation(value: number): boolean {
  return value >= 0 && value <= MAX_OBSERVATION
}

function baseOf(gauge: number): number {
  return 1 + gauge * MASSES_OF_GAUGE
}

function add(masses: Float64Array, at: number, amount: number): void {
  masses[at] = (masses[at] ?? 0) + amount
}
