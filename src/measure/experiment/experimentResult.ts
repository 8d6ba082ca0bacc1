/**
 * An experiment put together from the reports of its runs, wherever and in whatever order they were
 * made.
 */
import type { NamedReport } from '../compare/compareFacts.ts'
import type { ExperimentFacts, ExperimentRecord } from './experimentRecord.ts'
import type { CaseOptions, CaseRun } from './caseFigures.ts'

/** An experiment with those of its runs that are there. */
export interface ExperimentResult {
  readonly facts: ExperimentFacts
  /** Round by round, in the order of the cases. */
  readonly runs: readonly CaseRun[]
  /** What is not there, each as a phrase. */
  readonly missing: readonly string[]
}

/**
 * Throws an Error that names the file where the reports are not runs of one experiment, or one run
 * is there twice.
 */
export function experimentResult(reports: readonly NamedReport[]): ExperimentResult {
  const [first] = reports
  if (first === undefined) throw new Error('there are no reports to merge')
  const facts = factsOf(recordOf(first))
  const places = new Map<string, NamedReport>()
  for (const one of reports) {
    const record = recordOf(one)
    if (JSON.stringify(factsOf(record)) !== JSON.stringify(facts))
      throw new Error(`${one.file} is a run of another experiment than ${first.file}`)
    const place = placeOf(record)
    const other = places.get(place)
    if (other !== undefined)
      throw new Error(`${one.file} and ${other.file} are the same run: leave out one of them`)
    places.set(place, one)
  }
  const all = placesOf(facts)
  return {
    facts,
    runs: all.flatMap(({ place, label, group }) => {
      const report = places.get(place)?.report
      if (report === undefined) return []
      return [{ value: valueOf(label), ...(group !== undefined && { group }), report }]
    }),
    missing: all.filter(({ place }) => !places.has(place)).map(({ phrase }) => phrase),
  }
}

/** What the table and the plot of an experiment are about. */
export function caseOptions({ varies, items, panels }: ExperimentFacts): CaseOptions {
  return { parameter: varies, kind: items, panels }
}

function recordOf({ file, report }: NamedReport): ExperimentRecord {
  if (report.experiment === undefined) throw new Error(`${file} is not a run of an experiment`)
  return report.experiment
}

function factsOf({ caseIndex: _case, round: _round, ...facts }: ExperimentRecord): ExperimentFacts {
  return facts
}

interface PlannedRun {
  readonly place: string
  readonly label: string
  readonly group: string | undefined
  readonly phrase: string
}

function placesOf({ rounds, cases }: ExperimentFacts): PlannedRun[] {
  return Array.from({ length: rounds }, (_, round) => round).flatMap((round) =>
    cases.map(({ label, group }, caseIndex) => ({
      place: placeOf({ caseIndex, round }),
      label,
      group,
      phrase: `run ${round + 1} of case ${group === undefined ? '' : `${group}, `}${label}`,
    })),
  )
}

function placeOf({ caseIndex, round }: Pick<ExperimentRecord, 'caseIndex' | 'round'>): string {
  return `${caseIndex} ${round}`
}

/** A label that is a number has its place on a scale. */
function valueOf(label: string): number | string {
  return /^\d+(\.\d+)?$/.test(label) ? Number(label) : label
}
