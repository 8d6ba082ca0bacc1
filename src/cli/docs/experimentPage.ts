/**
 * The page of an experiment: what people wrote stays, the figures between the marks are made anew
 * by each run.
 */
import type { ExperimentResult } from '../../measure/experiment/experimentResult.ts'
import { circumstances, experimentTables } from '../../measure/experiment/experimentText.ts'

const BEGIN = '<!-- figures: made by the command below, do not edit -->'
const END = '<!-- end of figures -->'

/** What the figures of a page are made from. */
export interface PageFigures {
  /** The page and its picture are called so. */
  readonly name: string
  readonly title: string
  readonly asks: string
  /** Markdown. */
  readonly tables: string
  /** What one must know to repeat it. */
  readonly circumstances: string
}

/** The figures of an experiment. */
export function figuresOf(name: string, result: ExperimentResult): PageFigures {
  const { title, asks } = result.facts
  return {
    name,
    title,
    asks,
    tables: experimentTables(result),
    circumstances: circumstances(result.runs),
  }
}

/**
 * The page with these figures, a new one if there was none. Throws where the page has no marks to
 * put them between.
 */
export function withFigures(figures: PageFigures, page?: string): string {
  const before = page ?? `# ${figures.title}\n\n${figures.asks}\n\n${BEGIN}\n${END}\n`
  const [begin, end] = [before.indexOf(BEGIN), before.indexOf(END)]
  if (begin < 0 || end < begin)
    throw new Error(`the page has no place for figures: put "${BEGIN}" and "${END}" where they go`)
  return `${before.slice(0, begin)}${BEGIN}\n\n${figuresText(figures)}\n${before.slice(end)}`
}

function figuresText({ name, title, tables, circumstances: how }: PageFigures): string {
  return [
    '```sh',
    `npx grapevine experiment ${name} --write`,
    '```',
    '',
    tables,
    `![${title}](${name}.svg)`,
    '',
    how,
    '',
  ].join('\n')
}
