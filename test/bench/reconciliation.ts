import type { PoolMember } from '../../src/sync/pool/poolEntries.ts'
import { compareSets, member, poolSet, type Comparison } from '../builders/poolSet.ts'
import { amount, plainFigure, type Benchmark, type Effort, type Figure } from './benchmark.ts'
import { measureAlone } from './pair.ts'
import { quartilesOf } from './quartiles.ts'

const POOL_SIZES = [100, 1_000, 5_000]
const DIFFERENCES = [0, 1, 10, 100]
/** Equal pools cost tens of bytes. */
const EQUAL_POOLS_BYTES = 100

interface Pools {
  readonly ours: readonly PoolMember[]
  readonly theirs: readonly PoolMember[]
}

/** Payload bytes of the messages as sessions encode them, each session under a key of its own. */
export const reconciliation: Benchmark = {
  name: 'reconciliation',
  sentence: 'two pools find their difference: bytes each way, round trips, and the work of it',
  run: async (effort) => [...costFigures(effort), await workFigure(effort)],
}

function costFigures(effort: Effort): Figure[] {
  const sessions = amount(effort, { usual: 51, quick: 5 })
  return POOL_SIZES.flatMap((size) =>
    DIFFERENCES.flatMap((difference) => {
      const pools = poolsOf(size, difference)
      const costs = Array.from({ length: sessions }, (_, session) => compare(pools, session))
      return figuresOf(`${size} pooled, ${difference} differ`, difference, costs)
    }),
  )
}

function figuresOf(name: string, difference: number, costs: readonly Comparison[]): Figure[] {
  const spread = (of: (cost: Comparison) => number) => quartilesOf(costs.map(of))
  const trips = spread(({ roundTrips }) => roundTrips)
  const figures = [
    { name: `${name}: to the peer`, unit: 'B', measured: spread(({ sentBytes }) => sentBytes) },
    { name: `${name}: back`, unit: 'B', measured: spread(({ receivedBytes }) => receivedBytes) },
    { name: `${name}: round trips`, unit: '', measured: trips },
  ]
  if (difference > 0) return figures
  const most = Math.max(...costs.map((cost) => cost.sentBytes + cost.receivedBytes))
  const goal = { bound: 'below', value: EQUAL_POOLS_BYTES } as const
  return [...figures, plainFigure(`${name}: both ways, at most`, most, 'B', goal)]
}

/** What both sides together compute for one comparison. */
async function workFigure(effort: Effort): Promise<Figure> {
  const [size, difference] = [5_000, 10]
  const pools = poolsOf(size, difference)
  let session = 0
  const turn = (): number => {
    compare(pools, session++)
    return 1
  }
  const measured = await measureAlone({ turn }, amount(effort, { usual: 41, quick: 9 }))
  return { name: `${size} pooled, ${difference} differ: sessions`, unit: '1/s', measured }
}

/** Pools of `size`, of which each has half of the difference to itself. */
function poolsOf(size: number, difference: number): Pools {
  const [ours, theirs] = [Math.ceil(difference / 2), Math.floor(difference / 2)]
  const members = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => member(from + index))
  const common = members(0, size - ours)
  return {
    ours: [...common, ...members(size, ours)],
    theirs: [...common, ...members(2 * size, theirs)],
  }
}

function compare({ ours, theirs }: Pools, session: number): Comparison {
  return compareSets(poolSet(ours, session), poolSet(theirs, session))
}
