/** Collects the sightings of all peers of a network while it runs, on one common clock. */
import type { Delivery } from '../measure/delivery.ts'
import { isRecord, type RpcClient } from './rpcClient.ts'

export type ItemKind = 'tx' | 'block'

export interface CollectedPeer {
  readonly index: number
  readonly peerId: string
  readonly rpc: RpcClient
}

/** Sightings asked for at a time. */
const PAGE = 5_000

/**
 * Reads every peer's sightings by cursor. A peer overwrites old sightings when nobody reads them; what was lost so is
 * counted, never guessed.
 */
export class Collector {
  readonly #peers: readonly CollectedPeer[]
  readonly #indexOf: ReadonlyMap<string, number>
  readonly #cursors = new Map<number, number>()
  readonly #deliveries: Record<ItemKind, Delivery[]> = { tx: [], block: [] }
  #lost = 0

  constructor(peers: readonly CollectedPeer[]) {
    this.#peers = peers
    this.#indexOf = new Map(peers.map((peer) => [peer.peerId, peer.index]))
  }

  /** Sightings that a peer had overwritten before they were read. */
  get lost(): number {
    return this.#lost
  }

  /** Sightings kept. */
  get count(): number {
    return this.#deliveries.tx.length + this.#deliveries.block.length
  }

  deliveries(kind: ItemKind): readonly Delivery[] {
    return this.#deliveries[kind]
  }

  /** Skips what the peers have seen until now: the warm-up does not count. */
  async skipPast(): Promise<void> {
    await Promise.all(this.#peers.map((peer) => this.#read(peer, () => {})))
    this.#lost = 0
  }

  /** Reads what is new at every peer that answers; a dead peer adds nothing. */
  async collect(): Promise<void> {
    await Promise.allSettled(
      this.#peers.map((peer) => this.#read(peer, (sighting) => this.#keep(peer, sighting))),
    )
  }

  async #read(
    peer: CollectedPeer,
    keep: (sighting: Record<string, unknown>) => void,
  ): Promise<void> {
    for (;;) {
      const from = this.#cursors.get(peer.index) ?? 0
      const page = await peer.rpc.call('gossip_sightings', [from, PAGE])
      if (!isRecord(page) || !Array.isArray(page['sightings'])) return
      for (const sighting of page['sightings'].filter(isRecord)) keep(sighting)
      this.#lost += Number(page['lost'])
      this.#cursors.set(peer.index, Number(page['cursor']))
      if (page['sightings'].length < PAGE) return
    }
  }

  #keep(peer: CollectedPeer, sighting: Record<string, unknown>): void {
    const kind = sighting['kind'] === 'block' ? 'block' : 'tx'
    this.#deliveries[kind].push({
      hash: String(sighting['hash']),
      node: peer.index,
      from: this.#indexOf.get(String(sighting['from'])),
      receivedMs: Number(sighting['receivedMs']),
      judgedMs: Number(sighting['judgedMs']),
      queuedMs: Number(sighting['queuedMs']),
      outcome: outcomeOf(sighting['action']),
      bytes: Number(sighting['bytes']),
    })
  }
}

function outcomeOf(action: unknown): Delivery['outcome'] {
  if (action === 'accept') return 'accepted'
  return action === 'duplicate' ? 'duplicate' : 'refused'
}
