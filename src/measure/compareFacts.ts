/** What was not the same in two runs besides what they measured. */
import type { Report } from './report.ts'

/** A fact of the runs that is not the same: figures of such runs need thought before they are compared. */
export interface DifferingFact {
  readonly name: string
  readonly a: string
  readonly b: string
}

interface Differences {
  readonly facts: readonly DifferingFact[]
  readonly warnings: readonly string[]
}

/** What lets figures differ for reasons that nobody asked for. */
const WARNINGS: readonly { readonly sentence: string; readonly of: (report: Report) => unknown }[] =
  [
    {
      sentence: 'the runs are of different scenarios: more may differ than was meant to',
      of: ({ scenario }) => scenario?.name,
    },
    {
      sentence: 'the seeds differ: links, load and faults were drawn anew',
      of: ({ seed }) => seed,
    },
    {
      sentence: 'the crypto paths differ: the time to judge does not compare',
      of: ({ crypto }) => crypto,
    },
    {
      sentence: 'the machines differ: whatever waits for a processor does not compare',
      of: ({ machine }) => machine,
    },
    {
      sentence: 'the clocks differ in kind: a difference below their errors means nothing',
      of: ({ clock }) => clock.source,
    },
    {
      sentence: 'sightings were lost in one of the runs: its figures are incomplete',
      of: ({ sightingsLost }) => sightingsLost > 0,
    },
  ]

export function differencesOf(a: Report, b: Report): Differences {
  const [factsA, factsB] = [factsOf(a), factsOf(b)]
  if (a.scenario !== null && b.scenario !== null)
    for (const [facts, { definition }] of [
      [factsA, a.scenario],
      [factsB, b.scenario],
    ] as const)
      for (const [path, value] of leavesOf('scenario', definition)) facts.set(path, value)
  const names = new Set([...factsA.keys(), ...factsB.keys()])
  const facts = [...names].flatMap((name) => {
    const [one, other] = [factsA.get(name) ?? 'none', factsB.get(name) ?? 'none']
    return one === other ? [] : [{ name, a: one, b: other }]
  })
  const warnings = WARNINGS.flatMap(({ sentence, of }) =>
    JSON.stringify(of(a)) === JSON.stringify(of(b)) ? [] : [sentence],
  )
  return { facts, warnings }
}

function factsOf(report: Report): Map<string, string> {
  const { nodes, ratePerS, seed, grapevine, machine, faults, clock, scenario } = report
  const facts: Readonly<Record<string, unknown>> = {
    scenario: scenario?.name ?? 'none',
    peers: nodes,
    'transactions/s': ratePerS,
    transactions: report.transactions.submitted,
    seed: seed ?? 'none',
    faults: faults.length,
    grapevine,
    machine: `${machine.cores} x ${machine.cpu}, ${machine.memoryGiB} GiB`,
    clock: clock.source,
    'error of the clocks, ms': clock.errorMs,
    ...report.crypto,
    ...report.versions,
    ...report.settings,
  }
  return new Map(Object.entries(facts).map(([name, value]) => [name, String(value)]))
}

/** Told by facts of their own. */
const TOLD: ReadonlySet<string> = new Set(['scenario.name', 'scenario.seed'])

/** Every value of a scenario by its path, such as `scenario.topology.degree`. */
function leavesOf(path: string, value: unknown): [string, string][] {
  if (value === undefined || TOLD.has(path)) return []
  if (typeof value !== 'object' || value === null)
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]]
  const entries: [string, unknown][] = Object.entries(value)
  return entries.flatMap(([name, part]) => leavesOf(`${path}.${name}`, part))
}
