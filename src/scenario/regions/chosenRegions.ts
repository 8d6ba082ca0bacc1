/** The regions of a scenario: a built-in table or its own, with what the scenario changes in it. */
import { suggestionFor, type Problem } from '../problems.ts'
import type { RegionSettings } from '../regionSchema.ts'
import { AWS } from './aws.ts'
import { INTEROP_8 } from './interop8.ts'
import type { RegionTable } from './regionTable.ts'

/** The table that a scenario stands on; its settings have no {@link regionProblems}. */
export function chosenRegions(settings: RegionSettings): RegionTable {
  const table = wholeTable(settings)
  const kept = table.regions
    .map((_, index) => index)
    .filter((index) => settings.only?.includes(nameAt(table, index)) ?? true)
  const at = (index: number): number => kept[index] ?? 0
  return {
    regions: table.regions
      .filter((_, index) => kept.includes(index))
      .map((region) => ({ ...region, weight: settings.weights?.[region.name] ?? region.weight })),
    latencyMs: (a, b) => table.latencyMs(at(a), at(b)),
    jitterMs: (a, b) => table.jitterMs(at(a), at(b)),
  }
}

/** What is wrong with the choice of regions, each with its place; empty if nothing is. */
export function regionProblems(settings: RegionSettings): Problem[] {
  const names = wholeTable(settings).regions.map(({ name }) => name)
  const unknown = (name: string): string =>
    `there is no region ${name}; ${suggestionFor(name, names)}`
  return [
    ...(settings.only ?? []).flatMap((name, index) =>
      names.includes(name) ? [] : [{ path: ['only', index], message: unknown(name) }],
    ),
    ...Object.keys(settings.weights ?? {})
      .filter((name) => !names.includes(name))
      .map((name) => ({ path: ['weights', name], message: unknown(name) })),
    ...ownProblems(settings),
    ...weightProblems(settings),
  ]
}

function wholeTable(settings: RegionSettings): RegionTable {
  if (settings.table === 'interop-8') return INTEROP_8
  if (settings.table === 'aws') return AWS
  const { latencyMs, places } = settings
  const names = namesIn(latencyMs)
  return {
    regions: names.map((name) => ({ name, weight: 1, place: places[name] })),
    latencyMs: (a, b) => latencyBetween(latencyMs, names[a] ?? '', names[b] ?? '') ?? 0,
    jitterMs: () => 0,
  }
}

type OwnLatencies = Extract<RegionSettings, { table: 'own' }>['latencyMs']

/** One direction, or the mean of both. */
function latencyBetween(table: OwnLatencies, a: string, b: string): number | undefined {
  const given = [table[a]?.[b], table[b]?.[a]].filter((ms) => ms !== undefined)
  return given.length === 0 ? undefined : given.reduce((sum, ms) => sum + ms, 0) / given.length
}

function namesIn(table: OwnLatencies): string[] {
  return [...new Set(Object.entries(table).flatMap(([name, row]) => [name, ...Object.keys(row)]))]
}

function ownProblems(settings: RegionSettings): Problem[] {
  if (settings.table !== 'own') return []
  const names = namesIn(settings.latencyMs)
  const missing = names.flatMap((a, index) =>
    names
      .slice(index)
      .filter((b) => latencyBetween(settings.latencyMs, a, b) === undefined)
      .map((b) => ({ path: ['latencyMs'], message: `no latency between ${a} and ${b}` })),
  )
  const homeless = Object.keys(settings.places).filter((name) => !names.includes(name))
  return [
    ...missing,
    ...homeless.map((name) => ({
      path: ['places', name],
      message: `there is no region ${name}; ${suggestionFor(name, names)}`,
    })),
  ]
}

function weightProblems(settings: RegionSettings): Problem[] {
  const { regions } = chosenRegions(settings)
  const sum = regions.reduce((total, { weight }) => total + weight, 0)
  return sum > 0 || settings.atLeast > 0
    ? []
    : [{ path: ['weights'], message: 'at least one region needs a weight above 0' }]
}

function nameAt(table: RegionTable, index: number): string {
  return table.regions[index]?.name ?? ''
}
