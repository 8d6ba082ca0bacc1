/** Every valid message reaches every live connected node. */
import type { Hash } from '../../crypto/keccak.ts'
import type { Fault } from '../../scenario/fault.ts'
import { honestGroups, type CheckedRun, type Checker } from './checker.ts'

/** A transaction that an honest node took in from its user. */
interface Entered {
  readonly hash: Hash
  readonly atMs: number
  readonly origin: number
  /** The life of the node that took it in. */
  readonly life: unknown
}

/**
 * Routers alone repair nothing: a message is promised to them only where nothing happened so long
 * before and after.
 */
const CALM_BEFORE_MS = 10_000
const CALM_AFTER_MS = 5_000
/** Problems that are told one by one. */
const MAX_TOLD = 5

/** Faults that can cost a router a message. */
const DISTURBING: ReadonlySet<Fault['kind']> = new Set<Fault['kind']>([
  'kill',
  'leave',
  'restart',
  'join',
  'pause',
  'resume',
  'partition',
  'one-way',
  'heal',
  'hostile',
])

/** Watches what enters, and asks in the end who has it. */
export function deliveryChecker(run: CheckedRun): Checker {
  const entered: Entered[] = []
  const disturbedMs: number[] = []
  const { world, population, hostile, repairs } = run
  population.happened.on(({ kind }) => {
    if (DISTURBING.has(kind)) disturbedMs.push(world.time.nowMs)
  })
  const isPromised = ({ atMs }: Entered): boolean =>
    repairs || !disturbedMs.some((ms) => ms > atMs - CALM_BEFORE_MS && ms < atMs + CALM_AFTER_MS)
  return {
    name: 'delivery',
    saw: (node, { kind, hash, route, action, from }) => {
      if (kind !== 'tx' || route !== 'local' || from !== 'rpc' || hostile.has(node)) return
      const life = population.machine(node).owner
      if (action === 'accept') entered.push({ hash, origin: node, life, atMs: world.time.nowMs })
    },
    broken: () => [],
    open: () => {
      const groups = honestGroups(run)
      const problems = entered.filter(isPromised).flatMap((one) => problemOf(one, groups, run))
      return told(problems)
    },
  }
}

/**
 * Within each group: who has it, all others have it too; and where its node still lives, somebody
 * has.
 */
function problemOf(
  { hash, origin, life }: Entered,
  groups: ReturnType<typeof honestGroups>,
  { population, repairs }: CheckedRun,
): string[] {
  const problems = groups.flatMap((group) => {
    const without = group.filter(({ node }) => !node.knows(hash)).map(({ index }) => index)
    if (without.length === 0 || without.length === group.length) return []
    return [`transaction ${hash} is not at ${namesOf(without)} of ${group.length} linked nodes`]
  })
  const machine = population.machine(origin)
  if (problems.length > 0 || machine.owner !== life || !repairs) return problems
  const isKept = population.node(origin)?.knows(hash) ?? true
  return isKept ? [] : [`transaction ${hash} is gone from node ${origin}, which accepted it`]
}

function namesOf(nodes: readonly number[]): string {
  return `${nodes.length === 1 ? 'node' : 'nodes'} ${nodes.join(', ')}`
}

function told(problems: readonly string[]): readonly string[] {
  if (problems.length <= MAX_TOLD) return problems
  return [...problems.slice(0, MAX_TOLD), `and ${problems.length - MAX_TOLD} more like it`]
}
