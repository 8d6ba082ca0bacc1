/** Reports of the runs of an experiment, without running any. */
import type { ExperimentRecord } from '../../src/measure/experiment/experimentRecord.ts'
import type { NamedReport } from '../../src/measure/compare/compareFacts.ts'
import { reportOfPlan } from './report.ts'

/** Of two cases and three runs of each, this one. */
export function experimentReport({
  caseIndex,
  round,
  ...over
}: Pick<ExperimentRecord, 'caseIndex' | 'round'> & Partial<ExperimentRecord>): NamedReport {
  const experiment: ExperimentRecord = {
    title: 'Slowness',
    asks: 'How slow?',
    items: 'transactions',
    varies: 'x',
    panels: ['latency', 'copies'],
    cases: [{ label: '1' }, { label: '2' }],
    rounds: 3,
    caseIndex,
    round,
    ...over,
  }
  const seed = round + 1
  const report = { ...reportOfPlan({ slower: 1 + caseIndex, seed }), seed, experiment }
  return { file: `case-${caseIndex}-seed-${seed}/report.json`, report }
}

/** The same, simulated. */
export function simulatedReport(
  place: Pick<ExperimentRecord, 'caseIndex' | 'round'> & Partial<ExperimentRecord>,
): NamedReport {
  const { file, report } = experimentReport(place)
  const simulation = {
    engine: 'node' as const,
    traceHash: `${place.caseIndex}${place.round}`.padStart(16, '0'),
    events: 1_000,
    virtualMs: 20_000,
    wallMs: 3_000,
    peakRssBytes: 100_000_000,
    costsMs: {},
    spreadsKept: 40,
    isCut: false,
  }
  return { file, report: { ...report, simulation } }
}
