/** What of a scenario an engine cannot simulate: told before anything starts, one line for each. */
import { UserError } from '../lib/userError.ts'
import type { GivenSettings } from '../node/settings/givenSettings.ts'
import type { SettingName } from '../node/settings/settings.ts'
import type { Misbehaviour } from '../rehearsal/misbehaviour.ts'
import type { Scenario } from '../scenario/scenarioSchema.ts'
import type { EngineName } from './engines/engineNames.ts'
import { NEEDS_A_NODE } from './engines/routerConduct.ts'

/** Settings that a router alone follows. */
const OF_ROUTERS: readonly SettingName[] = [
  'meshDegree',
  'meshLow',
  'meshHigh',
  'heartbeatMs',
  'floodPublish',
  'router',
  'validationDelayMs',
]

/** Settings that a simulated whole node follows: those of its router, and its own. */
const OF_NODES: readonly SettingName[] = [
  ...OF_ROUTERS,
  'ledger',
  'rebroadcast',
  'allowUnprotected',
  'minTip',
  'probeIntervalMs',
  'finalityInterval',
]

/** Why the engine cannot run the scenario; empty where it can. */
export function simulationProblems(scenario: Scenario, engine: EngineName): readonly string[] {
  return [
    ...settingProblems(scenario, engine),
    ...(engine === 'router' ? routerProblems(scenario) : []),
  ]
}

/**
 * Throws a UserError whose one line names everything that the engine cannot run.
 *
 * @param given settings for all nodes beside those of the scenario.
 * @param name what the scenario is called where it was asked for.
 */
export function checkSimulable(
  scenario: Scenario,
  engine: EngineName,
  { given = {}, name }: { readonly given?: GivenSettings; readonly name?: string } = {},
): void {
  const problems = [
    ...simulationProblems(scenario, engine),
    ...unfollowed(given, engine).map((one) => `--set ${one} ${meaninglessFor(engine)}`),
  ]
  if (problems.length === 0) return
  const place = name === undefined ? '' : `${name}: `
  throw new UserError(`${place}${problems.join('; ')}`)
}

/** What the engine leaves out of every scenario, one sentence; `undefined` where it is nothing. */
export function leftOutBy(engine: EngineName): string | undefined {
  return engine === 'router'
    ? 'the router engine has no chain: it seals no blocks, and every transaction is valid'
    : undefined
}

function settingProblems({ everyNode, classes }: Scenario, engine: EngineName): string[] {
  const places = [
    { path: 'everyNode', settings: everyNode.settings },
    ...classes.map(({ settings }, index) => ({ path: `classes[${index}]`, settings })),
  ]
  return places.flatMap(({ path, settings = {} }) =>
    unfollowed(settings, engine).map(
      (name) => `${path}.settings.${name} ${meaninglessFor(engine)}: leave it out`,
    ),
  )
}

function unfollowed(settings: object, engine: EngineName): string[] {
  const followed = engine === 'node' ? OF_NODES : OF_ROUTERS
  return Object.keys(settings).filter((name) => !followed.some((one) => one === name))
}

function meaninglessFor(engine: EngineName): string {
  return engine === 'node'
    ? 'means nothing in a simulation, which has no sockets, files or threads'
    : 'means nothing to a router alone'
}

function routerProblems({ processes, classes, faults, questions }: Scenario): string[] {
  const hostile = (behaviour: Misbehaviour | undefined, path: string): string[] => {
    const objection = behaviour && NEEDS_A_NODE[behaviour]
    return objection === undefined
      ? []
      : [`${path}: a router alone ${objection}: use --engine node`]
  }
  return [
    ...(processes === undefined
      ? []
      : ['processes: what a router alone takes of a process is not known: use --engine node']),
    ...classes.flatMap((one, index) => hostile(one.hostile, `classes[${index}].hostile`)),
    ...questions.map(
      (_question, index) =>
        `questions[${index}]: a router alone answers no questions: use --engine node`,
    ),
    ...faults.flatMap((fault, index) => {
      if (fault.kind === 'hostile') return hostile(fault.behaviour, `faults[${index}].behaviour`)
      return fault.kind === 'clock-jump'
        ? [`faults[${index}].kind: a router alone has no calendar: use --engine node`]
        : []
    }),
  ]
}
