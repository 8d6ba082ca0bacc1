/** What a report of a simulated run has beside that of a real one. */
import type { Report } from '../../measure/report.ts'
import type { Engine } from '../engines/engine.ts'
import type { SimOutcome } from '../simulation.ts'

/** What is told of a simulation. */
export interface SimReportParts {
  readonly engine: Engine
  readonly outcome: SimOutcome
  readonly threads: number
  readonly wallMs: number
  readonly peakRssBytes: number
}

/** The report of the run with its `simulation`. */
export function simReport({ engine, outcome, ...cost }: SimReportParts): Report {
  const { report, isCut, end, problems, members, finality } = outcome
  const { transactions, blocks } = report.spreads
  return {
    ...report,
    finality,
    members: engine.name === 'node' ? members : null,
    simulation: {
      engine: engine.name,
      ...end,
      wallMs: Math.round(cost.wallMs),
      peakRssBytes: cost.peakRssBytes,
      threads: cost.threads,
      costsMs: engine.costs,
      spreadsKept: transactions.length + blocks.length,
      isCut,
      ...(problems !== undefined && { problems }),
    },
  }
}
