/**
 * Nothing is held for ever: what a node keeps without a verdict is judged or given up in the end.
 */
import { honestGroups, type CheckedRun, type Checker } from './checker.ts'

/** Looks at held blocks and at copies without a verdict. */
export function nothingHeldChecker(run: CheckedRun): Checker {
  return {
    name: 'nothing held',
    broken: () => [],
    open: () =>
      honestGroups(run)
        .flat()
        .flatMap(({ index, node }) => {
          const blocks = node.held()
          const { openBytes } = node.copyBytes()
          return [
            ...(blocks > 0 ? [`node ${index} holds ${blocks} blocks`] : []),
            ...(openBytes > 0 ? [`node ${index} has ${openBytes} bytes without a verdict`] : []),
          ]
        }),
  }
}
