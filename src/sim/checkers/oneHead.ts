/** One head in the end: nodes that are linked to each other come to have the same chain. */
import { honestGroups, type CheckedRun, type Checker } from './checker.ts'

/** Looks at the heads. */
export function oneHeadChecker(run: CheckedRun): Checker {
  return {
    name: 'one head',
    broken: () => [],
    open: () =>
      honestGroups(run).flatMap((group) => {
        const heads = new Map<string, number[]>()
        for (const { index, node } of group) {
          const { number, hash } = node.head()
          const key = `${number} ${hash}`
          heads.set(key, [...(heads.get(key) ?? []), index])
        }
        if (heads.size <= 1) return []
        const told = [...heads].map(([head, nodes]) => `${head} at ${nodes.join(',')}`)
        return [`${heads.size} heads among ${group.length} linked nodes: ${told.join('; ')}`]
      }),
  }
}
