/** Round trips to the connected peers: one ping as soon as a peer is there, later what the connection monitor measures. */
import type { Libp2p, PeerId as Libp2pPeerId } from '@libp2p/interface'
import type { Ping } from '@libp2p/ping'
import type { Clock } from '../../lib/clock.ts'
import { withDeadline } from '../../lib/deadline.ts'

type PingingNode = Libp2p<{ readonly ping: Ping }>

/** The last measured round trip to each connected peer, ms. */
export class RoundTrips {
  readonly #libp2p: PingingNode
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #roundTripMs = new Map<string, number>()

  constructor(libp2p: PingingNode, clock: Clock, timeoutMs: number) {
    this.#libp2p = libp2p
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    libp2p.addEventListener('peer:connect', ({ detail }) => void this.#ping(detail))
    libp2p.addEventListener('peer:disconnect', ({ detail }) =>
      this.#roundTripMs.delete(detail.toString()),
    )
  }

  /** In ms; `undefined` while it has not been measured. */
  of(peer: string): number | undefined {
    return this.#roundTripMs.get(peer)
  }

  /** Takes over what the connection monitor has measured since; called now and then. */
  refresh(): void {
    for (const { remotePeer, rtt, status } of this.#libp2p.getConnections())
      if (rtt !== undefined && status === 'open') this.#roundTripMs.set(remotePeer.toString(), rtt)
  }

  /** A peer that does not answer has no round trip yet: the monitor deals with it. */
  async #ping(peer: Libp2pPeerId): Promise<void> {
    const roundTripMs = await withDeadline(this.#clock, this.#timeoutMs, (signal) =>
      this.#libp2p.services.ping.ping(peer, { signal }),
    ).catch(() => undefined)
    const isThere = this.#libp2p.getConnections(peer).length > 0
    if (roundTripMs !== undefined && isThere) this.#roundTripMs.set(peer.toString(), roundTripMs)
  }
}
