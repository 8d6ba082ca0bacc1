/**
 * Membership by peer sampling: every node answers `peers` with a bounded random sample of signed peer records, and a
 * node with too few peers asks a random one of its own and dials what it hears. From one bootnode this finds the
 * whole network; random partners are what gossip's reach in O(log n) rests on.
 *
 * Rounds follow one another at a distance that doubles while they find nobody new, up to a bound, and is short again
 * when a peer comes or goes. A peer that cannot be dialled is tried again later, and forgotten after a few times:
 * records of peers that do not exist are free to make.
 *
 * Wire: the request is RLP [count]; each frame of the answer is one libp2p signed peer record.
 */
import type { Network, PeerId } from '../gossip/network.ts'
import { messageOf } from '../lib/assert.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import type { Cancel, Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { sample, type Random } from '../lib/random.ts'
import { encodeRlp } from '../lib/rlp.ts'
import {
  DISCOVERY_INTERVAL_MS,
  MAX_CANDIDATES,
  MAX_DIAL_FAILURES,
  MAX_DISCOVERY_DIALS,
  MAX_DISCOVERY_INTERVAL_MS,
  MAX_PEER_RECORDS,
  REDIAL_AFTER_MS,
} from './limits.ts'
import { integer, integerOf, listOf, type Requests } from './protocol.ts'

export interface DiscoveryParts {
  readonly network: Pick<
    Network,
    'peers' | 'onPeer' | 'dial' | 'dialPeer' | 'learnPeer' | 'peerRecords'
  >
  readonly requests: Requests
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Multiaddrs to join by; dialled again whenever there is no peer left. */
  readonly bootnodes: readonly string[]
  /** Peers this node dials up to. */
  readonly targetPeers: number
}

interface Candidate {
  /** When it may be dialled, monotonic ms. */
  readonly dueMs: number
  readonly failures: number
}

export class Discovery {
  readonly #parts: DiscoveryParts
  readonly #candidates = new BoundedMap<PeerId, Candidate>(MAX_CANDIDATES)
  #intervalMs = DISCOVERY_INTERVAL_MS
  #isLooking = false
  #isStopped = false
  #cancelNext: Cancel = () => {}
  #unsubscribe: Cancel = () => {}

  constructor(parts: DiscoveryParts) {
    this.#parts = parts
  }

  /** Serves `peers` and begins to look around; does not wait for the first peer. */
  async start(): Promise<void> {
    const { requests, network } = this.#parts
    await requests.handle('peers', (_from, request) => this.#answer(request))
    this.#unsubscribe = network.onPeer((event) => {
      this.#intervalMs = DISCOVERY_INTERVAL_MS
      if (event.kind === 'connected') void this.#look()
      else this.#planNext()
    })
    void this.#look()
  }

  stop(): void {
    this.#isStopped = true
    this.#unsubscribe()
    this.#cancelNext()
  }

  /** Learnt peers that may be dialled, now or later. */
  get candidateCount(): number {
    return this.#candidates.size
  }

  /** One round, unless another is under way, and the plan for the next. Never rejects. */
  async #look(): Promise<void> {
    if (this.#isLooking || this.#isStopped) return
    this.#isLooking = true
    try {
      const hasNews = this.#missing() > 0 && (await this.#round())
      const doubledMs = Math.min(this.#intervalMs * 2, MAX_DISCOVERY_INTERVAL_MS)
      this.#intervalMs = hasNews ? DISCOVERY_INTERVAL_MS : doubledMs
    } catch (error) {
      this.#parts.log.error('looking for peers failed', { reason: messageOf(error) })
    } finally {
      this.#isLooking = false
    }
    this.#planNext()
  }

  #planNext(): void {
    this.#cancelNext()
    if (this.#isStopped) return
    this.#cancelNext = this.#parts.clock.after(this.#intervalMs, () => void this.#look())
  }

  /** Ask, learn, dial. Answers whether there was anybody new to hear of or to dial. */
  async #round(): Promise<boolean> {
    if (this.#parts.network.peers().length === 0) await this.#dialBootnodes()
    const foundNew = await this.#askOne()
    const dialled = await this.#dialCandidates()
    return foundNew || dialled > 0
  }

  #missing(): number {
    return Math.max(0, this.#parts.targetPeers - this.#parts.network.peers().length)
  }

  async #dialBootnodes(): Promise<void> {
    const { bootnodes, network, log } = this.#parts
    const dial = async (address: string): Promise<void> => {
      try {
        await network.dial(address)
      } catch (error) {
        log.warn('a bootnode does not answer', { address, reason: messageOf(error) })
      }
    }
    await Promise.all(bootnodes.map(dial))
  }

  async #askOne(): Promise<boolean> {
    const { network, random, requests, log } = this.#parts
    const [partner] = sample(random, network.peers(), 1)
    if (partner === undefined || this.#isStopped) return false
    let foundNew = false
    try {
      const request = encodeRlp([integer(MAX_PEER_RECORDS)])
      for await (const record of requests.send(partner.id, 'peers', request)) {
        const learnt = await network.learnPeer(record)
        if (learnt !== undefined && this.#remember(learnt)) foundNew = true
      }
    } catch (error) {
      log.debug('a peer exchange failed', { peer: partner.id, reason: messageOf(error) })
      requests.blame(partner.id, error)
    }
    return foundNew
  }

  #remember(peer: PeerId): boolean {
    if (this.#candidates.has(peer)) return false
    this.#candidates.set(peer, { dueMs: 0, failures: 0 })
    return true
  }

  async #dialCandidates(): Promise<number> {
    const { network, random, clock } = this.#parts
    const nowMs = clock.monotonicMs()
    const connected = new Set(network.peers().map(({ id }) => id))
    const free = [...this.#candidates.entries()].filter(
      ([id, { dueMs }]) => dueMs <= nowMs && !connected.has(id),
    )
    const chosen = sample(random, free, Math.min(this.#missing(), MAX_DISCOVERY_DIALS))
    await Promise.all(chosen.map(([id, candidate]) => this.#dial(id, candidate)))
    return chosen.length
  }

  async #dial(peer: PeerId, { failures }: Candidate): Promise<void> {
    const { network, clock, log } = this.#parts
    if (this.#isStopped) return
    const dueMs = clock.monotonicMs() + REDIAL_AFTER_MS
    this.#candidates.set(peer, { dueMs, failures: 0 })
    try {
      await network.dialPeer(peer)
    } catch (error) {
      log.debug('a learnt peer does not answer', { peer, reason: messageOf(error) })
      if (failures + 1 < MAX_DIAL_FAILURES)
        this.#candidates.set(peer, { dueMs, failures: failures + 1 })
      else this.#candidates.delete(peer)
    }
  }

  async *#answer(request: Uint8Array): AsyncIterable<Uint8Array> {
    const [count] = listOf(request, 1)
    const wanted = Math.min(Number(integerOf(count, 8)), MAX_PEER_RECORDS)
    yield* await this.#parts.network.peerRecords(wanted)
  }
}
