/** How to cite a run. */
import type { Report } from './report.ts'

/** The facts of a report that a citation names. */
export type CitedRun = Pick<
  Report,
  'version' | 'grapevine' | 'commit' | 'startedAt' | 'scenario' | 'seed' | 'nodes' | 'machine'
>

/** A citation as a sentence and as an entry for BibTeX. */
export function citationOf(run: CitedRun): Report['citation'] {
  const title = `Propagation over ${run.nodes} peers, ${scenarioText(run)}`
  const note = `${programText(run)}; run begun ${run.startedAt} on ${machineText(run)}; report version ${run.version}`
  const key = `grapevine-${run.startedAt.replace(/[^0-9TZ]/g, '')}`
  const year = run.startedAt.slice(0, 4)
  return {
    text: `grapevine: ${title}. ${note}.`,
    bibtex: [
      `@misc{${key},`,
      '  author = {{grapevine}},',
      `  title = {${latex(title)}},`,
      `  year = {${latex(year)}},`,
      `  note = {${latex(note)}}`,
      '}',
    ].join('\n'),
  }
}

function scenarioText({ scenario, seed }: CitedRun): string {
  const name = scenario === null ? 'without a scenario' : `scenario ${scenario.name}`
  return seed === null ? name : `${name}, seed ${seed}`
}

function programText({ grapevine, commit }: CitedRun): string {
  return commit === null ? grapevine : `${grapevine}, commit ${commit}`
}

function machineText({ machine: { cores, cpu, platform, kernel } }: CitedRun): string {
  return `${cores} x ${cpu}, ${platform}${kernel === null ? '' : `, kernel ${kernel}`}`
}

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
}

/** Text that stands for itself in LaTeX. */
function latex(text: string): string {
  return text.replace(/[\\~^&%$#_{}]/g, (sign) => LATEX[sign] ?? `\\${sign}`)
}
