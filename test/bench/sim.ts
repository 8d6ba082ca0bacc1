/**
 * The simulator: large networks under virtual time, each in a process of its own whose peak of
 * memory is what the operating system says; and the classic models in rounds.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '../../src/lib/random.ts'
import { readReport } from '../../src/measure/reportFile.ts'
import { completeGraph } from '../../src/sim/rounds/graph.ts'
import { NO_FAULTS, RoundNetwork } from '../../src/sim/rounds/network.ts'
import { spread } from '../../src/sim/rounds/spread.ts'
import { plainFigure, type Benchmark, type Effort, type Figure } from './benchmark.ts'
import { startProgram } from './program.ts'
import { quartilesOf } from './quartiles.ts'

/** One simulation and what it has to reach. */
interface SimCase {
  readonly engine: 'node' | 'router'
  readonly nodes: number
  /** That share the nodes; one where there is no choice. */
  readonly threads?: number
  /** Virtual seconds in all, from the start of the nodes to the end of the load. */
  readonly virtualS: number
  readonly transactionsPerS: number
  /** Between two blocks; as scenarios have it unless given. */
  readonly blockPeriodS?: number
  readonly maxWallS: number
  readonly maxGiB?: number
  /** Only with `--full`: minutes. */
  readonly isLong?: boolean
}

const CASES: readonly SimCase[] = [
  ...[1, 2].map((threads) => ({
    engine: 'router' as const,
    nodes: 25_000,
    threads,
    virtualS: 60,
    transactionsPerS: 1,
    maxWallS: 180,
    maxGiB: 2,
  })),
  {
    engine: 'router',
    nodes: 100_000,
    virtualS: 30,
    transactionsPerS: 1,
    maxWallS: 480,
    maxGiB: 8,
    isLong: true,
  },
  {
    engine: 'node',
    nodes: 25_000,
    virtualS: 60,
    transactionsPerS: 1,
    // None is due: transactions alone.
    blockPeriodS: 3_600,
    maxWallS: 600,
    maxGiB: 4.5,
    isLong: true,
  },
  ...[1, 2].map((threads) => ({
    engine: 'node' as const,
    nodes: 1_000,
    threads,
    virtualS: 60,
    transactionsPerS: 10,
    blockPeriodS: 2,
    maxWallS: 60,
  })),
]
const ROUNDS = [
  { nodes: 25_000, maxMs: 50 },
  { nodes: 1_000_000, maxMs: 5_000 },
]
/** The first ones are slower: their code is not compiled yet. */
const RUMOURS = 7
const QUICK_NODES = 500
const SMOKE_NODES = 20
/** What passes before the load: the start of the nodes, and the warm-up of the scenario. */
const START_S = 5
const WARM_UP_S = 5
/** Beside 115 bytes of the envelope: 200 in all. */
const DATA_BYTES = 85
const TIMEOUT_MS = 1_800_000

/** Figures of time hold on a machine that has nothing else to do. */
export const sim: Benchmark = {
  name: 'sim',
  sentence:
    'simulations of 1,000 to 100,000 nodes: wall time, peak of memory, events per second; rounds',
  run: async (effort) => {
    const figures: Figure[] = (effort.smoke ? ROUNDS.slice(0, 1) : ROUNDS).map(oneRumour)
    for (const one of casesOf(effort)) figures.push(...(await simulated(one)))
    return figures
  },
}

function casesOf({ quick, smoke, full, size }: Effort): readonly SimCase[] {
  const maxNodes = size ?? (smoke ? SMOKE_NODES : quick ? QUICK_NODES : Infinity)
  const wanted = CASES.filter(({ isLong }) => full || isLong !== true)
  return wanted.map((one) => (one.nodes <= maxNodes ? one : shrunk(one, maxNodes)))
}

/** Without goals: they are for the whole size. */
function shrunk(one: SimCase, nodes: number): SimCase {
  return { ...one, nodes, maxWallS: Infinity, maxGiB: Infinity }
}

async function simulated(one: SimCase): Promise<Figure[]> {
  const dir = await mkdtemp(join(tmpdir(), 'grapevine-bench-'))
  try {
    const file = join(dir, 'scenario.yaml')
    await writeFile(file, scenarioOf(one))
    const program = await startProgram(
      ['simulate', file, '--engine', one.engine, ...threadFlags(one), '--json'],
      TIMEOUT_MS,
    )
    await program.stop()
    return figuresOf(one, JSON.stringify(program.first))
  } finally {
    await rm(dir, { recursive: true })
  }
}

function threadFlags({ threads }: SimCase): string[] {
  return threads === undefined ? [] : ['--threads', String(threads)]
}

function scenarioOf({ nodes, virtualS, transactionsPerS, blockPeriodS }: SimCase): string {
  const blocks = blockPeriodS === undefined ? '' : `, blocks: { periodS: ${blockPeriodS} }`
  return [
    'name: bench',
    'shows: How fast a simulation is.',
    `nodes: ${nodes}`,
    'topology: { kind: random-regular, degree: 10 }',
    'regions: { table: interop-8 }',
    `workload: { transactionsPerS: ${transactionsPerS}, dataBytes: ${DATA_BYTES}${blocks} }`,
    `warmupS: ${WARM_UP_S}`,
    `durationS: ${virtualS - START_S - WARM_UP_S}`,
  ].join('\n')
}

function figuresOf(one: SimCase, text: string): Figure[] {
  const { simulation, transactions } = readReport(text)
  if (simulation === undefined) throw new Error('the report is not that of a simulation')
  const { wallMs, virtualMs, peakRssBytes, events } = simulation
  const threads = one.threads === undefined ? '' : `, threads: ${one.threads}`
  const name = `${one.engine}, ${one.nodes.toLocaleString('en')} nodes${threads}`
  const { maxWallS, maxGiB } = one
  const wallGoal = Number.isFinite(maxWallS) ? below(maxWallS) : undefined
  return [
    plainFigure(`${name}: ${Math.round(virtualMs / 1000)} virtual s`, wallMs / 1000, 's', wallGoal),
    plainFigure(
      `${name}: peak of memory`,
      peakRssBytes / 1024 ** 3,
      'GiB',
      maxGiB === undefined || !Number.isFinite(maxGiB) ? undefined : below(maxGiB),
    ),
    plainFigure(`${name}: events`, (events / wallMs) * 1000, '1/s'),
    plainFigure(`${name}: coverage`, (transactions.coverage ?? 0) * 100, '%', {
      bound: 'at least',
      value: 100,
    }),
  ]
}

function oneRumour({ nodes, maxMs }: (typeof ROUNDS)[number]): Figure {
  const times = Array.from({ length: RUMOURS }, (_, index) => rumourMs(nodes, index + 1))
  const name = `rounds, ${nodes.toLocaleString('en')} nodes: one rumour to all`
  return { name, unit: 'ms', measured: quartilesOf(times), goal: below(maxMs) }
}

function rumourMs(nodes: number, seed: number): number {
  const startMs = performance.now()
  const network = new RoundNetwork(completeGraph(nodes), NO_FAULTS, seededRandom(seed), 0)
  spread(network, { protocol: 'push-pull', fanout: 1, origin: 0, maxRounds: 1_000 })
  return performance.now() - startMs
}

function below(value: number): { readonly bound: 'below'; readonly value: number } {
  return { bound: 'below', value }
}
