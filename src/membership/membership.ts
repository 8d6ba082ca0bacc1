/**
 * Membership: every node knows every member of the network, and whether it is there. Put together
 * from what each part does: statements (signed records and accusations), members (what is held),
 * prober (who answers), topic and exchange (how news spreads).
 *
 * Cost of a node whatever the size of the network: one probe an interval at most, three requests on
 * behalf of one that gave no answer, a dial every 30 s, and per change of a member a bounded number
 * of messages: one record, or one accusation and as many confirmations as count. Only the list
 * itself grows with the network.
 */
import type { Network, PeerId } from '../gossip/network.ts'
import type { Submission } from '../gossip/relay.ts'
import { networkId, topicName } from '../gossip/topics/topicNames.ts'
import type { Hash } from '../crypto/keccak.ts'
import { messageOf } from '../lib/assert.ts'
import type { Cancel, Clock } from '../lib/clock.ts'
import type { Emitter } from '../lib/emitter.ts'
import type { Logger } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import type { Requests } from '../sync/protocol.ts'
import { LocalHealth } from './health.ts'
import { FORGET_CHECK_MS, MAX_INCARNATION, REFUTE_INTERVAL_MS } from './limits.ts'
import type { Member, MemberChange } from './member.ts'
import type { Roster } from './memberList.ts'
import { Members } from './members.ts'
import { MemberStats, type MemberCounts } from './memberStats.ts'
import { MemberTopic } from './memberTopic.ts'
import { MemberExchange } from './memberExchange.ts'
import { NO_PROBES, Prober, type ProbeCounts } from './prober.ts'
import { ProbeServer } from './probeServer.ts'
import { StrangerChecks } from './strangerChecks.ts'
import {
  accusationStatement,
  MEMBER_DOMAIN,
  recordStatement,
  type MemberRecord,
} from './statements.ts'

/** What membership is made from. */
export interface MembershipParts {
  readonly network: Network
  readonly requests: Requests
  /** A status of the peer has come in: it is of this network. */
  readonly heard: Pick<Emitter<PeerId>, 'on'>
  readonly genesisHash: Hash
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** How often a neighbour is probed, ms. */
  readonly intervalMs: number
  /** Whether this node seals blocks. */
  readonly isSigner: boolean
  /** Name and version of this program. */
  readonly client: string
  /** What a simulated network is known to be at its start. */
  readonly roster?: Roster | undefined
}

/** Judges and publishes a statement of this node. */
export type PublishStatement = (data: Uint8Array) => Promise<Submission>

/** The members of the network, as this node knows them, and this node as one of them. */
export class Membership {
  readonly topic: MemberTopic
  readonly health = new LocalHealth()
  readonly #parts: MembershipParts
  readonly #networkId: string
  readonly #stats: MemberStats
  readonly #ends: Cancel[] = []
  #members: Members | undefined
  #prober: Prober | undefined
  #strangers: StrangerChecks | undefined
  #exchange: MemberExchange | undefined
  #publish: PublishStatement = () => Promise.reject(new Error('membership has not been started'))
  #incarnation = 0
  #hasLeft = false
  #isStopped = false
  /** Set while the own record has not reached anybody. */
  #cancelAnnouncing: Cancel | undefined
  #raisedMs = -Infinity
  #cancelRaise: Cancel | undefined
  #cancelExpiry: Cancel = () => {}

  constructor(parts: MembershipParts) {
    this.#parts = parts
    this.#networkId = networkId(parts.genesisHash)
    this.#stats = new MemberStats((peer) => parts.network.heardMs(peer))
    this.topic = new MemberTopic({
      self: () => parts.network.self,
      networkId: this.#networkId,
      envelopes: () => parts.network.envelopes,
      members: () => this.members,
      clock: parts.clock,
      onContradicted: (incarnation) => void this.#refute(incarnation),
    })
  }

  /** What is held of the members. */
  get members(): Members {
    this.#members ??= new Members({
      self: this.#parts.network.self,
      intervalMs: this.#parts.intervalMs,
      roster: this.#parts.roster,
    })
    return this.#members
  }

  /** Members came or changed. */
  get changes(): Emitter<MemberChange> {
    return this.members.changes
  }

  /** Members that are alive or suspect, this node included. */
  live(): readonly Member[] {
    return this.members.list.live()
  }

  /** How many members are alive or suspect, this node included; costs nothing. */
  get liveCount(): number {
    return this.members.list.liveCount
  }

  /** Up to `count` other live members, all with equal chance. */
  sample(count: number): readonly Member[] {
    const { random, network } = this.#parts
    return this.members.list.sample(random, count, (peer) => peer === network.self)
  }

  get(peer: PeerId): Member | undefined {
    return this.members.list.get(peer)
  }

  /** What probing came to since the start. */
  get probeCounts(): ProbeCounts {
    return this.#prober?.counts ?? NO_PROBES
  }

  /** How suspicions ended, and how long it took. */
  get counts(): MemberCounts {
    return this.#stats.counts
  }

  /** Serves probes, says that this node is there, and begins to probe. */
  async start(publish: PublishStatement): Promise<void> {
    const { requests, clock } = this.#parts
    this.#publish = publish
    const server = new ProbeServer({
      ...this.#parts,
      members: this.members,
      refute: (incarnation) => this.#refute(incarnation),
      own: () => this.#own,
    })
    await requests.handle('probe', (from, request) => server.answer(from, request))
    const prober = new Prober({
      ...this.#parts,
      members: this.members,
      health: this.health,
      learn: (envelope, by) => this.#learn(envelope, by),
      accuse: (member) => this.#accuse(member),
    })
    this.#prober = prober
    this.#strangers = new StrangerChecks({
      ...this.#parts,
      members: this.members,
      check: (peer) => prober.check(peer),
    })
    this.#exchange = new MemberExchange({
      ...this.#parts,
      members: this.members,
      take: (data, by, ageMs) => this.topic.take(data, by, 'exchange', ageMs),
      forward: (data) => this.#forward(data),
    })
    this.#ends.push(
      this.#stats.follow(this.changes),
      this.changes.on(({ before }) => {
        if (before?.state === 'suspect') this.#planExpiry()
      }),
      this.members.confirmed.on(() => this.#planExpiry()),
      clock.every(FORGET_CHECK_MS, () => this.members.forgetOld(clock.monotonicMs())),
    )
    await this.#exchange.start()
    await this.#join()
    prober.start()
    this.#strangers.start()
  }

  /** Tells the network that this node leaves; resolves when that is on its way. Never rejects. */
  async leave(): Promise<void> {
    if (this.#hasLeft || this.#isStopped || this.#incarnation === 0) return
    this.#hasLeft = true
    this.#cancelRaise?.()
    await this.#renew(this.#incarnation + 1)
  }

  stop(): void {
    this.#isStopped = true
    this.#prober?.stop()
    this.#strangers?.stop()
    this.#exchange?.stop()
    this.#cancelExpiry()
    this.#cancelRaise?.()
    this.#cancelAnnouncing?.()
    for (const end of this.#ends.splice(0)) end()
  }

  get #own(): MemberRecord | undefined {
    return this.members.list.get(this.#parts.network.self)?.record
  }

  /**
   * Begins above what a roster holds, or else at the seconds of the calendar: a number that an
   * earlier life of this key has hardly reached. Where it has, whoever remembers that says so, and
   * this node goes above it.
   */
  async #join(): Promise<void> {
    if (this.#own !== undefined && !this.#own.hasLeft) {
      this.#incarnation = this.#own.incarnation
      return
    }
    const secondsNow = Math.floor(this.#parts.clock.wallMs() / 1000)
    await this.#renew(Math.max(1, secondsNow, (this.#own?.incarnation ?? 0) + 1))
  }

  /** Signs and publishes a record of this incarnation. Never rejects. */
  async #renew(incarnation: number): Promise<void> {
    const { network, isSigner, client, log, clock } = this.#parts
    if (incarnation > MAX_INCARNATION || this.#isStopped) return
    this.#incarnation = incarnation
    this.#raisedMs = clock.monotonicMs()
    try {
      const addresses = network.addresses().map(withoutPeer)
      const facts = { incarnation, hasLeft: this.#hasLeft, isSigner, client, addresses }
      const statement = recordStatement(this.#networkId, facts)
      const envelope = await network.envelopes.seal(MEMBER_DOMAIN, statement)
      if (incarnation !== this.#incarnation) return
      if (await this.#reaches(envelope)) return
    } catch (error) {
      log.error('this node could not publish its own record', { reason: messageOf(error) })
    }
    this.#announceLater()
  }

  /** Publishes; answers whether anybody was there to hear it. */
  async #reaches(envelope: Uint8Array): Promise<boolean> {
    const { published } = await this.#publish(envelope)
    return (published?.recipients.length ?? 0) > 0
  }

  /** A record that nobody was there to hear is published again when somebody is. */
  #announceLater(): void {
    const { clock, intervalMs } = this.#parts
    if (this.#isStopped) return
    this.#cancelAnnouncing ??= clock.after(intervalMs, () => {
      this.#cancelAnnouncing = undefined
      void this.#announceAgain()
    })
  }

  /** Never rejects. */
  async #announceAgain(): Promise<void> {
    const own = this.#own
    if (own === undefined) return
    const isThere = this.#parts.network.peers().length > 0
    if (isThere && (await this.#reaches(own.envelope).catch(() => false))) return
    this.#announceLater()
  }

  /**
   * Answers what contradicts this node by a higher incarnation, at most once a second; answers the
   * own record.
   */
  async #refute(incarnation: number): Promise<Uint8Array | undefined> {
    if (this.#hasLeft || this.#isStopped || incarnation < this.#incarnation)
      return this.#own?.envelope
    const { clock } = this.#parts
    const dueMs = this.#raisedMs + REFUTE_INTERVAL_MS
    const nowMs = clock.monotonicMs()
    if (nowMs < dueMs) {
      this.#cancelRaise ??= clock.after(dueMs - nowMs, () => {
        this.#cancelRaise = undefined
        void this.#refute(incarnation)
      })
      return this.#own?.envelope
    }
    this.health.note('accused')
    await this.#renew(incarnation + 1)
    return this.#own?.envelope
  }

  /** Never rejects. */
  async #accuse({ peer, record }: Member): Promise<void> {
    const { network, log } = this.#parts
    try {
      const statement = accusationStatement(this.#networkId, peer, record.incarnation)
      await this.#publish(await network.envelopes.seal(MEMBER_DOMAIN, statement))
    } catch (error) {
      log.error('a member could not be accused', { peer, reason: messageOf(error) })
    }
  }

  /**
   * Takes a record that came in an answer, and hands it on: by the topic it is no news here any
   * more, so it would end here. Never rejects.
   */
  async #learn(envelope: Uint8Array, by: PeerId): Promise<void> {
    const { action } = await this.topic.take(envelope, by, 'probe')
    if (action === 'accept') await this.#forward(envelope)
  }

  /** Never rejects. */
  async #forward(data: Uint8Array): Promise<void> {
    const { network, genesisHash, log } = this.#parts
    try {
      await network.publish(topicName(genesisHash, 'member'), data)
    } catch (error) {
      log.debug('news of a member was not forwarded', { reason: messageOf(error) })
    }
  }

  #planExpiry(): void {
    const { clock } = this.#parts
    this.#cancelExpiry()
    const nextMs = this.members.nextDeadlineMs
    if (nextMs === Infinity || this.#isStopped) return
    this.#cancelExpiry = clock.after(Math.max(0, nextMs - clock.monotonicMs()), () => {
      this.members.expire(clock.monotonicMs())
      this.#planExpiry()
    })
  }
}

function withoutPeer(address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, '')
}
