/** The invariants of pool, chain and held blocks, recomputed from scratch at every look. */
import { messageOf } from '../../lib/assert.ts'
import { honestGroups, type CheckedRun, type Checker } from './checker.ts'

const MAX_TOLD = 5

/** Asks every live honest node. */
export function invariantsChecker(run: CheckedRun): Checker {
  const broken: string[] = []
  return {
    name: 'invariants',
    look: () => {
      for (const { index, node } of honestGroups(run).flat()) {
        if (broken.length === MAX_TOLD) return
        try {
          node.assertInvariants()
        } catch (error) {
          const atS = (run.world.time.nowMs / 1000).toFixed(1)
          broken.push(`node ${index} at ${atS} s: ${messageOf(error)}`)
        }
      }
    },
    broken: () => broken,
    open: () => [],
  }
}
