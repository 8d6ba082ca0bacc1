/**
 * Membership by peer sampling: every node answers `peers` with a bounded random sample of signed peer records, and a
 * node with too few peers asks a random one of its own and dials what it hears. From one bootnode this finds the
 * whole network; random partners are what gossip's reach in O(log n) rests on.
 *
 * Wire: the request is RLP [count]; each frame of the answer is one libp2p signed peer record.
 */
import type { Network, PeerId } from '../gossip/network.ts'
import { messageOf } from '../lib/assert.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { sample, type Random } from '../lib/random.ts'
import { encodeRlp } from '../lib/rlp.ts'
import {
  DISCOVERY_INTERVAL_MS,
  MAX_CANDIDATES,
  MAX_DISCOVERY_DIALS,
  MAX_PEER_RECORDS,
  REDIAL_AFTER_MS,
} from './limits.ts'
import { integer, integerOf, listOf, type Requests } from './protocol.ts'

export interface DiscoveryParts {
  readonly network: Network
  readonly requests: Requests
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Multiaddrs to join by; dialled again whenever there is no peer left. */
  readonly bootnodes: readonly string[]
  /** Peers this node dials up to. */
  readonly targetPeers: number
}

export class Discovery {
  readonly #parts: DiscoveryParts
  /** Learnt peers and when they may be dialled, monotonic ms. */
  readonly #candidates = new BoundedMap<PeerId, number>(MAX_CANDIDATES)
  readonly #ends: (() => void)[] = []
  #busy = false

  constructor(parts: DiscoveryParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    const { requests, network, clock } = this.#parts
    await requests.handle('peers', (_from, request) => this.#answer(request))
    this.#ends.push(
      network.onPeer((event) => {
        if (event.kind === 'connected') void this.#round()
      }),
      clock.every(DISCOVERY_INTERVAL_MS, () => void this.#round()),
    )
    await this.#round()
  }

  stop(): void {
    for (const end of this.#ends.splice(0)) end()
  }

  /** One look around: ask, learn, dial. Does nothing while another is under way or there are peers enough. */
  async #round(): Promise<void> {
    if (this.#busy || this.#missing() <= 0) return
    this.#busy = true
    try {
      if (this.#parts.network.peers().length === 0) await this.#dialBootnodes()
      await this.#askOne()
      await this.#dialCandidates()
    } finally {
      this.#busy = false
    }
  }

  #missing(): number {
    return this.#parts.targetPeers - this.#parts.network.peers().length
  }

  async #dialBootnodes(): Promise<void> {
    const { bootnodes, network, log } = this.#parts
    for (const address of bootnodes) {
      try {
        await network.dial(address)
      } catch (error) {
        log.warn('a bootnode does not answer', { address, reason: messageOf(error) })
      }
    }
  }

  async #askOne(): Promise<void> {
    const { network, random, requests, log } = this.#parts
    const [partner] = sample(random, network.peers(), 1)
    if (partner === undefined) return
    try {
      for await (const record of requests.send(
        partner.id,
        'peers',
        encodeRlp([integer(MAX_PEER_RECORDS)]),
      )) {
        const learnt = await network.learnPeer(record)
        if (learnt !== undefined && !this.#candidates.has(learnt)) this.#candidates.set(learnt, 0)
      }
    } catch (error) {
      log.debug('a peer exchange failed', { peer: partner.id, reason: messageOf(error) })
    }
  }

  async #dialCandidates(): Promise<void> {
    const { network, random, clock } = this.#parts
    const nowMs = clock.monotonicMs()
    const connected = new Set(network.peers().map(({ id }) => id))
    const free = [...this.#candidates.entries()].filter(
      ([id, dueMs]) => dueMs <= nowMs && !connected.has(id),
    )
    const chosen = sample(random, free, Math.min(this.#missing(), MAX_DISCOVERY_DIALS))
    await Promise.all(chosen.map(([id]) => this.#dial(id)))
  }

  async #dial(peer: PeerId): Promise<void> {
    const { network, clock, log } = this.#parts
    this.#candidates.set(peer, clock.monotonicMs() + REDIAL_AFTER_MS)
    try {
      await network.dialPeer(peer)
    } catch (error) {
      log.debug('a learnt peer does not answer', { peer, reason: messageOf(error) })
    }
  }

  async *#answer(request: Uint8Array): AsyncIterable<Uint8Array> {
    const [count] = listOf(request, 1)
    const wanted = Math.min(Number(integerOf(count, 8)), MAX_PEER_RECORDS)
    yield* await this.#parts.network.peerRecords(wanted)
  }
}
