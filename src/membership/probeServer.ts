import type { Network, PeerId } from '../gossip/network.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import type { Clock } from '../lib/clock.ts'
import { TokenBucket } from '../lib/tokenBucket.ts'
import {
  ASKED_PROBES_PER_PEER,
  MAX_ASKED_DIALS,
  MAX_BUDGETS,
  PROBE_TIMEOUT_SHARE,
} from './limits.ts'
import { isLive, type Member } from './member.ts'
import type { Members } from './members.ts'
import {
  decodeProbe,
  encodeDirectAnswer,
  encodeIndirectAnswer,
  type ProbeRequest,
} from './probeMessages.ts'
import { dialMember } from './dialMember.ts'
import { within } from './timeLimit.ts'

/** What probes are answered with. */
export interface ProbeServerParts {
  readonly network: Pick<Network, 'self' | 'peers' | 'ping' | 'dial' | 'disconnect'>
  readonly members: Members
  readonly clock: Clock
  readonly intervalMs: number
  /**
   * Raises the own incarnation above this one where it must and may; answers the own record, if
   * there is one.
   */
  readonly refute: (incarnation: number) => Promise<Uint8Array | undefined>
  /** The own record, as it travels, and its incarnation. */
  readonly own: () => { readonly incarnation: number; readonly envelope: Uint8Array } | undefined
}

/**
 * Answers probes, and sends some on behalf of others: only of members, and only so many for each
 * peer.
 */
export class ProbeServer {
  readonly #parts: ProbeServerParts
  readonly #budgets = new BoundedMap<PeerId, TokenBucket>(MAX_BUDGETS)
  /** Members that are being looked for. */
  readonly #looks = new Map<PeerId, Promise<boolean>>()
  #dials = 0

  constructor(parts: ProbeServerParts) {
    this.#parts = parts
  }

  /** Throws a ProtocolViolation for what is no probe. */
  async *answer(from: PeerId, data: Uint8Array): AsyncIterable<Uint8Array> {
    const request = decodeProbe(data)
    if (request.form === 'direct') yield encodeDirectAnswer(await this.#record(request))
    else yield encodeIndirectAnswer(await this.#isThere(from, request.peer))
  }

  async #record({
    incarnation,
    isSuspected,
  }: Extract<ProbeRequest, { form: 'direct' }>): Promise<Uint8Array | undefined> {
    const own = this.#parts.own()
    if (isSuspected && own !== undefined && incarnation >= own.incarnation)
      return this.#parts.refute(incarnation)
    return own?.incarnation === incarnation ? undefined : own?.envelope
  }

  async #isThere(from: PeerId, peer: PeerId): Promise<boolean> {
    const { members, network, clock } = this.#parts
    if (peer === network.self) return true
    const member = members.list.get(peer)
    const nowMs = clock.monotonicMs()
    const budget = this.#budgets.get(from) ?? new TokenBucket(ASKED_PROBES_PER_PEER, nowMs)
    this.#budgets.set(from, budget)
    if (member === undefined || !isLive(member) || !budget.take(1, nowMs)) return false
    const isConnected = network.peers().some(({ id }) => id === peer)
    return this.#inTime(peer, () => (isConnected ? network.ping(peer) : this.#dial(member)))
  }

  /**
   * A no that comes in time tells the asker that it is not cut off itself. Who asks for a member
   * that is being looked for already gets the same answer.
   */
  #inTime(peer: PeerId, look: () => Promise<boolean>): Promise<boolean> {
    const { clock, intervalMs } = this.#parts
    const under = this.#looks.get(peer)
    if (under !== undefined) return under
    const answer = within(clock, intervalMs * PROBE_TIMEOUT_SHARE, look()).finally(() =>
      this.#looks.delete(peer),
    )
    this.#looks.set(peer, answer)
    return answer
  }

  async #dial(member: Member): Promise<boolean> {
    if (this.#dials >= MAX_ASKED_DIALS) return false
    this.#dials++
    try {
      return await dialMember(this.#parts.network, member)
    } finally {
      this.#dials--
    }
  }
}
