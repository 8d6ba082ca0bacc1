/** Whether the nodes that a scenario names, one by one or by a selection, are there. */
import { apportioned, sizeOf } from '../placement.ts'
import { suggestionFor, type Path, type Problem } from '../problems.ts'
import { chosenRegions } from '../regions/chosenRegions.ts'
import type { Scenario } from '../scenarioSchema.ts'
import type { Group } from '../selectorSchema.ts'

/** What is wrong with a selection of nodes that stands at `path`. */
export function selectorProblems(group: Group, scenario: Scenario, path: Path): Problem[] {
  if (group === 'rest') return []
  if (Array.isArray(group)) return strangers(group, scenario.nodes, path)
  if ('region' in group) return regionNameProblems(group.region, scenario, [...path, 'region'])
  if ('class' in group) return classNameProblems(group.class, scenario, [...path, 'class'])
  return 'count' in group && group.count > scenario.nodes
    ? [{ path: [...path, 'count'], message: `there are only ${scenario.nodes} nodes` }]
    : []
}

function regionNameProblems(name: string, { regions, nodes }: Scenario, path: Path): Problem[] {
  if (regions === undefined)
    return [{ path, message: 'the scenario has no regions: add them, or name nodes otherwise' }]
  const table = chosenRegions(regions).regions
  const at = table.findIndex((region) => region.name === name)
  if (at === -1) {
    const names = table.map((region) => region.name)
    return [{ path, message: `there is no region ${name}; ${suggestionFor(name, names)}` }]
  }
  const weights = table.map(({ weight }) => weight)
  return apportioned(weights, nodes, regions.atLeast).includes(at)
    ? []
    : [{ path, message: `no node stands in ${name}: raise its weight, atLeast or nodes` }]
}

function classNameProblems(name: string, { classes, nodes }: Scenario, path: Path): Problem[] {
  const one = classes.find((other) => other.name === name)
  if (one !== undefined)
    return one.nodes !== undefined || sizeOf(one, nodes) > 0
      ? []
      : [{ path, message: `no node is in ${name}: raise its share or nodes` }]
  const names = classes.map((other) => other.name)
  const instead = names.length === 0 ? 'the scenario has no classes' : suggestionFor(name, names)
  return [{ path, message: `there is no class ${name}; ${instead}` }]
}

/** What is wrong with a list of nodes that stands at `path`. */
export function strangers(named: readonly number[], nodes: number, path: Path): Problem[] {
  const stranger = named.find((node) => node >= nodes)
  return stranger === undefined ? [] : [{ path, message: noNode(stranger, nodes) }]
}

/** Says that a node is not there, and which are. */
export function noNode(node: number, nodes: number): string {
  return `there is no node ${node}: they go from 0 to ${nodes - 1}`
}
