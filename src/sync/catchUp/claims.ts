/**
 * What came of the claims of peers. A status says which head a peer has; that costs nothing to say,
 * so it is a reason to ask and nothing more. A peer that gave blocks is believed until it fails to
 * give what it claims. Each claim that nothing follows lets it rest, twice as long each time, and
 * enough of them in a row cost it the connection.
 */
import type { PeerId } from '../../gossip/network.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import type { Clock } from '../../lib/clock.ts'
import { CATCH_UP_REST_MS, MAX_RESTING_PEERS, MAX_UNREDEEMED_CLAIMS } from '../limits.ts'

interface Account {
  /** Gave blocks since its last claim that nothing followed. */
  readonly isBelieved: boolean
  /** Claims in a row that nothing followed. */
  readonly unredeemed: number
  /** Until when it is not asked, monotonic ms. */
  readonly restsUntilMs: number
}

const STRANGER: Account = { isBelieved: false, unredeemed: 0, restsUntilMs: 0 }

/**
 * The accounts of all peers that were asked, a bounded number of them; they outlive a connection.
 */
export class Claims {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #accounts = new BoundedMap<PeerId, Account>(MAX_RESTING_PEERS)

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  /** Whether the peer is not to be asked now. */
  isResting(peer: PeerId): boolean {
    return this.#of(peer).restsUntilMs > this.#clock.monotonicMs()
  }

  /**
   * Whether a head that the peer claims is credible: it gave blocks, and everything it was asked
   * for since.
   */
  isBelieved(peer: PeerId): boolean {
    return this.#of(peer).isBelieved && !this.isResting(peer)
  }

  /** Lets the peer rest, without a fault of its own. */
  rest(peer: PeerId): void {
    const restsUntilMs = this.#clock.monotonicMs() + CATCH_UP_REST_MS
    this.#accounts.set(peer, { ...this.#of(peer), restsUntilMs })
  }

  /** A block that the peer gave was imported. */
  redeemed(peer: PeerId): void {
    const account = this.#of(peer)
    if (account.isBelieved && account.unredeemed === 0) return
    this.#accounts.set(peer, { ...account, isBelieved: true, unredeemed: 0 })
  }

  /** The peer gave nothing of what it claims. Answers whether that was once too often. */
  unredeemed(peer: PeerId): boolean {
    const unredeemed = this.#of(peer).unredeemed + 1
    const restMs = CATCH_UP_REST_MS * 2 ** Math.min(unredeemed - 1, MAX_UNREDEEMED_CLAIMS)
    const restsUntilMs = this.#clock.monotonicMs() + restMs
    this.#accounts.set(peer, { isBelieved: false, unredeemed, restsUntilMs })
    return unredeemed >= MAX_UNREDEEMED_CLAIMS
  }

  /**
   * Below 0 where `a` is to be asked before `b`: who failed less often first, then who is believed.
   */
  compare(a: PeerId, b: PeerId): number {
    const [one, other] = [this.#of(a), this.#of(b)]
    if (one.unredeemed !== other.unredeemed) return one.unredeemed - other.unredeemed
    return Number(other.isBelieved) - Number(one.isBelieved)
  }

  #of(peer: PeerId): Account {
    return this.#accounts.peek(peer) ?? STRANGER
  }
}
