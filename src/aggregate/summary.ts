/**
 * What a node holds of all nodes about one gauge: numbers of which every exchange takes the mean
 * with a partner (push-pull averaging, Jelasity, Montresor and Babaoglu 2005, after the push-sum of
 * Kempe, Dobra and Gehrke 2003), and extrema.
 *
 * A mean of two nodes leaves the sum over both as it was, so all nodes come to the mean of what all
 * contributed. The root of an epoch contributes a one of which everybody comes to hold 1/n: that is
 * the number of nodes.
 */
import { maxOf, minOf } from '../lib/extremes.ts'
import { BUCKETS, MAX_OBSERVATION, MAX_OBSERVATIONS } from './limits.ts'

const ROOT = 0
const COUNT = 1
const SUM = 2
const FIRST_BUCKET = 3

/**
 * Numbers that are averaged: the root's one, the number of observations, their sum, and the
 * buckets.
 */
export const MASS_COUNT = FIRST_BUCKET + BUCKETS

/** What a node holds; never changed. */
export interface Summary {
  readonly masses: Float64Array
  /** The lowest observation; Infinity where none is known. */
  readonly min: number
  /** The highest observation; -Infinity where none is known. */
  readonly max: number
}

/**
 * What a node puts in at the start. Observations that are negative, too high or no number are left
 * out.
 */
export function contribution(observed: readonly number[], isRoot: boolean): Summary {
  const values = observed.filter(isObservation).slice(-MAX_OBSERVATIONS)
  const masses = new Float64Array(MASS_COUNT)
  masses[ROOT] = isRoot ? 1 : 0
  masses[COUNT] = values.length
  for (const value of values) {
    add(masses, SUM, value)
    add(masses, FIRST_BUCKET + bucketOf(value), 1)
  }
  return { masses, min: minOf(values), max: maxOf(values) }
}

/**
 * What both partners hold after an exchange. A loop, since a model runs it some hundred thousand
 * times.
 */
export function mixed(a: Summary, b: Summary): Summary {
  const masses = new Float64Array(MASS_COUNT)
  for (let at = 0; at < MASS_COUNT; at++)
    masses[at] = ((a.masses[at] ?? 0) + (b.masses[at] ?? 0)) / 2
  return { masses, min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) }
}

/** The share of the root's one: 1/n once all hold the same; 0 where nothing of it has come. */
export function rootShare({ masses }: Summary): number {
  return masses[ROOT] ?? 0
}

/** Observations of a mean node. */
export function countOfMean({ masses }: Summary): number {
  return masses[COUNT] ?? 0
}

/** The sum of the observations of a mean node. */
export function sumOfMean({ masses }: Summary): number {
  return masses[SUM] ?? 0
}

/** The observations of a mean node by bucket. */
export function bucketsOf({ masses }: Summary): Float64Array {
  return masses.subarray(FIRST_BUCKET)
}

/** Why no honest node holds this; `undefined` for what one may hold. */
export function summaryDefect(summary: Summary): string | undefined {
  const { masses, min, max } = summary
  const [count, sum] = [countOfMean(summary), sumOfMean(summary)]
  if (masses.some((mass) => !Number.isFinite(mass) || mass < 0))
    return 'a mass is negative or no number'
  if (rootShare(summary) > 1) return 'the share of the root is above one'
  if (count > MAX_OBSERVATIONS) return `more than ${MAX_OBSERVATIONS} observations`
  const inBuckets = bucketsOf(summary).reduce((all, bucket) => all + bucket, 0)
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

function add(masses: Float64Array, at: number, amount: number): void {
  masses[at] = (masses[at] ?? 0) + amount
}
