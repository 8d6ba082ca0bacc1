/**
 * How far a difference between two runs may be chance: bootstrap by clusters. A message reaches
 * many nodes, and its latencies hang together, so whole messages are drawn again, not single
 * latencies (Davison and Hinkley, Bootstrap Methods and their Application, section 3.8; percentile
 * intervals, section 5.3).
 */
import type { Random } from '../lib/random.ts'
import { percentile } from './percentile.ts'

/** Figures of a sample whose clusters (messages, peers) count as often as their weights say. */
export interface Sampler {
  readonly clusters: number
  /** Of `of` values that there would be if everything had arrived, `count` are known. */
  readonly sample: SampleSize
  /**
   * One value for each figure; null where it has none, infinite where it lies among values that are
   * not known.
   */
  figures(weights: Uint32Array): readonly (number | null)[]
  /** For each figure what it is at least; null where that is not known. */
  atLeast(weights: Uint32Array): readonly (number | null)[]
}

/** How many values a figure is of. */
export interface SampleSize {
  readonly count: number
  readonly of: number
}

/** Where a difference lies; null is no bound on that side. */
export interface Interval {
  readonly low: number | null
  readonly high: number | null
}

/** Durations that belong together, such as those of one message; ms. */
export interface DurationCluster {
  readonly knownMs: readonly number[]
  /** For each duration whose end was not seen, how long it was waited for. */
  readonly unendedMs: readonly number[]
}

/** Each cluster once: the sample as it was measured. */
export function onceEach({ clusters }: Sampler): Uint32Array {
  return new Uint32Array(clusters).fill(1)
}

/**
 * The interval that holds `confidence` of the differences b - a when both samples are drawn again
 * `replicates` times; one for each figure, `undefined` where a figure has no values.
 */
export function differenceIntervals(
  a: Sampler,
  b: Sampler,
  options: { readonly random: Random; readonly replicates: number; readonly confidence: number },
): (Interval | undefined)[] {
  const { random, replicates, confidence } = options
  const ends = a.figures(onceEach(a)).map(() => ({ lows: [] as number[], highs: [] as number[] }))
  for (let round = 0; round < replicates; round++) {
    const [fromA, fromB] = [drawnFigures(a, random), drawnFigures(b, random)]
    for (const [at, { lows, highs }] of ends.entries()) {
      const [one, other] = [fromA[at], fromB[at]]
      if (one === undefined || other === undefined) continue
      lows.push(one.most === Infinity ? -Infinity : other.least - one.most)
      highs.push(other.most === Infinity ? Infinity : other.most - one.least)
    }
  }
  return ends.map(({ lows, highs }) => intervalOf(lows, highs, confidence))
}

/**
 * Between what each figure lies when the sample is drawn again; `undefined` for one without values.
 */
function drawnFigures(
  sampler: Sampler,
  random: Random,
): readonly ({ readonly least: number; readonly most: number } | undefined)[] {
  const weights = drawn(sampler, random)
  const figures = sampler.figures(weights)
  const least = figures.includes(Infinity) ? sampler.atLeast(weights) : figures
  return figures.map((most, at) =>
    most === null ? undefined : { least: least[at] ?? -Infinity, most },
  )
}

/** How often each cluster comes when as many as there are are drawn with replacement. */
function drawn({ clusters }: Sampler, random: Random): Uint32Array {
  const weights = new Uint32Array(clusters)
  for (let draw = 0; draw < clusters; draw++) {
    const cluster = random.int(clusters)
    weights[cluster] = (weights[cluster] ?? 0) + 1
  }
  return weights
}

function intervalOf(
  lows: readonly number[],
  highs: readonly number[],
  confidence: number,
): Interval | undefined {
  if (lows.length === 0) return undefined
  const tail = (100 * (1 - confidence)) / 2
  const end = (values: readonly number[], percent: number): number | null => {
    const value = percentile(
      values.toSorted((a, b) => a - b),
      percent,
    )
    return value === undefined || !Number.isFinite(value) ? null : value
  }
  return { low: end(lows, tail), high: end(highs, 100 - tail) }
}

/**
 * Nearest-rank percentiles over durations that come in clusters; those that are not known are the
 * longest.
 */
export function percentileSampler(
  clusters: readonly DurationCluster[],
  percents: readonly number[],
): Sampler {
  const known = orderedValues(clusters.map(({ knownMs }) => knownMs))
  const least = orderedValues(clusters.map(({ knownMs, unendedMs }) => [...knownMs, ...unendedMs]))
  const sizes = clusters.map(({ knownMs, unendedMs }) => knownMs.length + unendedMs.length)
  const figuresOf = (values: OrderedValues, weights: Uint32Array): (number | null)[] => {
    const count = sizes.reduce((sum, size, at) => sum + size * (weights[at] ?? 0), 0)
    if (count === 0) return percents.map(() => null)
    const ranks = percents.map((percent) => Math.max(1, Math.ceil((percent * count) / 100)))
    return valuesAtRanks(values, weights, ranks)
  }
  return {
    clusters: clusters.length,
    sample: { count: known.ascending.length, of: least.ascending.length },
    figures: (weights) => figuresOf(known, weights),
    atLeast: (weights) => figuresOf(least, weights),
  }
}

interface OrderedValues {
  readonly ascending: Float64Array
  /** By value, the cluster that it is of. */
  readonly clusterOf: Uint32Array
}

function orderedValues(clusters: readonly (readonly number[])[]): OrderedValues {
  const pairs = clusters
    .flatMap((values, cluster) => values.map((value) => ({ value, cluster })))
    .sort((a, b) => a.value - b.value)
  return {
    ascending: Float64Array.from(pairs, ({ value }) => value),
    clusterOf: Uint32Array.from(pairs, ({ cluster }) => cluster),
  }
}

/**
 * The values at ascending `ranks` when each stands as often as its cluster weighs; infinite beyond
 * the last. Walks over every value: no objects.
 */
function valuesAtRanks(
  { ascending, clusterOf }: OrderedValues,
  weights: Uint32Array,
  ranks: readonly number[],
): number[] {
  const found = ranks.map(() => Infinity)
  let passed = 0
  let next = 0
  let rank = ranks[0] ?? 0
  for (let at = 0; at < ascending.length && next < ranks.length; at++) {
    passed += weights[clusterOf[at] as number] as number
    while (passed >= rank && next < ranks.length) {
      found[next++] = ascending[at] as number
      rank = ranks[next] ?? 0
    }
  }
  return found
}

/** Sums of one thing over sums of another, such as duplicates per delivery. */
export function ratioSampler(
  clusters: readonly { readonly above: number; readonly below: number }[],
  sample: SampleSize,
): Sampler {
  return {
    clusters: clusters.length,
    sample,
    atLeast: () => [null],
    figures: (weights) => {
      let [above, below] = [0, 0]
      for (const [at, cluster] of clusters.entries()) {
        above += cluster.above * (weights[at] ?? 0)
        below += cluster.below * (weights[at] ?? 0)
      }
      return [below === 0 ? null : above / below]
    },
  }
}
