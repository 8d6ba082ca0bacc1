/**
 * Reads a scenario: YAML with nothing double and nothing unknown, checked field by field and then
 * as a whole.
 */
import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument, type Document } from 'yaml'
import { checkScenario } from './checks/checkScenario.ts'
import { pathText, problemsOfIssue, type Path, type Problem } from './problems.ts'
import { scenarioSchema, type Scenario, type WrittenScenario } from './scenarioSchema.ts'
import { yamlProblem } from './yamlProblem.ts'

/** The scenario, or one line for each thing that is wrong with it. */
export type ParsedScenario =
  | { readonly scenario: Scenario; readonly problems?: undefined }
  | { readonly scenario?: undefined; readonly problems: readonly string[] }

/** What a user may change without writing another file. */
export interface ScenarioChanges {
  readonly seed?: number
  readonly nodes?: number
  readonly durationS?: number
  readonly transactionsPerS?: number
}

/** What the user calls the changes, such as `--nodes`; the name of the field where left out. */
export type ChangeNames = Readonly<Partial<Record<keyof ScenarioChanges, string>>>

const MAX_SCENARIO_BYTES = 1_000_000
/** References within a file (`&a`, `*a`) may not make it grow beyond sense. */
const MAX_ALIASES = 100
const DEFAULT_DEGREE = 8

/** Never throws for what a file holds. */
export function parseScenario(
  text: string,
  changes: ScenarioChanges = {},
  names: ChangeNames = {},
): ParsedScenario {
  if (text.length > MAX_SCENARIO_BYTES)
    return { problems: [`a scenario has ${MAX_SCENARIO_BYTES} characters at most`] }
  const lines = new LineCounter()
  const document = parseDocument(text, { schema: 'core', lineCounter: lines, prettyErrors: false })
  const broken = [...document.errors, ...document.warnings]
  if (broken.length > 0)
    return {
      problems: broken.map(
        (error) => `line ${lines.linePos(error.pos[0]).line}: ${yamlProblem(error)}`,
      ),
    }
  const value = valueOf(document)
  if (value === undefined) return { problems: ['the references of the file lead too far'] }
  const checked = checkValue(changed(value, changes))
  if (checked.problems === undefined) return checked
  const changeAt = changesByPlace(changes, names)
  return {
    problems: checked.problems.map((problem) => {
      const change = changeAt.get(pathText(problem.path))
      if (change !== undefined) return `${change}: ${problem.message}`
      return lineOf(problem, document, lines)
    }),
  }
}

type Checked =
  | { readonly scenario: Scenario; readonly problems?: undefined }
  | { readonly scenario?: undefined; readonly problems: readonly Problem[] }

function checkValue(value: unknown): Checked {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { problems: [{ path: [], message: 'expected keys with values, such as nodes: 8' }] }
  const parsed = scenarioSchema.safeParse(value)
  if (!parsed.success)
    return { problems: parsed.error.issues.flatMap((issue) => problemsOfIssue(issue, value)) }
  const scenario = withTopology(parsed.data)
  const problems = checkScenario(scenario)
  return problems.length > 0 ? { problems } : { scenario }
}

/** With up to nine nodes everyone is linked to everyone: that many links nobody has to draw. */
function withTopology(written: WrittenScenario): Scenario {
  const { topology, nodes } = written
  if (topology !== undefined) return { ...written, topology }
  return {
    ...written,
    topology:
      nodes <= DEFAULT_DEGREE + 1
        ? { kind: 'complete' }
        : { kind: 'random-regular', degree: DEFAULT_DEGREE },
  }
}

function valueOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown
  } catch {
    return undefined
  }
}

function changed(value: unknown, { transactionsPerS, ...changes }: ScenarioChanges): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const given = Object.entries(changes).filter(([, one]) => one !== undefined)
  const scenario: Record<string, unknown> = { ...value, ...Object.fromEntries(given) }
  if (transactionsPerS !== undefined) {
    const workload = scenario['workload']
    scenario['workload'] = {
      ...(typeof workload === 'object' ? workload : {}),
      transactionsPerS,
    }
  }
  return scenario
}

/** What the user calls the change of a place; the file has another value there, or none. */
function changesByPlace(
  { seed, nodes, durationS, transactionsPerS }: ScenarioChanges,
  names: ChangeNames,
): ReadonlyMap<string, string> {
  const all = [
    ['seed', seed, names.seed],
    ['nodes', nodes, names.nodes],
    ['durationS', durationS, names.durationS],
    ['workload.transactionsPerS', transactionsPerS, names.transactionsPerS],
  ] as const
  return new Map(
    all.flatMap(([place, value, name = place]) => (value === undefined ? [] : [[place, name]])),
  )
}

function lineOf({ path, message }: Problem, document: Document, lines: LineCounter): string {
  const offset = offsetOf(document, path)
  const where = offset === undefined ? '' : `line ${lines.linePos(offset).line}: `
  return `${where}${path.length === 0 ? '' : `${pathText(path)}: `}${message}`
}

/** Where the key of a place stands, or of the nearest place above it that is in the file. */
function offsetOf(document: Document, path: Path): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const key = path[length - 1]
    const holder: unknown = document.getIn(path.slice(0, length - 1), true)
    if (isMap(holder)) {
      const pair = holder.items.find((item) => isPair(item) && keyOf(item.key) === key)
      const range = isScalar(pair?.key) ? pair.key.range : undefined
      if (range) return range[0]
    }
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return undefined
}

function keyOf(key: unknown): unknown {
  return isScalar(key) ? key.value : key
}
