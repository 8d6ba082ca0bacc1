/** What the peers of a network hold of each other as members, over JSON-RPC. */
import { z } from 'zod'
import type { Devnet } from '../../src/devnet/devnet.ts'
import type { Peer } from '../../src/devnet/devnetPeer.ts'
import { membersAnswer } from '../../src/instrument/rpc/memberAnswers.ts'
import { sleep, systemClock } from '../../src/lib/clock.ts'
import { isLive, MEMBER_STATES, type MemberState } from '../../src/membership/member.ts'

const POLL_MS = 50
/** A death is known in some seconds, on a loaded machine in some more. */
const TIMEOUT_MS = 60_000

const storyAnswer = z
  .object({
    incarnation: z.number(),
    story: z.array(z.object({ state: z.enum(MEMBER_STATES) })),
  })
  .nullable()

/** A member as one peer holds it. */
export interface MemberView {
  readonly incarnation: number
  /** The states in which it was held, oldest first. */
  readonly states: readonly MemberState[]
}

/** What a peer holds of a member; `undefined` for one that it does not know. */
export async function viewOf(holder: Peer, peerId: string): Promise<MemberView | undefined> {
  const answer = storyAnswer.parse(await holder.rpc.call('gossip_member', [peerId]))
  if (answer === null) return undefined
  return { incarnation: answer.incarnation, states: answer.story.map(({ state }) => state) }
}

/**
 * Waits until all of these hold the member in this state; answers after how long each did, ms, the
 * first one first.
 */
export async function untilHeld(
  holders: readonly Peer[],
  peerId: string,
  state: MemberState,
): Promise<readonly number[]> {
  const startMs = systemClock.monotonicMs()
  const until = async (holder: Peer): Promise<number> => {
    for (;;) {
      const held = (await viewOf(holder, peerId))?.states.at(-1)
      const passedMs = systemClock.monotonicMs() - startMs
      if (held === state) return passedMs
      if (passedMs > TIMEOUT_MS)
        throw new Error(
          `peer ${holder.process.info.index} holds ${peerId} for ${held ?? 'unknown'} after ${TIMEOUT_MS} ms, and not for ${state}`,
        )
      await sleep(systemClock, POLL_MS)
    }
  }
  const times = await Promise.all(holders.map(until))
  return times.toSorted((a, b) => a - b)
}

/**
 * What does not hold in the end, a line each: every peer that runs is to hold exactly those that
 * run for live.
 */
export async function memberFindings(devnet: Devnet): Promise<readonly string[]> {
  const running = devnet.peers.filter(({ process }) => process.isRunning())
  const wanted = running.map(({ process }) => process.info.peerId).toSorted()
  const deadlineMs = systemClock.monotonicMs() + TIMEOUT_MS
  for (;;) {
    const findings = (await Promise.all(running.map((peer) => differenceAt(peer, wanted)))).flat()
    if (findings.length === 0 || systemClock.monotonicMs() > deadlineMs) return findings
    await sleep(systemClock, POLL_MS)
  }
}

async function differenceAt({ rpc, process }: Peer, wanted: readonly string[]): Promise<string[]> {
  const members = membersAnswer.parse(await rpc.call('gossip_members'))
  const live = members
    .filter(isLive)
    .map(({ peer }) => peer)
    .toSorted()
  return live.join() === wanted.join()
    ? []
    : [`peer ${process.info.index} holds ${live.length} for live, and ${wanted.length} run`]
}
