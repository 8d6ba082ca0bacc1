import { OVERSIZED } from '../gossip/rules/commonRules.ts'
import {
  MEMBER_FORM_RULES,
  MEMBER_SIGNATURE_RULES,
  type MemberReason,
} from '../gossip/rules/memberRules.ts'
import type { Envelope, Envelopes, PeerId } from '../gossip/network.ts'
import {
  KNOWN_VERDICT,
  type Candidate,
  type Judgement,
  type Topic,
} from '../gossip/topics/topic.ts'
import { ACCEPT, ignore, reject, type Verdict } from '../gossip/rules/verdict.ts'
import { ITEM_KINDS } from '../item/itemKinds.ts'
import type { Clock } from '../lib/clock.ts'
import { BESIDE_GOSSIP_MS } from './limits.ts'
import type { NewsRoute, Told } from './member.ts'
import type { Members } from './members.ts'
import { NewsBudgets } from './newsBudgets.ts'
import {
  isStatement,
  MEMBER_DOMAIN,
  readStatement,
  type Accusation,
  type MemberRecord,
} from './statements.ts'

/** What statements are judged with. */
export interface MemberTopicParts {
  readonly self: () => PeerId
  readonly networkId: string
  readonly envelopes: () => Pick<Envelopes, 'read'>
  readonly members: () => Members
  readonly clock: Clock
  /** Somebody says of this node what it must answer by a higher incarnation than this one. */
  readonly onContradicted: (incarnation: number) => void
}

type Said = MemberRecord | Accusation

/**
 * Judges what is said about members, cheap before costly: form, news, rate of the sender,
 * signature, rate of who says it.
 */
export class MemberTopic implements Topic<'member'> {
  readonly kind = 'member'
  readonly isOffered = false
  readonly #parts: MemberTopicParts
  readonly #budgets = new NewsBudgets()

  constructor(parts: MemberTopicParts) {
    this.#parts = parts
  }

  async judge({ data, digest, from, route }: Candidate): Promise<Judgement> {
    const isOwn = route === 'local'
    const verdict = isOwn
      ? await this.#takeOwn(data)
      : await this.take(data, from as PeerId, 'gossip')
    return { verdict, hash: digest, queuedMs: 0 }
  }

  /**
   * Judges a statement that `by` sent, and takes it in where it is accepted. Never rejects.
   *
   * @param ageMs for how long the member is dead or has left already, by what `by` says.
   */
  async take(data: Uint8Array, by: PeerId, route: NewsRoute, ageMs = 0): Promise<Verdict> {
    const read = this.#read(data)
    if (!('said' in read)) return read
    const { said, envelope } = read
    const nowMs = this.#parts.clock.monotonicMs()
    const known = this.#answered(said, route, nowMs)
    if (known !== undefined) return known
    if (route === 'gossip' && !this.#budgets.maySend(by, nowMs)) return ignore('member-sender-rate')
    if (!(await envelope.isSigned(MEMBER_DOMAIN))) return reject('member-bad-signature')
    const told: Told = { by, route, atMs: nowMs }
    return this.#answered(said, route, nowMs) ?? this.#takeSigned(said, told, ageMs)
  }

  #read(data: Uint8Array): { said: Said; envelope: Envelope } | Verdict {
    if (data.length > ITEM_KINDS.member.maxBytes) return reject(OVERSIZED.reason)
    const envelope = this.#parts.envelopes().read(data)
    if (envelope === undefined) return reject('member-malformed')
    const said = readStatement(this.#parts.networkId, envelope, data)
    return isStatement(said) ? { said, envelope } : reject(said)
  }

  /**
   * The verdict on what changes nothing here. A record that came by another route a moment ago is
   * accepted all the same, so that the router forwards it: a member that refutes answers the probes
   * of all its neighbours while it publishes, and nobody else would hear of it.
   */
  #answered(said: Said, route: NewsRoute, nowMs: number): Verdict | undefined {
    const objection = this.#objection(said)
    const isToForward = objection !== undefined && route === 'gossip' && said.form === 'record'
    return isToForward && this.#cameBesideGossip(said, nowMs) ? ACCEPT : objection
  }

  #cameBesideGossip({ peer, digest }: MemberRecord, nowMs: number): boolean {
    const held = this.#parts.members().list.get(peer)
    if (held === undefined || held.record.digest !== digest) return false
    const { route, atMs } = held.told
    return (route === 'probe' || route === 'exchange') && nowMs - atMs <= BESIDE_GOSSIP_MS
  }

  /**
   * What needs no signature. A newer record of this node is one of an earlier life, which it must
   * outdo.
   */
  #objection(said: Said): Verdict | undefined {
    const members = this.#parts.members()
    if (said.form === 'accusation') return verdictOf(members.objectionToAccusation(said))
    if (members.list.get(said.peer)?.record.digest === said.digest) return KNOWN_VERDICT
    return verdictOf(members.objectionToRecord(said))
  }

  #takeSigned(said: Said, told: Told, ageMs: number): Verdict {
    const members = this.#parts.members()
    const subject = said.form === 'record' ? said.peer : said.accused
    if (subject === this.#parts.self()) this.#parts.onContradicted(said.incarnation)
    if (said.form === 'record') {
      if (subject === this.#parts.self()) return ignore('member-stale')
      const isTooOften = told.route === 'gossip' && !this.#budgets.mayRenew(said.peer, told.atMs)
      return isTooOften
        ? ignore('member-rate')
        : (verdictOf(members.takeRecord(said, told, ageMs)) ?? ACCEPT)
    }
    const { accuser, accused } = said
    const isTooOften =
      told.route === 'gossip' && !this.#budgets.mayAccuse(accuser, accused, told.atMs)
    if (isTooOften) return ignore('accusation-rate')
    return verdictOf(members.takeAccusation(said, told, ageMs)) ?? ACCEPT
  }

  /** What this node has signed itself. */
  async #takeOwn(data: Uint8Array): Promise<Verdict> {
    const read = this.#read(data)
    if (!('said' in read)) return read
    const told: Told = {
      by: this.#parts.self(),
      route: 'own',
      atMs: this.#parts.clock.monotonicMs(),
    }
    const members = this.#parts.members()
    const { said } = read
    if (said.form === 'accusation') return verdictOf(members.takeAccusation(said, told)) ?? ACCEPT
    members.takeRecord(said, told)
    return ACCEPT
  }
}

function verdictOf(reason: MemberReason | undefined): Verdict | undefined {
  if (reason === undefined) return undefined
  return REJECTED.has(reason) ? reject(reason) : ignore(reason)
}

const REJECTED: ReadonlySet<MemberReason> = new Set(
  [...MEMBER_FORM_RULES, ...MEMBER_SIGNATURE_RULES].map(({ reason }) => reason),
)
