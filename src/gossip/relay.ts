/**
 * The one funnel of everything that enters: messages from the router, submissions of our own,
 * answers to requests. Each is stamped, judged, traced and answered in the same way; nothing that
 * enters can make it throw.
 *
 * What is held is answered late. The router gets its answer when the item could be judged after
 * all, but no later than it still keeps the message; from then on a block is only imported, and a
 * transaction is offered to peers by another route (`released`). Nothing is forwarded before it was
 * accepted.
 */
import type { Chain } from '../chain/chain.ts'
import type { Block } from '../block/block.ts'
import { keccak256Hash, type Hash } from '../crypto/keccak.ts'
import { messageOf } from '../lib/assert.ts'
import { sleep, type Clock } from '../lib/clock.ts'
import { Emitter, type Unsubscribe } from '../lib/emitter.ts'
import { during } from '../lib/eventLoop.ts'
import type { Logger } from '../lib/log.ts'
import type { Mempool } from '../mempool/mempool.ts'
import { forEachKind, kindsOf, type ItemKind, type ItemKindTable } from '../item/itemKinds.ts'
import type { Sighting, Source, Trace } from '../trace/trace.ts'
import { INTERNAL_ERROR } from './rules/commonRules.ts'
import type { CopyBytes } from './copyBytes.ts'
import { HeldItems } from './hold/heldItems.ts'
import type { BlockHold } from './hold/hold.ts'
import { FORWARD_WINDOW_MS } from './limits.ts'
import type { GossipMessage, Network, PublishOutcome, RouterAction } from './network.ts'
import { OpenAnswers } from './hold/openAnswers.ts'
import {
  RelayStats,
  type CountedReason,
  type TopicLatency,
  type VerdictCount,
} from './relayStats.ts'
import {
  isGossip,
  isKnown,
  type Candidate,
  type Judgement,
  type Topic,
  type Topics,
} from './topics/topic.ts'
import { topicNames } from './topics/topicNames.ts'
import { traceLives } from './traceLives.ts'
import { traceRouter } from './traceRouter.ts'
import { ignore, type Verdict } from './rules/verdict.ts'

/** What a relay needs of the node. */
export interface RelayOptions<Kind extends string = ItemKind> {
  readonly network: Pick<Network, 'subscribe' | 'publish' | 'onRouter'>
  readonly genesisHash: Hash
  /** The facts of every kind that is relayed. */
  readonly kinds: ItemKindTable<Kind>
  /** The judge of each kind. */
  readonly topics: Topics<Kind>
  /**
   * Keeps blocks whose parent is not known. Blocks that come before their time are kept by the
   * relay itself.
   */
  readonly hold: BlockHold
  readonly mempool: Pick<Mempool, 'get' | 'events'>
  readonly chain: Pick<Chain, 'heads'>
  readonly trace: Trace<Kind> & Trace
  readonly clock: Clock
  readonly log: Logger
  /**
   * How long the router can still forward a message, ms from its arrival; fits the default
   * heartbeat.
   */
  readonly forwardWindowMs?: number
  /**
   * Added to the judging of each item that comes by gossip, ms, for experiments; many wait at once.
   * None if left out.
   */
  readonly validationDelayMs?: number
}

/** The answer to a submission. */
export interface Submission {
  /** Of the item; the digest of the bytes where they are no item. */
  readonly hash: Hash
  /** `hold`: kept, and published when it becomes acceptable. */
  readonly verdict: Verdict
  /** Of an accepted item, unless the router failed. */
  readonly published?: PublishOutcome
}

/** An item of our own that was judged and, where it was accepted, is still to be published. */
export interface JudgedItem extends Omit<Submission, 'published'> {
  /** Of an accepted item alone. Never rejects. */
  readonly publish?: () => Promise<PublishOutcome | undefined>
}

/**
 * Answers given ahead, since most messages get one of these and a promise for each would be waste.
 */
const ROUTER_ANSWERS: Readonly<Record<RouterAction, Promise<RouterAction>>> = {
  accept: Promise.resolve('accept'),
  ignore: Promise.resolve('ignore'),
  reject: Promise.resolve('reject'),
}

/** The funnel: see the head of this file. */
export class Relay<Kind extends string = ItemKind> {
  /**
   * Accepted transactions that the router does not carry any more: offer them to peers by another
   * route.
   */
  readonly released = new Emitter<readonly Hash[]>()
  readonly #options: RelayOptions<Kind>
  readonly #topicNames: Readonly<Record<Kind, string>>
  readonly #held: HeldItems<Kind>
  readonly #answers: OpenAnswers
  readonly #stats: RelayStats<Kind>
  /** What the watch of the event loop calls the judging of a message. */
  readonly #judging: Readonly<Record<Kind, string>>
  readonly #unsubscribes: Unsubscribe[] = []
  #running = false

  constructor(options: RelayOptions<Kind>) {
    const { clock, genesisHash, kinds, forwardWindowMs = FORWARD_WINDOW_MS } = options
    this.#options = options
    this.#topicNames = topicNames(genesisHash, kinds)
    this.#stats = new RelayStats(kindsOf(kinds))
    this.#judging = forEachKind((kind) => `judging a ${kind} message`, kindsOf(kinds))
    this.#held = new HeldItems(options)
    this.#answers = new OpenAnswers(clock, forwardWindowMs)
  }

  /** Joins the topic of every kind. */
  start(): void {
    const { network, mempool, chain, trace, clock } = this.#options
    const kinds = new Map(
      kindsOf(this.#options.kinds).map((kind) => [this.#topicNames[kind], kind] as const),
    )
    const hashOf = (kind: Kind, digest: Hash): Hash => this.#topic(kind).hashOf?.(digest) ?? digest
    this.#running = true
    this.#unsubscribes.push(
      traceRouter({ network, kinds, hashOf, trace, stats: this.#stats }),
      traceLives({ pool: mempool.events, heads: chain.heads, trace, clock }),
    )
    for (const [topic, kind] of kinds)
      network.subscribe(topic, (message) => this.#onMessage(kind, message))
  }

  /** Ends all waiting; what is held is given up, and every message from now on is ignored. */
  stop(): void {
    this.#running = false
    for (const unsubscribe of this.#unsubscribes.splice(0)) unsubscribe()
    this.#answers.close()
    this.#held.close()
  }

  /**
   * Judges an item of our own as if it came from a peer, and publishes it if it is accepted: the
   * router calls no judge for what it publishes. A held one is published when it can be.
   *
   * @param from what the trace shows as its source, such as `rpc` or `sealer`.
   * @param made the block that the data encodes, if this node made it.
   */
  submit(kind: Kind, data: Uint8Array, from: Source, made?: Block): Promise<Submission> {
    return this.#take({ ...this.#candidate(kind, data, from, 'local'), made }, true)
  }

  /**
   * Like {@link submit}, but an accepted item is published by the caller, who may have somebody to
   * answer first.
   */
  async judgeOwn(kind: Kind, data: Uint8Array, from: Source): Promise<JudgedItem> {
    const candidate = this.#candidate(kind, data, from, 'local')
    const judged = await this.#concluded(candidate, true)
    return judged.verdict.action === 'accept'
      ? { ...judged, publish: () => this.#publish(candidate) }
      : judged
  }

  /**
   * Judges an item that answers a request of ours. Published only where asked for: what a peer had,
   * the network mostly has.
   */
  judgeFetched(
    kind: Kind,
    data: Uint8Array,
    from: Source,
    { publish = false }: { readonly publish?: boolean } = {},
  ): Promise<Submission> {
    return this.#take(this.#candidate(kind, data, from, 'request'), publish)
  }

  /** Publishes an item again that was judged before. Never rejects. */
  publish(kind: Kind, data: Uint8Array): Promise<PublishOutcome | undefined> {
    return this.#publish({ kind, data })
  }

  /** How often each answer was given. */
  counts(): readonly VerdictCount<Kind>[] {
    return this.#stats.counts()
  }

  /** Bytes of the copies that came, by what became of them. */
  copyBytes(): CopyBytes {
    return this.#stats.bytes.snapshot()
  }

  /** How long judging took. */
  latencies(): readonly TopicLatency<Kind>[] {
    return this.#stats.latencies()
  }

  #onMessage(kind: Kind, message: GossipMessage): Promise<RouterAction> {
    if (!this.#running) return ROUTER_ANSWERS.ignore
    const { data, digest, from, receivedMs, isAsked = false } = message
    const route = isAsked ? 'iwant' : 'push'
    const candidate: Candidate<Kind> = { kind, data, digest, from, route, receivedMs }
    this.#stats.bytes.arrived(data.length)
    const { validationDelayMs = 0, clock } = this.#options
    if (validationDelayMs === 0) return this.#judgeForRouter(candidate)
    return sleep(clock, validationDelayMs).then(() =>
      this.#running ? this.#judgeForRouter(candidate) : ROUTER_ANSWERS.ignore,
    )
  }

  #judgeForRouter(candidate: Candidate<Kind>): Promise<RouterAction> {
    const judgement = this.#judge(candidate)
    if (!(judgement instanceof Promise)) return this.#answerRouter(candidate, judgement)
    return judgement.then((one) => this.#answerRouter(candidate, one))
  }

  #answerRouter(candidate: Candidate<Kind>, judgement: Judgement): Promise<RouterAction> {
    this.#conclude(candidate, judgement)
    const { action } = judgement.verdict
    if (action !== 'hold') return ROUTER_ANSWERS[action]
    const settled = this.#settle(candidate, judgement)
    return this.#answers.answer(settled, candidate.receivedMs, () => this.#release(candidate))
  }

  #candidate(
    kind: Kind,
    data: Uint8Array,
    from: Source,
    route: Candidate['route'],
  ): Candidate<Kind> {
    const receivedMs = this.#options.clock.monotonicMs()
    return { kind, data, digest: keccak256Hash(data), from, route, receivedMs }
  }

  /** Judges what came by another route than the router. */
  async #take(candidate: Candidate<Kind>, publish: boolean): Promise<Submission> {
    const judged = await this.#concluded(candidate, publish)
    if (judged.verdict.action !== 'accept' || !publish) return judged
    const published = await this.#publish(candidate)
    return published === undefined ? judged : { ...judged, published }
  }

  /** The verdict, recorded; what is held is carried on when it can be judged. */
  async #concluded(
    candidate: Candidate<Kind>,
    publish: boolean,
  ): Promise<Pick<Submission, 'hash' | 'verdict'>> {
    const judgement = await this.#judge(candidate)
    this.#conclude(candidate, judgement)
    const { hash, verdict } = judgement
    if (verdict.action === 'hold') void this.#carryWhenSettled(candidate, judgement, publish)
    return { hash, verdict }
  }

  async #carryWhenSettled(
    candidate: Candidate<Kind>,
    held: Judgement,
    publish: boolean,
  ): Promise<void> {
    const action = await this.#settle(candidate, held)
    if (action !== 'accept') return
    if (publish) await this.#publish(candidate)
    else this.#release(candidate)
  }

  #topic(kind: Kind): Topic<Kind> {
    return this.#options.topics[kind]
  }

  #judge(candidate: Candidate<Kind>): Judgement | Promise<Judgement> {
    try {
      const topic = this.#topic(candidate.kind)
      const judgement = during(this.#judging[candidate.kind], () => topic.judge(candidate))
      return judgement instanceof Promise
        ? judgement.catch((thrown: unknown) => this.#failed(candidate, thrown))
        : judgement
    } catch (thrown) {
      return this.#failed(candidate, thrown)
    }
  }

  /** A fault of ours is no peer's. */
  #failed({ kind, digest, from }: Candidate<Kind>, thrown: unknown): Judgement {
    const error = messageOf(thrown)
    this.#options.log.error('the judge failed on a message', { kind, digest, from, error })
    return { verdict: ignore(INTERNAL_ERROR.reason), hash: digest, queuedMs: 0 }
  }

  /**
   * Waits until the held item can be judged, and answers what the router is told then. Never
   * rejects.
   */
  async #settle(candidate: Candidate<Kind>, held: Judgement): Promise<RouterAction> {
    const judgement = await this.#held
      .settle(candidate, held)
      .catch((thrown: unknown) => this.#failed(candidate, thrown))
    const { trace, clock } = this.#options
    const reason = reasonOf(held.verdict)
    if (judgement === undefined) {
      this.#stats.bytes.givenUp(candidate)
      if (held.held !== undefined)
        trace.fate(candidate.kind, held.hash, { kind: 'dropped', reason }, clock.monotonicMs())
      return 'ignore'
    }
    trace.fate(candidate.kind, held.hash, { kind: 'released', reason }, clock.monotonicMs())
    this.#conclude(candidate, judgement)
    const { action } = judgement.verdict
    return action === 'hold' ? 'ignore' : action
  }

  /** Records the verdict. */
  #conclude(candidate: Candidate<Kind>, { verdict, hash, queuedMs }: Judgement): void {
    const { kind, data, from, receivedMs, route } = candidate
    const isDuplicate = isKnown(verdict) && isGossip(candidate)
    const sighting: Sighting<Kind, CountedReason> = {
      kind,
      hash,
      from,
      route,
      receivedMs,
      judgedMs: isDuplicate ? receivedMs : this.#options.clock.monotonicMs(),
      queuedMs,
      action: isDuplicate ? 'duplicate' : verdict.action,
      reason: isDuplicate ? '' : reasonOf(verdict),
      bytes: data.length,
    }
    this.#stats.record(sighting)
    this.#options.trace.sighting(sighting)
  }

  /**
   * The router does not forward it: a transaction is offered to peers, a block is asked for by
   * whoever lacks it.
   */
  #release({ kind, digest }: Candidate<Kind>): void {
    if (this.#topic(kind).isOffered) this.released.emit([digest])
  }

  async #publish({
    kind,
    data,
  }: Pick<Candidate<Kind>, 'kind' | 'data'>): Promise<PublishOutcome | undefined> {
    const { network, log } = this.#options
    try {
      return await network.publish(this.#topicNames[kind], data)
    } catch (thrown) {
      log.warn('the router did not publish an item of ours', { kind, error: messageOf(thrown) })
      return undefined
    }
  }
}

function reasonOf(verdict: Verdict): CountedReason {
  return verdict.action === 'accept' ? '' : verdict.reason
}
