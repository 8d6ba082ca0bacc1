/** How many threads share the nodes of a simulation. */
import { UserError } from '../../lib/userError.ts'
import type { Scenario } from '../../scenario/scenarioSchema.ts'

/** More were not measured, and each has the whole world around the nodes in its own memory. */
export const MAX_THREADS = 16

/** How a simulation is to be run, as far as threads depend on it. */
export interface ThreadNeeds {
  readonly scenario: Pick<Scenario, 'processes'>
  readonly isChecked?: boolean | undefined
}

/** Throws a UserError where so many threads were asked for that cannot share the simulation. */
export function checkThreads(threads: number, needs: ThreadNeeds): void {
  const problem = threads === 1 ? undefined : threadProblem(needs)
  if (problem !== undefined) throw new UserError(`--threads ${threads}: ${problem}`)
}

/** Why a simulation cannot be shared by threads; `undefined` where it can. */
function threadProblem({ scenario, isChecked }: ThreadNeeds): string | undefined {
  if (scenario.processes !== undefined)
    return 'nodes that share processes wait for each other, in one thread'
  if (isChecked) return 'the checks of --check look at all nodes at once, in one thread'
  return undefined
}
