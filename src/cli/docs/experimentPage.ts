/** The page of an experiment: what people wrote stays, the figures between the marks are made anew by each run. */
import { sweepTable, type SweepOptions, type SweepRun } from '../../measure/sweep.ts'
import type { Experiment } from '../../scenario/experiment.ts'

const BEGIN = '<!-- figures: made by the command below, do not edit -->'
const END = '<!-- end of figures -->'

/** What the page of an experiment is made from. */
export interface PageParts {
  readonly name: string
  readonly series: Experiment
  readonly runs: readonly SweepRun[]
  readonly options: SweepOptions
  /** The page as it is; a new one is made if there is none. */
  readonly before: string | undefined
}

/** The page with these figures. Throws where the page has no marks to put them between. */
export function withFigures(parts: PageParts): string {
  const { series, before = `# ${series.title}\n\n${series.asks}\n\n${BEGIN}\n${END}\n` } = parts
  const [begin, end] = [before.indexOf(BEGIN), before.indexOf(END)]
  if (begin < 0 || end < begin)
    throw new Error(`the page has no place for figures: put "${BEGIN}" and "${END}" where they go`)
  return `${before.slice(0, begin)}${BEGIN}\n\n${figures(parts)}\n${before.slice(end)}`
}

function figures({ name, series, runs, options }: PageParts): string {
  return [
    '```sh',
    `npx grapevine experiment ${name} --write`,
    '```',
    '',
    sweepTable(runs, options),
    `![${series.title}](${name}.svg)`,
    '',
    circumstances(runs),
    '',
  ].join('\n')
}

/** What one must know to repeat it. */
function circumstances(runs: readonly SweepRun[]): string {
  const [first] = runs
  if (first === undefined) return ''
  const { report } = first
  const { machine, crypto, clock } = report
  const seeds = [...new Set(runs.map((run) => run.report.seed))].join(', ')
  const how = Object.entries(crypto).map(([what, path]) => `${what} ${path}`)
  const load = Math.max(...runs.map((run) => run.report.loadPerCore))
  return [
    `${report.nodes} nodes in ${machine.cores} processes, seed ${seeds}, ${Math.round(report.durationMs / 1000)} s of load after the warm-up.`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${machine.node}; ${how.join(', ')}; ${load} processes a core at most.`,
    `${clockText(clock.errorMs)} Started ${report.startedAt}, ${report.grapevine}.`,
  ].join(' ')
}

function clockText(errorMs: number | null): string {
  if (errorMs === 0) return 'All times are of one clock.'
  return errorMs === null ? 'Clocks were not compared.' : `Times are right to ${errorMs} ms.`
}
