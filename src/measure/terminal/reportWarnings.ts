/** What a reader of a report has to know before its figures. */
import { numberText } from '../numberText.ts'
import type { Report } from '../report.ts'
import { nodesText } from './reportFacts.ts'

/** How figures are to be read where not everything arrived. */
export const LOSSES =
  'n/N: n of N arrived. Percentiles are over all N, what did not arrive counts as slowest; >= is a lower bound of a percentile that lies among those that did not arrive before the measurement ended.'

/** Whether something did not get to every node that should have got it. */
export function hasLosses({ transactions, blocks }: Report): boolean {
  return [transactions, blocks].some(({ latencyMs }) => latencyMs.count < latencyMs.of)
}

/**
 * With more than this wanting a core of the machine, latencies are as much its own as the
 * network's.
 */
const MAX_LOAD_PER_CORE = 1.5

/**
 * Whether the machine had more to do than it could, and times tell of it: those of a simulation are
 * virtual and hold no wait for a processor.
 */
export function isOverloaded({ loadPerCore, simulation }: MachineLoad): boolean {
  return simulation === undefined && loadPerCore > MAX_LOAD_PER_CORE
}

/** What was to be done on the machine of a run, or on a host of its nodes. */
type MachineLoad = Pick<Report, 'loadPerCore' | 'simulation'>

/** Why the figures may say less than they seem to, in sentences; none for a run without trouble. */
export function warningsOf(report: Report): string[] {
  const { sightingsLost, loadPerCore, hosts } = report
  return [
    ...(isOverloaded(report)
      ? [
          `the machine was overloaded (${numberText(loadPerCore)} processes for each core): times hold waits for a processor, measure again when it has nothing else to do`,
        ]
      : []),
    ...hosts
      .filter((host) => !host.isMeasuring && isOverloaded(host))
      .map(
        (host) =>
          `the host of ${nodesText(host.nodes)} was overloaded (${numberText(host.loadPerCore)} processes for each core): its times hold waits for a processor`,
      ),
    ...(sightingsLost > 0
      ? [`${sightingsLost} sightings were lost before they were read: the figures are incomplete`]
      : []),
  ]
}
