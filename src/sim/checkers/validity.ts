/**
 * No invalid message passes the first honest node: whoever rejects one had it from a hostile node,
 * or from its user.
 */
import type { CheckedRun, Checker } from './checker.ts'

const MAX_TOLD = 5

/** Watches every rejection. */
export function validityChecker({ world, hostile }: CheckedRun): Checker {
  const broken: string[] = []
  return {
    name: 'validity',
    saw: (node, { action, from, kind, hash, reason }) => {
      if (action !== 'reject' || hostile.has(node)) return
      const sender = world.indexOf.get(from)
      if (sender === undefined || hostile.has(sender) || broken.length === MAX_TOLD) return
      broken.push(
        `${kind} ${hash} was forwarded by honest node ${sender} and rejected by honest node ${node}: ${reason}`,
      )
    },
    broken: () => broken,
    open: () => [],
  }
}
