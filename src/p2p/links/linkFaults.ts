/**
 * Links that fail on purpose, to rehearse partitions. A link that is cut whole is refused and its
 * connections are closed. One that is cut in our direction alone stays open while nothing we send
 * arrives, as on a link that lost one way: bytes wait in the socket, writers meet back pressure,
 * and what waited goes out in order when the link heals. No new connection comes about meanwhile,
 * since a handshake needs both ways.
 *
 * Bytes are held by corking the socket once more than the link itself does (link.ts).
 */
import type { Connection } from '@libp2p/interface'
import type { PeerId } from '../../gossip/network.ts'
import { Emitter } from '../../lib/emitter.ts'
import type { Corkable, LinkWatcher } from './link.ts'
import { addressKey, type LinkedNode } from './linkAddress.ts'

/** Which way a link is cut: both ways, or only what we send. */
export type CutDirection = 'both' | 'outgoing'

/** Cuts links of a running node and heals them. */
export class LinkFaults {
  readonly #cuts = new Map<PeerId, CutDirection>()
  /** By the address of the other end: before encryption nothing else is known of it. */
  readonly #sockets = new Map<string, Set<Corkable>>()
  readonly #held = new Set<Corkable>()
  /** Called when every link is whole again. */
  readonly healed = new Emitter<void>()
  #libp2p: LinkedNode | undefined

  /** For {@link LinkWatcher} of the node's links. */
  readonly watch: LinkWatcher = (address, socket, closed) => {
    const key = addressKey(address)
    const sockets = this.#sockets.get(key) ?? new Set()
    this.#sockets.set(key, sockets.add(socket))
    closed(() => {
      this.#held.delete(socket)
      sockets.delete(socket)
      if (sockets.size === 0 && this.#sockets.get(key) === sockets) this.#sockets.delete(key)
    })
  }

  /** Called once, with the node whose links these are. */
  attach(libp2p: LinkedNode): void {
    this.#libp2p = libp2p
    libp2p.addEventListener('connection:open', ({ detail }) => this.#enforce(detail))
  }

  refuses(peer: PeerId): boolean {
    return this.#cuts.has(peer)
  }

  /** Cuts the links to `peers`, those that were cut before included; others stay as they are. */
  cut(peers: readonly PeerId[], direction: CutDirection): void {
    for (const peer of peers) this.#cuts.set(peer, direction)
    for (const connection of this.#libp2p?.getConnections() ?? []) this.#enforce(connection)
  }

  /** Every link is whole again. */
  heal(): void {
    this.#cuts.clear()
    for (const socket of this.#held) if (!socket.destroyed) socket.uncork()
    this.#held.clear()
    this.healed.emit()
  }

  #enforce(connection: Connection): void {
    const direction = this.#cuts.get(connection.remotePeer.toString() as PeerId)
    if (direction === 'both') connection.abort(new Error('the link is cut'))
    if (direction === 'outgoing') this.#hold(connection)
  }

  #hold({ remoteAddr }: Connection): void {
    for (const socket of this.#sockets.get(addressKey(remoteAddr)) ?? []) {
      if (this.#held.has(socket)) continue
      socket.cork()
      this.#held.add(socket)
    }
  }
}
