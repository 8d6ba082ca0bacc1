/** What must hold between the fields of a fault, and between it and its network. */
import type { ScenarioFault } from '../faultSchema.ts'
import { lateNodes } from '../faultTimes.ts'
import type { Path, Problem } from '../problems.ts'
import type { Scenario } from '../scenarioSchema.ts'
import { selectorProblems, strangers } from './selectorChecks.ts'
import type { Group } from '../selectorSchema.ts'

/** What is wrong with the faults of a scenario, each by its fields. */
export function checkFaults(scenario: Scenario): readonly Problem[] {
  const late = lateNodes(scenario)
  const problems = scenario.faults.flatMap((fault, index) => {
    const path = ['faults', index]
    return [
      ...timeProblems(fault, scenario.durationS, path),
      ...selectorsOf(fault).flatMap(([key, group]) =>
        selectorProblems(group, scenario, [...path, ...key]),
      ),
      ...ownProblems(fault, scenario, path),
    ]
  })
  if (late <= scenario.nodes - 2) return problems
  return [
    ...problems,
    {
      path: ['faults'],
      message: `${late} nodes join late, but of ${scenario.nodes} at least 2 must be there from the beginning`,
    },
  ]
}

/** What is wrong with the times of a fault or question that stands at `path`. */
export function timeProblems(
  { atS, everyS, untilS }: Pick<ScenarioFault, 'atS' | 'everyS' | 'untilS'>,
  durationS: number,
  at: Path,
): Problem[] {
  if (atS > durationS)
    return [{ path: [...at, 'atS'], message: `the run ends after ${durationS} s` }]
  const path = [...at, 'untilS']
  if (untilS === undefined) return []
  if (everyS === undefined) return [{ path, message: 'means something only with everyS' }]
  return untilS < atS
    ? [{ path, message: `ends before the first time, at ${atS} s: expected atS or later` }]
    : []
}

function ownProblems(fault: ScenarioFault, { nodes }: Scenario, path: Path): Problem[] {
  if (fault.kind === 'partition')
    return fault.groups.filter((group) => group === 'rest').length > 1
      ? [{ path: [...path, 'groups'], message: 'only one group can be the rest' }]
      : []
  if (fault.kind !== 'slow-link') return []
  const { links, nodes: of, latencyMs, jitterMs, loss } = fault
  if ((links === undefined) === (of === undefined))
    return [{ path, message: 'expected one of links and nodes' }]
  if (latencyMs === undefined && jitterMs === undefined && loss === undefined)
    return [{ path, message: 'expected a new latencyMs, jitterMs or loss' }]
  return strangers((links ?? []).flat(), nodes, [...path, 'links'])
}

/** Where a fault names nodes, and how. */
export function selectorsOf(fault: ScenarioFault): (readonly [key: Path, group: Group])[] {
  if (fault.kind === 'partition')
    return fault.groups.map((group, index) => [['groups', index], group])
  if (fault.kind === 'one-way')
    return [
      [['from'], fault.from],
      [['to'], fault.to],
    ]
  return 'nodes' in fault && fault.nodes !== undefined ? [[['nodes'], fault.nodes]] : []
}
