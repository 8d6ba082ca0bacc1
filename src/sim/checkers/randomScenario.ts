/**
 * A scenario drawn from a seed: a small network with random links, load and faults. Everything that
 * happens to it is undone before its end, so that whatever must hold in the end can be asked of it.
 */
import { seededRandom, type Random } from '../../lib/random.ts'
import { UserError } from '../../lib/userError.ts'
import {
  parseScenario,
  type ChangeNames,
  type ScenarioChanges,
} from '../../scenario/parseScenario.ts'
import type { Scenario } from '../../scenario/scenarioSchema.ts'
import { MISBEHAVIOURS } from '../../rehearsal/misbehaviour.ts'

interface EveryNode {
  readonly validationMs: number
  readonly upMbit?: number
  readonly downMbit?: number
}

/** The name under which such scenarios are run. */
export const RANDOM_FAULTS = 'random-faults'

const DURATION_S = 14
/** Faults begin and end within these, seconds. */
const FIRST_FAULT_S = 0.5
const LAST_FAULT_S = 10
const MOST_FAULTS = 5
/**
 * Data of the largest transactions; five a second of them fit through links of {@link WIDE_MBIT},
 * with all copies.
 */
const LARGE_BYTES = 20_000
const WIDE_MBIT = 50
/** Those that are against nobody in particular. */
const UNDIRECTED = MISBEHAVIOURS.filter((kind) => kind !== 'censor')
/** Clocks of computers that ask a time server are not further off. */
const MOST_CLOCK_JUMP_MS = 400

/**
 * The same seed draws the same scenario, with these changes. Throws a UserError where they do not
 * fit.
 */
export function drawnScenario(
  seed: number,
  changes: ScenarioChanges = {},
  names: ChangeNames = {},
): Scenario {
  const text = JSON.stringify(randomScenario(seed))
  const { scenario, problems } = parseScenario(text, changes, names)
  if (scenario === undefined) throw new UserError(`${RANDOM_FAULTS}: ${problems.join('; ')}`)
  return scenario
}

/** As a scenario file has it. */
function randomScenario(seed: number): Readonly<Record<string, unknown>> {
  const random = seededRandom(seed ^ 0x5eed)
  const nodes = 4 + random.int(7)
  const signers = 1 + random.int(Math.min(4, nodes - 1))
  const topology = topologyOf(random, nodes)
  const links = linksOf(random)
  const everyNode = everyNodeOf(random)
  const classes = classesOf(random, nodes)
  const workload = workloadOf(random, signers)
  return {
    name: RANDOM_FAULTS,
    shows:
      'What must hold in every network holds in this one, whose links, load and faults are drawn from the seed.',
    seed,
    nodes,
    topology,
    links,
    everyNode: withRoom(everyNode, workload.dataBytes),
    classes,
    workload,
    faults: faultsOf(random, nodes),
    warmupS: 1,
    durationS: DURATION_S,
  }
}

function topologyOf(random: Random, nodes: number): unknown {
  const kinds = [
    { kind: 'complete' },
    { kind: 'ring' },
    { kind: 'star' },
    { kind: 'small-world', degree: 2, rewired: 0.3 },
    { kind: 'random-regular', degree: nodes % 2 === 0 ? 3 : 2 },
  ]
  return pick(random, kinds)
}

function linksOf(random: Random): unknown {
  return {
    latencyMs: random.int(100),
    jitterMs: pick(random, [0, 0, 5, 30]),
    loss: pick(random, [0, 0, 0.01, 0.1]),
  }
}

function everyNodeOf(random: Random): EveryNode {
  const mbit = pick(random, [0, 0, 5, WIDE_MBIT])
  return {
    validationMs: pick(random, [0, 0, 0, 2, 40]),
    ...(mbit > 0 && { upMbit: mbit, downMbit: mbit }),
  }
}

/**
 * A network that is asked to carry more than its links can is not expected to deliver it in time.
 */
function withRoom(everyNode: EveryNode, dataBytes: number): EveryNode {
  const isNarrow = everyNode.upMbit !== undefined && dataBytes >= LARGE_BYTES
  return isNarrow ? { ...everyNode, upMbit: WIDE_MBIT, downMbit: WIDE_MBIT } : everyNode
}

function workloadOf(random: Random, signers: number) {
  return {
    transactionsPerS: 1 + random.int(5),
    dataBytes: pick(random, [0, 100, 2_000, LARGE_BYTES]),
    blocks: { periodS: 1 + random.int(2), signers },
  }
}

/** At most one node is hostile from the beginning: the last, which seals nothing. */
function classesOf(random: Random, nodes: number): unknown[] {
  if (random.next() < 0.7) return []
  return [{ name: 'hostile', nodes: [nodes - 1], hostile: pick(random, UNDIRECTED) }]
}

function faultsOf(random: Random, nodes: number): unknown[] {
  return Array.from({ length: random.int(MOST_FAULTS + 1) }, () => faultOf(random, nodes))
}

function faultOf(random: Random, nodes: number): unknown {
  const atS = tenths(FIRST_FAULT_S + random.next() * (LAST_FAULT_S - 1 - FIRST_FAULT_S))
  const forS = tenths(0.3 + random.next() * (LAST_FAULT_S - atS - 0.3))
  const some = (): unknown => ({ count: 1 + random.int(Math.max(1, Math.floor(nodes / 2))) })
  const one = (): unknown => ({ count: 1 })
  const faults = [
    () => ({ kind: 'kill', nodes: some(), atS, forS }),
    () => ({ kind: 'kill', nodes: one(), atS, forS: 0.5, everyS: 2, untilS: Math.max(8, atS) }),
    () => ({ kind: 'pause', nodes: some(), atS, forS }),
    () => ({ kind: 'partition', groups: [{ share: 0.5 }, 'rest'], atS, forS }),
    () => ({ kind: 'one-way', from: one(), to: some(), atS, forS }),
    () => ({ kind: 'slow-link', nodes: one(), latencyMs: 400, atS, forS }),
    () => ({ kind: 'bandwidth', nodes: some(), upMbit: 1, downMbit: 1, atS, forS }),
    () => ({ kind: 'clock-jump', nodes: one(), byMs: clockJumpMs(random), atS }),
    () => ({ kind: 'hostile', nodes: one(), behaviour: pick(random, UNDIRECTED), atS, forS }),
  ]
  return pick(random, faults)()
}

function clockJumpMs(random: Random): number {
  return random.int(2 * MOST_CLOCK_JUMP_MS + 1) - MOST_CLOCK_JUMP_MS
}

function pick<T>(random: Random, from: readonly T[]): T {
  const chosen = from[random.int(from.length)]
  if (chosen === undefined) throw new Error('there is nothing to choose from')
  return chosen
}

function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10
}
