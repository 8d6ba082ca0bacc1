import type { Spread } from '../delivery.ts'
import type { Propagation } from '../propagation.ts'
import type { Report } from '../report.ts'
import { spreadOfRecord } from '../spreadRecord.ts'
import { COLOURS } from './plot.ts'

/** One kind of item of a report, as the figures want it. */
export interface KindData {
  readonly name: 'transactions' | 'blocks'
  readonly figures: Propagation
  readonly spreads: readonly Spread[]
}

/** The kinds that the run carried; a kind without items has nothing to draw. */
export function carriedKinds(report: Report): readonly KindData[] {
  return (['transactions', 'blocks'] as const)
    .map((name) => ({
      name,
      figures: report[name],
      spreads: report.spreads[name].map(spreadOfRecord),
    }))
    .filter(({ spreads }) => spreads.some(({ first }) => first.size > 0))
}

/** The colour of a mark by the field `kind` of its datum. */
export function kindColour(kinds: readonly KindData[]) {
  const domain = kinds.map(({ name }) => name)
  return {
    field: 'kind',
    type: 'nominal' as const,
    scale: { domain, range: domain.map((name) => COLOURS[name]) },
  }
}
