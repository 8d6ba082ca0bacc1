/** The benchmarks, one after another, and their table. Exit code 0 unless one could not run. */
import '../../src/lib/polyfill.ts'
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { messageOf } from '../../src/lib/assert.ts'
import { isMet, type Benchmark, type Effort, type Figure } from './benchmark.ts'
import { environment, loadAverage } from './environment.ts'
import { beside } from './beside/beside.ts'
import { blocks } from './blocks.ts'
import { catchup } from './catchup.ts'
import { hashing, recovery } from './crypto.ts'
import { devnet } from './devnet.ts'
import { forwarding } from './forward.ts'
import { idle } from './network/idle.ts'
import { duplicates, tracing } from './judging.ts'
import { memory } from './network/memory.ts'
import { pipeline } from './pipeline.ts'
import { reconciliation } from './reconciliation.ts'
import { regions } from './regions.ts'
import { sim } from './sim.ts'
import { start } from './network/start.ts'
import { busy, light } from './network/transactions.ts'
import { store } from './store.ts'
import { renderEnvironment, renderTable, type Result } from './table.ts'

const BENCHMARKS: readonly Benchmark[] = [
  pipeline,
  duplicates,
  tracing,
  forwarding,
  devnet,
  idle,
  light,
  busy,
  memory,
  start,
  regions,
  sim,
  recovery,
  hashing,
  blocks,
  reconciliation,
  catchup,
  store,
  beside,
]

const HELP = `Usage: npm run bench -- [--only NAME] [--quick] [--smoke] [--full] [--size N]
                        [--geth FILE] [--json]

  --only NAME  run this one alone; may be given more than once
  --quick      fewer turns: to see that it works, not to quote
  --smoke      a moment of each: to see that all of them end with figures, which say nothing
  --full       the long forms too: minutes
  --size N     simulations of at most N nodes
  --geth FILE  also the comparison with geth; FILE is its program, of version 1.13.15
  --json       write the result as JSON

${BENCHMARKS.map(({ name, sentence }) => `  ${name.padEnd(11)}  ${sentence}`).join('\n')}
`

const NOTHING_MEASURED = 'With --smoke nothing is measured: these figures are not for comparison.\n'

await main()

async function main(): Promise<void> {
  const flags = readFlags()
  if (flags.help) return write(HELP)
  const chosen = choose(flags)
  const env = environment()
  if (!flags.json) write(`${renderEnvironment(env)}\n\n`)
  const results = await runAll(chosen, effortOf(flags))
  const loadAverageAtEnd = loadAverage()
  if (flags.json) {
    const { smoke } = flags
    const result = { environment: env, smoke, loadAverageAtEnd, results: withGoals(results) }
    write(`${JSON.stringify(result)}\n`)
  } else write(`${renderTable(results)}\n\nload at the end: ${loadAverageAtEnd}\n`)
  if (flags.smoke) process.stderr.write(NOTHING_MEASURED)
  process.exit(results.some(({ failure }) => failure !== undefined) ? 1 : 0)
}

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true, default: [] },
        quick: { type: 'boolean', default: false },
        smoke: { type: 'boolean', default: false },
        full: { type: 'boolean', default: false },
        size: { type: 'string' },
        geth: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    return values
  } catch (error) {
    return giveUp(messageOf(error))
  }
}

function effortOf({ smoke, full, size, geth, ...flags }: ReturnType<typeof readFlags>): Effort {
  const quick = flags.quick || smoke
  if (size !== undefined && !/^[1-9]\d{0,5}$/.test(size))
    giveUp('--size: expected a number of nodes')
  if (geth !== undefined && !existsSync(geth)) giveUp(`--geth: there is no file ${geth}`)
  return {
    quick,
    smoke,
    full,
    ...(size !== undefined && { size: Number(size) }),
    ...(geth !== undefined && { geth }),
  }
}

function choose({ only, geth }: ReturnType<typeof readFlags>): readonly Benchmark[] {
  const stranger = only.find((name) => !BENCHMARKS.some((one) => one.name === name))
  if (stranger !== undefined)
    giveUp(
      `no benchmark is called ${stranger}: there are ${BENCHMARKS.map(({ name }) => name).join(', ')}`,
    )
  return BENCHMARKS.filter(({ name, needs }) =>
    only.length === 0 ? needs === undefined || geth !== undefined : only.includes(name),
  )
}

async function runAll(chosen: readonly Benchmark[], effort: Effort): Promise<Result[]> {
  const results: Result[] = []
  for (const benchmark of chosen) {
    process.stderr.write(`${benchmark.name}: ${benchmark.sentence} ...\n`)
    results.push(await runOne(benchmark, effort))
  }
  return results
}

async function runOne(benchmark: Benchmark, effort: Effort): Promise<Result> {
  try {
    const figures = await benchmark.run(effort)
    return { benchmark: benchmark.name, figures: figures.map((one) => checked(one, effort)) }
  } catch (error) {
    return { benchmark: benchmark.name, figures: [], failure: messageOf(error) }
  }
}

/** Throws for a figure that is no number. A goal is for figures that say something. */
function checked({ goal, ...figure }: Figure, { smoke }: Effort): Figure {
  const { measured, baseline, ratio } = figure
  const numbers = [measured, baseline?.measured, ratio].flatMap((one) => Object.values(one ?? {}))
  if (!numbers.every(Number.isFinite)) throw new Error(`"${figure.name}" is no number`)
  return goal === undefined || smoke ? figure : { ...figure, goal }
}

function withGoals(results: readonly Result[]): unknown {
  return results.map(({ figures, ...rest }) => ({
    ...rest,
    figures: figures.map((figure) => ({ ...figure, met: isMet(figure) })),
  }))
}

function giveUp(line: string): never {
  process.stderr.write(`bench: ${line}\n`)
  process.exit(2)
}

function write(text: string): void {
  process.stdout.write(text)
}
