/**
 * Search: a question to the whole network, answered by the best that any node knows, without a
 * collector.
 *
 * SPECIFICATION
 *
 * - Nothing is sent before somebody asks. Who asks signs a query; it lives for a number of rounds
 *   that follows from the number of members.
 * - Each period a node that takes part tells a random connected peer all its live queries with what
 *   it holds of their answers; the peer answers by what it holds and the asker does not. So queries
 *   spread, and answers come back, by the same push and pull, in about log2 n rounds each. In its
 *   first rounds of a query a node tells two peers.
 * - A node that learns of a query adds its own answer at once. Merging is idempotent: what is lost
 *   or comes twice changes nothing in the end.
 * - A time is told by the clock of who tells it. Who hears it subtracts what it knows of that
 *   clock, and adds the error of that; nodes that read one clock lose nothing.
 * - Cost: a query takes no more than `maxExchanges(rounds)` exchanges of a node, each of at most
 *   MAX_QUERY_BYTES each way.
 */
import type { Network, PeerId } from '../gossip/network.ts'
import { networkId } from '../gossip/topics/topicNames.ts'
import type { Hash } from '../crypto/keccak.ts'
import { messageOf } from '../lib/assert.ts'
import { equalBytes } from '../lib/bytes.ts'
import type { Cancel, Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { UserError } from '../lib/userError.ts'
import { onlyFrame, ProtocolViolation, type Requests } from '../sync/protocol.ts'
import { answersOfPeer, isSameAnswers, type Answers } from './answers.ts'
import { foundOf, type Found } from './found.ts'
import { EAGER_FANOUT, MAX_LIVE_PER_ORIGIN, MAX_OPEN_SEARCHES, SEARCH_PERIOD_MS } from './limits.ts'
import { LiveQueries, SEARCH_REFUSALS, type SearchRefusal } from './liveQueries.ts'
import { LiveQuery } from './liveQuery.ts'
import { ownAnswers, type OwnKnowledge } from './ownAnswers.ts'
import { SAME_CLOCK, type PeerClock } from './peerClock.ts'
import type { FirstSightings } from './firstSightings.ts'
import type { Question } from './question.ts'
import type { FollowedKind } from '../item/itemKinds.ts'
import {
  decodeSearchMessage,
  encodeSearchMessage,
  type SearchMessage,
  type ToldQuery,
} from './searchMessages.ts'
import { queryStatement, readSearchQuery, SEARCH_DOMAIN, type SearchQuery } from './searchQuery.ts'
import { isSettled, searchRoundsFor } from './settling.ts'

/** What search is made from. */
export interface SearchParts {
  readonly network: Pick<Network, 'self' | 'peers' | 'envelopes'>
  readonly requests: Requests
  readonly genesisHash: Hash
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** What this node answers by. */
  readonly knowledge: OwnKnowledge
  /** The live members, as far as this node knows them, itself included. */
  readonly members: {
    isLive(peer: PeerId): boolean
    live(): readonly PeerId[]
    readonly liveCount: number
  }
  /** What this node knows of the clock of a connected peer. */
  readonly clockOf: (peer: PeerId) => PeerClock | undefined
  /** The same for all who read one monotonic clock; empty where that is not known. */
  readonly clockTag: Uint8Array
}

/** What search came to since the start. */
export interface SearchCounts {
  readonly asked: number
  readonly joined: number
  readonly refused: Readonly<Record<SearchRefusal, number>>
  readonly exchanged: number
  readonly failed: number
  readonly sentBytes: number
  readonly receivedBytes: number
}

/** First sightings that a search found, or is finding. */
export interface Origins {
  /** Of the query. */
  readonly digest: Uint8Array
  readonly sightings: FirstSightings
  /** When this node learnt of the query, monotonic ms. */
  readonly atMs: number
}

/** Takes part in the queries of the network, and asks those of this node. */
export class Search {
  readonly #parts: SearchParts
  readonly #networkId: string
  readonly #live: LiveQueries
  readonly #waiting = new Map<LiveQuery, () => void>()
  readonly #refused: Record<SearchRefusal, number>
  readonly #counts = {
    asked: 0,
    joined: 0,
    exchanged: 0,
    failed: 0,
    sentBytes: 0,
    receivedBytes: 0,
  }
  readonly #origins = new Map<FollowedKind, { readonly live: LiveQuery; readonly atMs: number }>()
  #lastNumber = 0
  #open = 0
  #cancelTick: Cancel | undefined
  #isStopped = false

  constructor(parts: SearchParts) {
    this.#parts = parts
    this.#networkId = networkId(parts.genesisHash)
    this.#live = new LiveQueries((peer) => parts.members.isLive(peer))
    this.#refused = noRefusals()
  }

  get counts(): SearchCounts {
    return { ...this.#counts, refused: { ...this.#refused } }
  }

  /** Queries that this node takes part in now. */
  get liveCount(): number {
    return this.#live.size
  }

  /** Serves exchanges. */
  async start(): Promise<void> {
    await this.#parts.requests.handle('search', (from, data) => this.#serve(from, data))
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelTick?.()
    for (const wake of this.#waiting.values()) wake()
  }

  /**
   * Asks the whole network; throws a UserError where too many questions of this node are under way.
   */
  async find(question: Question): Promise<Found> {
    const { network, clock, members, knowledge } = this.#parts
    if (question.kind === 'extremum') await knowledge.prepare(question.gauge)
    if (this.#live.of(network.self).length >= MAX_LIVE_PER_ORIGIN)
      throw new UserError(
        `${MAX_LIVE_PER_ORIGIN} searches of this node are under way: ask again in some seconds`,
      )
    this.#counts.asked++
    const beganMs = clock.monotonicMs()
    const live = this.#begin(await this.#signed(question))
    if (network.peers().length > 0) await this.#settled(live)
    const tookMs = clock.monotonicMs() - beganMs
    return foundOf(live, { members, network, tookMs })
  }

  /**
   * The newest first sightings of a kind of item; `undefined` where none were looked for since the
   * start.
   */
  origins(item: FollowedKind): Origins | undefined {
    const newest = this.#origins.get(item)
    if (newest === undefined) return undefined
    const { live, atMs } = newest
    return { digest: live.query.digest, sightings: live.answers.sightings, atMs }
  }

  async #signed(question: Question): Promise<SearchQuery> {
    const { clock, network, members } = this.#parts
    this.#lastNumber = Math.max(Math.floor(clock.wallMs()), this.#lastNumber + 1)
    const facts = {
      number: this.#lastNumber,
      rounds: searchRoundsFor(members.liveCount),
      question,
    }
    const statement = queryStatement(this.#networkId, facts)
    const envelope = await network.envelopes.seal(SEARCH_DOMAIN, statement)
    return this.#read(envelope)
  }

  #read(envelope: Uint8Array): SearchQuery {
    const read = this.#parts.network.envelopes.read(envelope)
    if (read === undefined) throw new ProtocolViolation('a query is a signed envelope')
    return readSearchQuery(this.#networkId, read, envelope)
  }

  #begin(query: SearchQuery, round = 0): LiveQuery {
    const { knowledge, network, clock } = this.#parts
    const atMs = clock.monotonicMs()
    const live = new LiveQuery(query, ownAnswers(query, knowledge, network.self, atMs), round)
    this.#live.add(live)
    if (query.question.kind === 'origins') this.#origins.set(query.question.item, { live, atMs })
    this.#plan(round === 0 ? 0 : this.#parts.random.next() * SEARCH_PERIOD_MS)
    return live
  }

  /**
   * Resolves when every live member has answered (not where all nodes are to know the answer), when
   * nothing new comes after enough rounds, or when it is over.
   */
  #settled(live: LiveQuery): Promise<void> {
    if (this.#isStopped) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.set(live, () => {
        this.#waiting.delete(live)
        resolve()
      })
    })
  }

  #wakeIfSettled(live: LiveQuery): void {
    if (isSettled(live, this.#parts.members.liveCount)) this.#waiting.get(live)?.()
  }

  #plan(delayMs: number): void {
    if (this.#isStopped || this.#cancelTick !== undefined) return
    this.#cancelTick = this.#parts.clock.after(delayMs, () => {
      this.#cancelTick = undefined
      this.#tick()
      if (this.#live.size > 0) this.#plan(SEARCH_PERIOD_MS)
    })
  }

  #tick(): void {
    for (let call = 0; call < EAGER_FANOUT; call++) void this.#exchange(call)
    for (const live of this.#live.all()) {
      live.tick()
      if (live.isOver) this.#live.end(live)
      this.#wakeIfSettled(live)
    }
  }

  /**
   * One exchange with a random peer, about all queries that have more than `calls` of them in this
   * round. Never rejects.
   */
  async #exchange(calls: number): Promise<void> {
    const { network, random, requests, log } = this.#parts
    const told = this.#live.all().filter(({ fanout }) => fanout > calls)
    const peers = network.peers()
    const peer = peers[random.int(Math.max(1, peers.length))]?.id
    if (peer === undefined || told.length === 0 || this.#open >= MAX_OPEN_SEARCHES) return
    this.#open++
    try {
      const frame = await onlyFrame(requests.send(peer, 'search', this.#encoded(told)))
      this.#counts.receivedBytes += frame.length
      await this.#take(peer, decodeSearchMessage(frame))
      this.#counts.exchanged++
    } catch (error) {
      this.#counts.failed++
      requests.blame(peer, error)
      log.debug('a search got no answer', { peer, reason: messageOf(error) })
    } finally {
      this.#open--
    }
  }

  async *#serve(from: PeerId, data: Uint8Array): AsyncIterable<Uint8Array> {
    this.#counts.receivedBytes += data.length
    const message = decodeSearchMessage(data)
    const theirs = await this.#take(from, message)
    const news = this.#live.all().filter((live) => {
      const held = theirs.get(live)
      return (held === undefined || !isSameAnswers(held, live.answers)) && live.mayAnswer()
    })
    yield this.#encoded(news)
  }

  #encoded(told: readonly LiveQuery[]): Uint8Array {
    const message = encodeSearchMessage({
      clock: this.#parts.clockTag,
      told: told.map(({ query, round, answers }) => ({
        envelope: query.envelope,
        round,
        answers,
      })),
    })
    this.#counts.sentBytes += message.length
    return message
  }

  /** Merges what a peer tells; answers what it holds of each query that lives here. */
  async #take(from: PeerId, { clock, told }: SearchMessage): Promise<Map<LiveQuery, Answers>> {
    const theirs = new Map<LiveQuery, Answers>()
    for (const one of told) {
      const live = await this.#meet(one)
      if (live === undefined) continue
      const answers = this.#converted(from, clock, live.query, one.answers)
      theirs.set(live, answers)
      live.merge(answers)
      this.#wakeIfSettled(live)
    }
    return theirs
  }

  /** Who is best is a member, or it is nobody: a liar cannot make up nodes. */
  #converted(from: PeerId, tag: Uint8Array, { question }: SearchQuery, answers: Answers): Answers {
    const { clockTag, clockOf, members } = this.#parts
    const isSameClock = tag.length > 0 && equalBytes(tag, clockTag)
    const reading = isSameClock ? SAME_CLOCK : clockOf(from)
    const { best, ...rest } = answersOfPeer(question, answers, reading)
    return { ...rest, best: best && members.isLive(best.peer) ? best : undefined }
  }

  /**
   * The query as it lives here, joined if it is new and may be; `undefined` where this node takes
   * no part in it.
   */
  async #meet({ envelope, round }: ToldQuery): Promise<LiveQuery | undefined> {
    const query = this.#read(envelope)
    const known = this.#live.get(query)
    if (known !== undefined) return known
    if (this.#isRefused(query)) return undefined
    const signed = this.#parts.network.envelopes.read(envelope)
    if (signed === undefined || !(await signed.isSigned(SEARCH_DOMAIN)))
      throw new ProtocolViolation('a query that its asker did not sign')
    const joined = this.#live.get(query)
    if (joined !== undefined) return joined
    if (round >= query.rounds || this.#isStopped || this.#isRefused(query)) return undefined
    this.#counts.joined++
    return this.#begin(query, round)
  }

  #isRefused(query: SearchQuery): boolean {
    const objection = this.#live.objectionTo(query, this.#parts.clock.wallMs())
    if (objection !== undefined) this.#refused[objection]++
    return objection !== undefined
  }
}

function noRefusals(): Record<SearchRefusal, number> {
  const names = Object.keys(SEARCH_REFUSALS) as SearchRefusal[]
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<SearchRefusal, number>
}
