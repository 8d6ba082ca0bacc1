/**
 * Asks one peer whom it holds for members of the network: what all hold differs for seconds, and n
 * lists are n x n rows.
 */
import { membersAnswer, type MemberAnswer } from '../../instrument/rpc/memberAnswers.ts'
import type { Cancel, Clock } from '../../lib/clock.ts'
import { DASHBOARD_LIMITS } from './limits.ts'
import type { MembersView } from './terms.ts'

/** A peer that can be asked. */
export interface AskedPeer {
  readonly index: number
  call(method: string): Promise<unknown>
}

/** What a {@link MemberPoller} reads, and where it puts what it read. */
export interface MemberPollerOptions {
  readonly clock: Clock
  /** Those that run and are not paused, the one to be asked first. */
  readonly peers: () => readonly AskedPeer[]
  /** Whether anyone watches. */
  readonly isWatched: () => boolean
  /** `undefined` for an id that is no peer's of this network. */
  readonly indexOf: (peerId: string) => number | undefined
  readonly show: (view: MembersView) => void
}

/** Asks until the answer is called. */
export function pollMembers(options: MemberPollerOptions): Cancel {
  let isAsking = false
  return options.clock.every(DASHBOARD_LIMITS.membersMs, () => {
    const [peer] = options.peers()
    if (isAsking || peer === undefined || !options.isWatched()) return
    isAsking = true
    const ask = async (): Promise<void> => {
      const members = membersAnswer.parse(await peer.call('gossip_members'))
      options.show(viewOf(peer.index, members, options.indexOf))
    }
    ask()
      // A peer that does not answer is shown so elsewhere; what it said last stays.
      .catch(() => {})
      .finally(() => {
        isAsking = false
      })
  })
}

/**
 * What a page shows: those that are not alive first, and of the others as many as there is room
 * for.
 */
export function viewOf(
  by: number,
  members: readonly MemberAnswer[],
  indexOf: MemberPollerOptions['indexOf'],
): MembersView {
  const nameOf = (peerId: string): string => {
    const index = indexOf(peerId)
    return index === undefined ? peerId : `peer ${index}`
  }
  const isNews = ({ state }: MemberAnswer): number => (state === 'alive' ? 1 : 0)
  const order = (one: MemberAnswer): number => indexOf(one.peer) ?? Number.MAX_SAFE_INTEGER
  const kept = members
    .toSorted((a, b) => isNews(a) - isNews(b))
    .slice(0, DASHBOARD_LIMITS.maxShownMembers)
    .toSorted((a, b) => order(a) - order(b))
  return {
    by,
    total: members.length,
    rows: kept.map(({ peer, state, sinceMs, toldBy, role, incarnation }) => ({
      peer: indexOf(peer) ?? null,
      peerId: peer,
      state,
      sinceMs,
      toldBy: toldBy === peer ? 'itself' : nameOf(toldBy),
      role,
      incarnation,
    })),
  }
}
