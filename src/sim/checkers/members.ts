/**
 * Members in the end: among nodes that are linked to each other nobody who is there is held dead or
 * unknown, and nobody who is gone is held for live.
 */
import { isLive } from '../../membership/member.ts'
import { honestGroups, type CheckedRun, type Checker, type HonestNode } from './checker.ts'

/** Pairs that are named; more of them say nothing new. */
const MAX_NAMED = 8

/** Looks at what nodes hold of each other. */
export function membersChecker(run: CheckedRun): Checker {
  return {
    name: 'members',
    broken: () => [],
    open: () => {
      if (!run.repairs) return []
      const wrong = honestGroups(run).flatMap((group) => wrongIn(group, run))
      const more = wrong.length > MAX_NAMED ? [`and ${wrong.length - MAX_NAMED} more`] : []
      return [...wrong.slice(0, MAX_NAMED), ...more]
    },
  }
}

function wrongIn(group: readonly HonestNode[], { world, population }: CheckedRun): string[] {
  const gone = [...population.started].filter((index) => population.life.stateOf(index) === 'gone')
  const there = group.map(({ index }) => index)
  return group.flatMap(({ index, node }) => {
    const held = (subject: number) => node.holds(world.machines[subject]?.id ?? '')
    const missed = there.filter((subject) => !isLive({ state: held(subject) ?? 'dead' }))
    const kept = gone.filter((subject) => isLive({ state: held(subject) ?? 'dead' }))
    return [
      ...missed.map((one) => `${index} holds ${one}, which runs, for ${held(one) ?? 'unknown'}`),
      ...kept.map((one) => `${index} holds ${one}, which is gone, for ${held(one)}`),
    ]
  })
}
