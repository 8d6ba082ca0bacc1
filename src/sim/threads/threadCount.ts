/** How many threads share the nodes of a simulation. */
import { UserError } from '../../lib/userError.ts'
import type { Scenario } from '../../scenario/scenarioSchema.ts'
import { TICKS_PER_MS } from '../time/virtualTime.ts'
import type { EngineName } from '../engines/engineNames.ts'
import { estimateBytes, fits } from '../memory.ts'

/** More were not measured, and each has the whole world around the nodes in its own memory. */
export const MAX_THREADS = 16
/** Smaller networks are done before further threads have started. */
export const MIN_NODES_FOR_THREADS = 5_000
/**
 * Threads that meet more often than this wait for each other most of the time; the least latency
 * between two nodes says how often they must.
 */
const MIN_LOOKAHEAD_TICKS = TICKS_PER_MS

/** How a simulation is to be run, as far as threads depend on it. */
export interface ThreadNeeds {
  readonly engine: EngineName
  readonly isChecked?: boolean | undefined
}

/** Throws a UserError where so many threads were asked for that cannot share the simulation. */
export function checkThreads(threads: number, needs: ThreadNeeds): void {
  const problem = threads === 1 ? undefined : threadProblem(needs)
  if (problem !== undefined) throw new UserError(`--threads ${threads}: ${problem}`)
}

/** Why a simulation cannot be shared by threads; `undefined` where it can. */
function threadProblem({ engine, isChecked }: ThreadNeeds): string | undefined {
  if (engine !== 'router')
    return 'whole nodes are simulated in one thread; --engine router can use more'
  if (isChecked) return 'the checks of --check look at all nodes at once, in one thread'
  return undefined
}

/** As many as pay, of the cores that the process may use and within the memory that there is. */
export function threadsFor(
  scenario: Scenario,
  needs: ThreadNeeds,
  { cores, availableBytes }: { readonly cores: number; readonly availableBytes: number },
): number {
  if (threadProblem(needs) !== undefined || scenario.nodes < MIN_NODES_FOR_THREADS) return 1
  let threads = Math.min(cores, MAX_THREADS)
  while (threads > 1 && !fits(estimateBytes(scenario, needs.engine, threads), availableBytes))
    threads--
  return threads
}

/** Whether threads pay that may go on so far without hearing of each other. */
export function isFarEnough(lookaheadTicks: number): boolean {
  return lookaheadTicks >= MIN_LOOKAHEAD_TICKS
}
