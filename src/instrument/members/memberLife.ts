/**
 * Who of a running network is there, as its members tell each other (membership/): the denominators
 * of a report of it.
 *
 * Each peer that is measured is asked whom it holds for live. A member counts as live where at
 * least half of those that answer say so: one that is cut off, or that lies, does not decide. Peers
 * that know no members decide nothing.
 */
import type { Clock } from '../../lib/clock.ts'
import { Life } from '../../measure/life.ts'
import type { RpcClient } from '../../rpc/client/rpcClient.ts'
import { membersAnswer } from '../rpc/memberAnswers.ts'
import type { PeerPort } from '../port.ts'

/** Whose word counts, and by which clock. */
export interface MemberLifeParts {
  readonly clients: readonly RpcClient[]
  readonly peers: readonly Pick<PeerPort, 'index' | 'peerId'>[]
  readonly clock: Pick<Clock, 'monotonicMs'>
}

/**
 * How often members are asked for, ms: a death is known in some seconds, and a list of thousands is
 * no small answer.
 */
const READ_EVERY_MS = 1_000

/** Keeps the account of who is live, from what peers say. */
export class MemberLife {
  /** Of the peers that are measured; all are live until members say otherwise. */
  readonly life: Life
  readonly #parts: MemberLifeParts
  #hasBegun = false
  #readMs = -Infinity
  #mostLive: number

  constructor(parts: MemberLifeParts) {
    this.#parts = parts
    this.#mostLive = parts.peers.length
    this.life = new Life({
      monotonicMs: () => (this.#hasBegun ? parts.clock.monotonicMs() : -Infinity),
    })
    for (const { index } of parts.peers) this.life.note(index, 'up')
    this.#hasBegun = true
  }

  /** The most members that were live at a time, those that nobody measures included. */
  get nodes(): number {
    return this.#mostLive
  }

  /**
   * Asks again, unless that was done just now. Never rejects: peers that do not answer say nothing.
   */
  async readIfDue(): Promise<void> {
    const nowMs = this.#parts.clock.monotonicMs()
    if (nowMs - this.#readMs < READ_EVERY_MS) return
    this.#readMs = nowMs
    await this.read()
  }

  /** Never rejects. */
  async read(): Promise<void> {
    const answers = await Promise.allSettled(this.#parts.clients.map(liveMembers))
    const lists = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    if (lists.length === 0) return
    const votes = new Map<string, number>()
    for (const peer of lists.flat()) votes.set(peer, (votes.get(peer) ?? 0) + 1)
    const isLive = (count: number): boolean => 2 * count >= lists.length
    this.#mostLive = Math.max(this.#mostLive, [...votes.values()].filter(isLive).length)
    for (const { index, peerId } of this.#parts.peers)
      this.life.note(index, isLive(votes.get(peerId) ?? 0) ? 'up' : 'gone')
  }
}

async function liveMembers(client: RpcClient): Promise<readonly string[]> {
  const members = membersAnswer.parse(await client.call('gossip_members', [true]))
  return members.map(({ peer }) => peer)
}
