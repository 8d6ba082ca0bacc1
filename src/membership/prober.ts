/**
 * Finds out whether neighbours are there (SWIM, section 3, over connections).
 *
 * SPECIFICATION
 *
 * - Each interval, times the local health multiplier, one neighbour is probed, in randomised round
 *   robin. One whose gossip came within the last interval has shown that it runs: its turn costs
 *   nothing and passes to the next.
 * - A probe is a ping of the connection, which opens no stream. A neighbour that is not held alive
 *   is asked by a request instead, which tells it so and brings its newest record.
 * - One that gives no answer in half an interval, or in four times what the median of the last
 *   answers took where that is longer, is probed by three others on our behalf, and may still
 *   answer itself. If it turns out to be there, our limit was too short for this network or this
 *   process: the local health score rises, and with it the limit and the interval.
 * - A limit that ends late is given as much time again: this process was busy, and answers that
 *   have come are still to be read.
 * - One that is lost, because the connection ended, is dialled, and a dial counts as a probe. It
 *   was no neighbour where the connection lasted less than an interval (times the multiplier):
 *   connections made to probe end at once, and would cause further probes.
 * - Nobody has had an answer: the member is accused. None of the three has answered us: we may be
 *   cut off, and accuse nobody.
 * - A suspicion of a neighbour that others began is checked at once, so that it is confirmed or
 *   refuted soon.
 * - A node that was paused convicts nobody on what it missed: checks under way are dropped,
 *   suspicions last longer.
 */
import type { Network, PeerId } from '../gossip/network.ts'
import { messageOf } from '../lib/assert.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import type { Cancel, Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { sample, type Random } from '../lib/random.ts'
import { onlyFrame, type Requests } from '../sync/protocol.ts'
import { AnswerTimes } from './answerTimes.ts'
import type { LocalHealth } from './health.ts'
import {
  INDIRECT_PROBES,
  LOST_CHECK_MS,
  MAX_CHECKS,
  MAX_HEALTH_SCORE,
  MAX_WAITING_CHECKS,
  MAX_LOST_NEIGHBOURS,
  NEIGHBOUR_MEMORY_MS,
  PAUSE_INTERVALS,
  PROBE_TIMEOUT_SHARE,
} from './limits.ts'
import { isLive, type Member } from './member.ts'
import type { Members } from './members.ts'
import { dialMember } from './dialMember.ts'
import { decodeDirectAnswer, decodeIndirectAnswer, encodeProbe } from './probeMessages.ts'
import { ProbeOrder } from './probeOrder.ts'
import { within } from './timeLimit.ts'

/** What probes are sent and judged with. */
export interface ProberParts {
  readonly network: Pick<
    Network,
    'self' | 'peers' | 'onPeer' | 'ping' | 'heardMs' | 'dial' | 'disconnect'
  >
  readonly requests: Requests
  readonly members: Members
  readonly health: LocalHealth
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly intervalMs: number
  /** Takes a record that came in an answer. Never rejects. */
  readonly learn: (envelope: Uint8Array, by: PeerId) => Promise<void>
  /** Signs and publishes an accusation. Never rejects. */
  readonly accuse: (member: Member) => Promise<void>
}

/**
 * How a check ended: `late` where the member is there and did not answer in time, `cut-off` where
 * nobody answered this node at all.
 */
type Finding = 'there' | 'late' | 'silent' | 'cut-off'

/** What probing came to since the start. */
export interface ProbeCounts {
  /** Probes sent, and turns that cost nothing because the neighbour had been heard. */
  readonly sent: number
  readonly spared: number
  readonly indirect: number
  readonly unanswered: number
  readonly pauses: number
}

/** Before the first probe. */
export const NO_PROBES: ProbeCounts = { sent: 0, spared: 0, indirect: 0, unanswered: 0, pauses: 0 }

/** Probes neighbours, one an interval. */
export class Prober {
  readonly #parts: ProberParts
  readonly #order: ProbeOrder
  readonly #checking = new Set<PeerId>()
  /** Whose check is due as soon as one of those under way has ended. */
  readonly #waiting = new Set<PeerId>()
  /** Since when peers are connected, monotonic ms. */
  readonly #connectedMs = new Map<PeerId, number>()
  /** When neighbours were lost, monotonic ms: what others say of them concerns this node, too. */
  readonly #lost = new BoundedMap<PeerId, number>(MAX_LOST_NEIGHBOURS)
  readonly #answerTimes: AnswerTimes
  readonly #counts = { ...NO_PROBES }
  readonly #ends: Cancel[] = []
  #dueMs = 0
  #cancelNext: Cancel = () => {}
  #isStopped = false

  constructor(parts: ProberParts) {
    this.#parts = parts
    this.#order = new ProbeOrder(parts.random)
    this.#answerTimes = new AnswerTimes()
  }

  get counts(): ProbeCounts {
    return { ...this.#counts }
  }

  /**
   * Begins at a random time within the first interval, so that nodes started together do not probe
   * together.
   */
  start(): void {
    const { network, members, clock, random, intervalMs } = this.#parts
    this.#ends.push(
      network.onPeer((event) => {
        if (event.kind === 'disconnected') this.#onDisconnected(event.peer)
        else this.#connectedMs.set(event.peer.id, clock.monotonicMs())
      }),
      members.changes.on(({ member }) => {
        if (member.state === 'suspect' && member.told.by !== network.self) this.#confirm(member)
      }),
    )
    this.#plan(random.next() * intervalMs)
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelNext()
    for (const end of this.#ends.splice(0)) end()
  }

  #plan(delayMs: number): void {
    const { clock } = this.#parts
    this.#dueMs = clock.monotonicMs() + delayMs
    this.#cancelNext = clock.after(delayMs, () => this.#tick())
  }

  #tick(): void {
    const { clock, intervalMs, health, members } = this.#parts
    const lateMs = clock.monotonicMs() - this.#dueMs
    this.#plan(intervalMs * health.multiplier)
    if (lateMs > PAUSE_INTERVALS * intervalMs) {
      this.#counts.pauses++
      health.note('paused')
      members.extendSuspicions(lateMs)
      return
    }
    const risen = this.#nextRisen()
    if (risen !== undefined) void this.#ask(risen)
    const peer = this.#nextSilent()
    if (peer !== undefined) this.check(peer)
  }

  /**
   * A neighbour that is held dead, and came or was heard since: it is told, so that it speaks for
   * itself.
   */
  #nextRisen(): Member | undefined {
    const { network, members, random } = this.#parts
    const risen = network.peers().flatMap(({ id }) => {
      const member = members.list.get(id)
      if (member?.state !== 'dead') return []
      const { sinceMs } = member
      const signsMs = [network.heardMs(id), this.#connectedMs.get(id)]
      return signsMs.some((atMs) => (atMs ?? -Infinity) > sinceMs) ? [member] : []
    })
    return sample(random, risen, 1)[0]
  }

  /** The next neighbour of the round of which nothing was heard in the last interval. */
  #nextSilent(): PeerId | undefined {
    const { network, members, clock, intervalMs } = this.#parts
    const neighbours = network
      .peers()
      .map(({ id }) => id)
      .filter((id) => isLiveMember(members, id))
    const sinceMs = clock.monotonicMs() - intervalMs
    for (let turn = 0; turn < neighbours.length; turn++) {
      const peer = this.#order.next(neighbours)
      if (peer === undefined) return undefined
      const isHeard = (network.heardMs(peer) ?? -Infinity) > sinceMs
      if (!isHeard || members.list.get(peer)?.state === 'suspect') return peer
      this.#counts.spared++
    }
    return undefined
  }

  /** Who leaves says so; a moment is left to that. */
  #onDisconnected(peer: PeerId): void {
    const { clock, members, random } = this.#parts
    const nowMs = clock.monotonicMs()
    const lastedMs = nowMs - (this.#connectedMs.get(peer) ?? -Infinity)
    this.#connectedMs.delete(peer)
    if (lastedMs < this.#timeoutMs) return
    this.#lost.set(peer, nowMs)
    if (!isLiveMember(members, peer)) return
    clock.after(LOST_CHECK_MS * (1 + random.next()), () => this.check(peer))
  }

  #confirm({ peer }: Member): void {
    const { network, clock } = this.#parts
    const lostMs = this.#lost.peek(peer) ?? -Infinity
    const wasNeighbour = clock.monotonicMs() - lostMs < NEIGHBOUR_MEMORY_MS
    if (wasNeighbour || network.peers().some(({ id }) => id === peer)) this.check(peer)
  }

  /**
   * Checks a member as soon as there is room for it, unless that is under way, and accuses it where
   * it is silent.
   */
  check(peer: PeerId): void {
    const member = this.#parts.members.list.get(peer)
    if (this.#isStopped || member === undefined || !isLive(member)) return
    if (this.#checking.has(peer)) return
    if (this.#checking.size < MAX_CHECKS) void this.#check(member)
    else if (this.#waiting.size < MAX_WAITING_CHECKS) this.#waiting.add(peer)
  }

  #checkNext(): void {
    for (const peer of this.#waiting) {
      if (this.#checking.size >= MAX_CHECKS) return
      this.#waiting.delete(peer)
      this.check(peer)
    }
  }

  /** Never rejects. */
  async #check(member: Member): Promise<void> {
    const { members, health, log } = this.#parts
    const { peer } = member
    const { pauses } = this.#counts
    this.#checking.add(peer)
    try {
      const finding = await this.#find(member)
      if (finding === 'there') health.note('answered')
      if (finding === 'late') health.note('late')
      if (finding !== 'silent' || this.#isStopped || this.#wasPaused(pauses)) return
      this.#counts.unanswered++
      const held = members.list.get(peer)
      if (held?.record !== member.record || !members.needsOurs(held)) return
      await this.#parts.accuse(held)
    } catch (error) {
      log.error('a check of a member failed', { peer, reason: messageOf(error) })
    } finally {
      this.#checking.delete(peer)
      this.#checkNext()
    }
  }

  /** A tick that is due and did not run says so before it runs itself. */
  #wasPaused(before: number): boolean {
    const { clock, intervalMs } = this.#parts
    const lateMs = clock.monotonicMs() - this.#dueMs
    return this.#counts.pauses > before || lateMs > PAUSE_INTERVALS * intervalMs
  }

  async #find(member: Member): Promise<Finding> {
    const { network, clock } = this.#parts
    const isConnected = network.peers().some(({ id }) => id === member.peer)
    const direct = isConnected ? this.#probe(member) : dialMember(network, member)
    if (await within(clock, this.#patienceMs, direct)) return 'there'
    const helpers = this.#helpers(member.peer)
    const answers = helpers.map((helper) => this.#askFor(helper, member.peer))
    if (await within(clock, this.#timeoutMs, anyTrue([direct, ...answers]))) return 'late'
    return this.#hasNobody(helpers.length) || (await this.#heardNone(answers))
      ? 'cut-off'
      : 'silent'
  }

  /** Nobody is left to be reached: the fault is more likely here. */
  #hasNobody(helpers: number): boolean {
    return helpers === 0 && this.#parts.network.peers().length === 0
  }

  /** Whether no helper has said anything; what is still open by now counts as that. */
  async #heardNone(answers: readonly Promise<boolean | undefined>[]): Promise<boolean> {
    const settled = await Promise.all(
      answers.map((answer) => Promise.race([answer, Promise.resolve(undefined)])),
    )
    const missed = settled.filter((answer) => answer === undefined).length
    for (let count = 0; count < missed; count++) this.#parts.health.note('missed-nack')
    return answers.length > 0 && missed === answers.length
  }

  get #timeoutMs(): number {
    return this.#parts.intervalMs * this.#parts.health.multiplier
  }

  /** How long a probe is waited for before others are asked. */
  get #patienceMs(): number {
    const mostMs = this.#parts.intervalMs * (MAX_HEALTH_SCORE + 1)
    const leastMs = this.#timeoutMs * PROBE_TIMEOUT_SHARE
    return Math.min(mostMs, Math.max(leastMs, this.#answerTimes.patienceMs))
  }

  #helpers(peer: PeerId): readonly PeerId[] {
    const { network, members, random } = this.#parts
    const fit = network
      .peers()
      .map(({ id }) => id)
      .filter((id) => id !== peer && members.list.get(id)?.state === 'alive')
    return sample(random, fit, INDIRECT_PROBES)
  }

  /** Whether the member answers. Never rejects. */
  async #probe(member: Member): Promise<boolean> {
    const { clock } = this.#parts
    const sentMs = clock.monotonicMs()
    const isThere = await (member.state === 'alive' ? this.#ping(member) : this.#ask(member))
    if (isThere) this.#answerTimes.add(clock.monotonicMs() - sentMs)
    return isThere
  }

  #ping({ peer }: Member): Promise<boolean> {
    this.#counts.sent++
    return this.#parts.network.ping(peer)
  }

  /** Tells the member what is held of it; whether it answers. Never rejects. */
  async #ask({ peer, record, state }: Member): Promise<boolean> {
    const { requests, learn } = this.#parts
    this.#counts.sent++
    try {
      const request = encodeProbe({
        form: 'direct',
        incarnation: record.incarnation,
        isSuspected: state !== 'alive',
      })
      const envelope = decodeDirectAnswer(await onlyFrame(requests.send(peer, 'probe', request)))
      if (envelope !== undefined) await learn(envelope, peer)
      return true
    } catch (error) {
      requests.blame(peer, error)
      return false
    }
  }

  /** What a helper says of the member; `undefined` where it says nothing. Never rejects. */
  async #askFor(helper: PeerId, peer: PeerId): Promise<boolean | undefined> {
    const { requests } = this.#parts
    this.#counts.indirect++
    try {
      const request = encodeProbe({ form: 'indirect', peer })
      return decodeIndirectAnswer(await onlyFrame(requests.send(helper, 'probe', request)))
    } catch (error) {
      requests.blame(helper, error)
      return undefined
    }
  }
}

function isLiveMember(members: Members, peer: PeerId): boolean {
  const member = members.list.get(peer)
  return member !== undefined && isLive(member)
}

/** True as soon as one is, false when none was. */
async function anyTrue(answers: readonly Promise<boolean | undefined>[]): Promise<boolean> {
  return new Promise((resolve) => {
    for (const answer of answers)
      void answer.then((isTrue) => {
        if (isTrue === true) resolve(true)
      })
    void Promise.all(answers).then(() => resolve(false))
  })
}
