/**
 * Links that carry bytes as links between places do, though both ends are on this machine.
 *
 * A link is shaped below encryption and muxer, where it sees every byte. Each end shapes what it
 * sends, and what its access to the network lets in:
 *
 *     sender:    up serializer of the node -> latency of the link -> socket
 *     receiver:  socket -> down serializer of the node -> reader
 *
 * - A serializer is shared by all links of the node in its direction: a piece of bytes starts when
 *   it has come and the serializer is free, and takes length/bandwidth. Pieces are packets up to
 *   about a millisecond's worth.
 * - Latency follows: constant, plus jitter (normal, `jitterMs` its standard deviation), plus one
 *   round trip for each time its unluckiest packet is lost, since TCP loses nothing and sends
 *   again. Order is kept as TCP keeps it: a late piece holds back what follows. So a piece is
 *   readable at `max(arrival, serializer free) + length/bandwidth + latency`, with the second
 *   serializer behind it.
 * - A writer sees back pressure when `shapedBacklogBytes` of this link wait for the up serializer,
 *   so that links that send at once share it about equally, or when `shapedInFlightBytes` are under
 *   way: with latency L a link carries at most that much per L, as a TCP window would allow. A
 *   receiver whose down serializer is behind stops reading.
 *
 * Bandwidth counts the bytes of encryption and muxer and not the headers of IP and TCP. The window
 * of TCP does not grow slowly here as it does on a new connection. Who accepts a connection knows
 * its peer, and thus its shape, only when the handshake is over; who dials by a multiaddr with the
 * peer's id knows before.
 */
import type { Connection, MessageStream } from '@libp2p/interface'
import { isMultiaddr, type Multiaddr } from '@multiformats/multiaddr'
import type { PeerId } from '../../gossip/network.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import type { LinkShape } from '../../rehearsal/linkShape.ts'
import { Deadlines } from '../peers/deadlines.ts'
import type { LimitValues } from '../limits.ts'
import { addressKey, type LinkedNode } from './linkAddress.ts'
import { UNSHAPED } from './linkTravel.ts'
import { Serializer } from './serializer.ts'
import { ShapedStream, type LinkWorld } from './shapedStream.ts'

/** The shape of the link to a peer, for what this node sends. */
export interface PeerShape extends LinkShape {
  readonly peer: PeerId
}

/** Bytes per second over all links together; `undefined` is no limit. */
export interface Bandwidth {
  readonly upBytesPerS: number | undefined
  readonly downBytesPerS: number | undefined
}

/** What links are shaped with. */
export interface LinkShaperOptions {
  readonly clock: Clock
  readonly random: Random
  readonly limits: LinkWorld['limits'] | LimitValues
}

/** The shapes of the links of one node, and its bandwidth. */
export class LinkShaper {
  readonly #world: LinkWorld
  readonly #shapes = new Map<PeerId, LinkShape>()
  /** By the address of the other end: before encryption nothing else is known of it. */
  readonly #streams = new Map<string, Set<ShapedStream>>()
  #libp2p: LinkedNode | undefined

  constructor({ clock, random, limits }: LinkShaperOptions) {
    this.#world = {
      up: new Serializer(),
      down: new Serializer(),
      deadlines: new Deadlines(clock),
      random,
      limits,
      nowMs: () => clock.monotonicMs(),
    }
  }

  /** Called once, with the node whose links these are. */
  attach(libp2p: LinkedNode): void {
    this.#libp2p = libp2p
    libp2p.addEventListener('connection:open', ({ detail }) => this.#enforce(detail))
  }

  /** The connection to use instead of this one, which has just come about. */
  shaped(connection: MessageStream): MessageStream {
    const address: unknown = 'remoteAddr' in connection ? connection.remoteAddr : undefined
    if (!isMultiaddr(address)) return connection
    const stream = new ShapedStream(connection, this.#world)
    stream.reshape(this.#shapes.get(dialledPeer(address)) ?? UNSHAPED)
    this.#keep(addressKey(address), stream)
    return stream
  }

  /** Shapes the links to these peers, for traffic from now on; others stay as they are. */
  shape(links: readonly PeerShape[]): void {
    for (const { peer, latencyMs, jitterMs, lossRate } of links)
      this.#shapes.set(peer, { latencyMs, jitterMs, lossRate })
    for (const connection of this.#libp2p?.getConnections() ?? []) this.#enforce(connection)
  }

  setBandwidth({ upBytesPerS, downBytesPerS }: Bandwidth): void {
    this.#world.up.setRate(upBytesPerS)
    this.#world.down.setRate(downBytesPerS)
  }

  #enforce({ remotePeer, remoteAddr }: Connection): void {
    const shape = this.#shapes.get(remotePeer.toString() as PeerId)
    if (shape === undefined) return
    for (const stream of this.#streams.get(addressKey(remoteAddr)) ?? []) stream.reshape(shape)
  }

  #keep(key: string, stream: ShapedStream): void {
    const streams = this.#streams.get(key) ?? new Set()
    this.#streams.set(key, streams.add(stream))
    stream.addEventListener('close', () => {
      streams.delete(stream)
      if (streams.size === 0 && this.#streams.get(key) === streams) this.#streams.delete(key)
    })
  }
}

/** The peer id at the end of an address that was dialled; empty where there is none. */
function dialledPeer(address: Multiaddr): PeerId {
  return (/\/p2p\/([^/]+)$/.exec(address.toString())?.[1] ?? '') as PeerId
}
