/**
 * How far a difference between two runs may be chance: bootstrap by clusters. A message reaches many nodes, and its
 * latencies hang together, so whole messages are drawn again, not single latencies (Davison and Hinkley, Bootstrap Methods
 * and their Application, section 3.8; percentile intervals, section 5.3).
 */
import type { Random } from '../lib/random.ts'
import { percentile } from './percentile.ts'

/** Figures of a sample whose clusters (messages, peers) count as often as their weights say. */
export interface Sampler {
  readonly clusters: number
  /** One value for each figure; null where it has none. */
  figures(weights: Uint32Array): readonly (number | null)[]
}

export interface Interval {
  readonly low: number
  readonly high: number
}

/** Each cluster once: the sample as it was measured. */
export function onceEach({ clusters }: Sampler): Uint32Array {
  return new Uint32Array(clusters).fill(1)
}

/**
 * The interval that holds `confidence` of the differences b - a when both samples are drawn again `replicates` times;
 * one for each figure, `undefined` where a figure has no values.
 */
export function differenceIntervals(
  a: Sampler,
  b: Sampler,
  options: { readonly random: Random; readonly replicates: number; readonly confidence: number },
): (Interval | undefined)[] {
  const { random, replicates, confidence } = options
  const differences: number[][] = a.figures(onceEach(a)).map(() => [])
  for (let round = 0; round < replicates; round++) {
    const [fromA, fromB] = [a.figures(drawn(a, random)), b.figures(drawn(b, random))]
    for (const [at, list] of differences.entries()) {
      const [one, other] = [fromA[at] ?? null, fromB[at] ?? null]
      if (one !== null && other !== null) list.push(other - one)
    }
  }
  return differences.map((list) => intervalOf(list, confidence))
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

function intervalOf(values: readonly number[], confidence: number): Interval | undefined {
  const ascending = values.toSorted((a, b) => a - b)
  const tail = (100 * (1 - confidence)) / 2
  const [low, high] = [percentile(ascending, tail), percentile(ascending, 100 - tail)]
  return low === undefined || high === undefined ? undefined : { low, high }
}

/** Nearest-rank percentiles over values that come in clusters. */
export function percentileSampler(
  clusters: readonly (readonly number[])[],
  percents: readonly number[],
): Sampler {
  const pairs = clusters
    .flatMap((values, cluster) => values.map((value) => ({ value, cluster })))
    .sort((a, b) => a.value - b.value)
  const values = Float64Array.from(pairs, ({ value }) => value)
  const clusterOf = Uint32Array.from(pairs, ({ cluster }) => cluster)
  const total = (weights: Uint32Array): number =>
    clusters.reduce((sum, values, at) => sum + values.length * (weights[at] ?? 0), 0)
  return {
    clusters: clusters.length,
    figures: (weights) => {
      const all = total(weights)
      const ranks = percents.map((percent) => Math.max(1, Math.ceil((percent / 100) * all)))
      return valuesAtRanks(values, clusterOf, weights, ranks)
    },
  }
}

/** The values at ascending `ranks` when each stands as often as its cluster weighs. Walks over every value: no objects. */
function valuesAtRanks(
  ascending: Float64Array,
  clusterOf: Uint32Array,
  weights: Uint32Array,
  ranks: readonly number[],
): (number | null)[] {
  const found: (number | null)[] = ranks.map(() => null)
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
): Sampler {
  return {
    clusters: clusters.length,
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
