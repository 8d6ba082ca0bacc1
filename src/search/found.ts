/** What a search came to, for who asked. */
import type { Network, PeerId } from '../gossip/network.ts'
import type { BestAnswer } from './answers.ts'
import type { LiveQuery } from './liveQuery.ts'
import { countOf, isExact, shortIdOf, type TallyCount } from './tally.ts'

/** The answer to a question. */
export interface Found extends TallyCount {
  /** `undefined` where nobody has it, or nobody remembers when it came. */
  readonly best: BestAnswer | undefined
  /** Live members that answered and do not have it; of a large network, those of the sample. */
  readonly missing: readonly PeerId[]
  /** Live members that did not answer; none are named in a large network. */
  readonly silent: readonly PeerId[]
  /** Rounds that passed until the answer. */
  readonly rounds: number
  readonly tookMs: number
}

/** What is said of a query as it stands. */
export function foundOf(
  { query, answers, round }: LiveQuery,
  context: {
    readonly members: { live(): readonly PeerId[]; readonly liveCount: number }
    readonly network: Pick<Network, 'self'>
    readonly tookMs: number
  },
): Found {
  const { tally, best } = answers
  const hasById = new Map(tally.ids.map((id, at) => [id, tally.has[at] === true]))
  const members = context.members.live().map((peer) => ({
    peer,
    has: hasById.get(shortIdOf(query.digest, peer)),
  }))
  return {
    best,
    ...countOf(tally, context.members.liveCount),
    missing: members.filter(({ has }) => has === false).map(({ peer }) => peer),
    silent: isExact(tally)
      ? members.filter(({ has }) => has === undefined).map(({ peer }) => peer)
      : [],
    rounds: round,
    tookMs: context.tookMs,
  }
}
