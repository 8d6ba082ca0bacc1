/** Builds the links of a plan between peers that run: bandwidth and shapes first, so that the dials travel on them. */
import { messageOf } from '../lib/assert.ts'
import { sleep, type Clock } from '../lib/clock.ts'
import type { LinkPlan, NetworkPlan } from '../scenario/networkPlan.ts'
import { inParallel } from '../lib/inParallel.ts'
import type { PeerInfo } from './peerProcess.ts'
import type { RpcClient } from '../rpc/client/rpcClient.ts'

/** What of a running peer is needed here. */
export interface LinkedPeer {
  readonly info: PeerInfo
  readonly rpc: RpcClient
}

/** Handshakes under way at once: each costs both ends key agreement, and on a shaped link some round trips. */
const DIALS_AT_ONCE = 24
const DIAL_TRIES = 4
/** After a dial that failed, twice as long after each further one. */
const FIRST_RETRY_MS = 250

export class PlannedLinks {
  readonly #plan: NetworkPlan
  readonly #clock: Clock
  readonly #linksOf: readonly (readonly LinkPlan[])[]

  constructor(plan: NetworkPlan, clock: Clock) {
    this.#plan = plan
    this.#clock = clock
    this.#linksOf = plan.nodes.map((_node, index) =>
      plan.links.filter(({ a, b }) => a === index || b === index),
    )
  }

  /** How many links a node has. */
  degree(index: number): number {
    return this.#linksOf[index]?.length ?? 0
  }

  /** The nodes at the other ends of a node's links. */
  neighbours(index: number): readonly number[] {
    return (this.#linksOf[index] ?? []).map(({ a, b }) => (a === index ? b : a))
  }

  /**
   * Builds every link of these peers whose other end runs. A peer that came back gets its own again. Throws one Error
   * that names the first link that could not be dialled.
   *
   * @param running all peers that run, `fresh` among them, by index.
   */
  async build(
    fresh: readonly number[],
    running: ReadonlyMap<number, LinkedPeer>,
    signal: AbortSignal,
  ): Promise<void> {
    const links = new Set(fresh.flatMap((index) => this.#linksOf[index] ?? []))
    const ends = new Set([...links].flatMap(({ a, b }) => [a, b]))
    await inParallel([...ends], DIALS_AT_ONCE, (index) => this.#shape(index, running))
    const dialled = [...links].filter(({ a, b }) => running.has(a) && running.has(b))
    await inParallel(dialled, DIALS_AT_ONCE, (link) => this.#dial(link, running, signal))
  }

  async #shape(index: number, running: ReadonlyMap<number, LinkedPeer>): Promise<void> {
    const peer = running.get(index)
    const node = this.#plan.nodes[index]
    if (peer === undefined || node === undefined) return
    const { upBytesPerS = null, downBytesPerS = null } = node
    const shapes = (this.#linksOf[index] ?? []).flatMap(({ a, b, shape }) => {
      const other = running.get(a === index ? b : a)
      return other === undefined ? [] : [{ peer: other.info.peerId, ...shape }]
    })
    await peer.rpc.call('admin_setBandwidth', [upBytesPerS, downBytesPerS])
    await peer.rpc.call('admin_shapeLinks', [shapes])
  }

  async #dial(
    { a, b }: LinkPlan,
    running: ReadonlyMap<number, LinkedPeer>,
    signal: AbortSignal,
  ): Promise<void> {
    const from = running.get(a)
    const [address] = running.get(b)?.info.multiaddrs ?? []
    if (from === undefined || address === undefined) return
    for (let tries = 1, waitMs = FIRST_RETRY_MS; ; tries++, waitMs *= 2) {
      signal.throwIfAborted()
      try {
        await from.rpc.call('admin_addPeer', [address])
        return
      } catch (error) {
        if (tries === DIAL_TRIES)
          throw new Error(`no link from peer ${a} to peer ${b}: ${messageOf(error)}`, {
            cause: error,
          })
      }
      await sleep(this.#clock, waitMs)
    }
  }
}
