/** All checkers of a run together. */
import type { CheckedRun, Checker } from './checker.ts'
import { deliveryChecker } from './delivery.ts'
import { invariantsChecker } from './invariants.ts'
import { membersChecker } from './members.ts'
import { nothingHeldChecker } from './nothingHeld.ts'
import { oneHeadChecker } from './oneHead.ts'
import { validityChecker } from './validity.ts'

/** Between two looks at the nodes, virtual ms. */
const LOOK_EVERY_MS = 1_000
/**
 * After the run, what must hold in the end has so long to come true, virtual ms: a parked
 * transaction waits for its pool's next reconciliation, a node that was away for the next status
 * exchange.
 */
export const PATIENCE_MS = 90_000

/** The checkers, and when they look. */
export class Checks {
  readonly #run: CheckedRun
  readonly #checkers: readonly Checker[]
  #lookMs = 0

  constructor(run: CheckedRun) {
    this.#run = run
    this.#checkers = [
      deliveryChecker(run),
      validityChecker(run),
      oneHeadChecker(run),
      invariantsChecker(run),
      nothingHeldChecker(run),
      membersChecker(run),
    ]
    run.world.observations.watch((node, sighting) => {
      for (const checker of this.#checkers) checker.saw?.(node, sighting)
    })
  }

  /** Called after every step of the run. */
  step(): void {
    const { nowMs } = this.#run.world.time
    if (nowMs < this.#lookMs) return
    this.#lookMs = nowMs + LOOK_EVERY_MS
    for (const checker of this.#checkers) checker.look?.()
  }

  /** What must hold in the end and does not yet. */
  open(): readonly string[] {
    return this.#linesOf((checker) => checker.open())
  }

  /** All that is wrong: what was broken, and what did not come true. */
  problems(): readonly string[] {
    return [...this.#linesOf((checker) => checker.broken()), ...this.open()]
  }

  #linesOf(of: (checker: Checker) => readonly string[]): readonly string[] {
    return this.#checkers.flatMap((checker) =>
      of(checker).map((line) => `${checker.name}: ${line}`),
    )
  }
}
