/**
 * Builds the links of a plan between peers that run: bandwidth and shapes first, so that the dials
 * travel on them.
 */
import { messageOf } from '../lib/assert.ts'
import { sleep } from '../lib/clock.ts'
import type { LinkPlan, NetworkPlan } from '../scenario/networkPlan.ts'
import { inParallel } from '../lib/inParallel.ts'
import { LoadPatience, retry, type LoadPatienceOptions } from './loadPatience.ts'
import type { PeerInfo } from './peerProcess.ts'
import type { RpcClient } from '../rpc/client/rpcClient.ts'

/** What of a running peer is needed here. */
export interface LinkedPeer {
  readonly info: PeerInfo
  readonly rpc: RpcClient
  readonly isRunning: () => boolean
}

/**
 * Handshakes under way at once: each costs both ends key agreement, and on a shaped link some round
 * trips.
 */
const DIALS_AT_ONCE = 24
/** Links that could not be dialled are tried again by half as many at a time, down to this. */
const FEWEST_DIALS_AT_ONCE = 2
/** After a round in which some failed, twice as long after each further one, up to the longest. */
const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 4_000
/**
 * With no link built for so long there is no use in trying, on a machine that does nothing else.
 */
const PATIENCE_MS = 20_000

/** What decides how long links are waited for. */
export type PlannedLinksOptions = Omit<LoadPatienceOptions, 'patienceMs'>

interface FailedLink {
  readonly link: LinkPlan
  readonly error: unknown
}

/** The links of a plan: which there are, and dialling those that are missing. */
export class PlannedLinks {
  readonly #plan: NetworkPlan
  readonly #options: PlannedLinksOptions
  readonly #linksOf: readonly (readonly LinkPlan[])[]

  constructor(plan: NetworkPlan, options: PlannedLinksOptions) {
    this.#plan = plan
    this.#options = options
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
   * Builds every link of these peers whose other end runs. A peer that came back gets its own
   * again. What cannot be dialled is tried again, by fewer at a time, until a round builds no link.
   * Throws one Error that counts the links that could not be dialled in the end, and names the
   * first.
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
    await inParallel([...ends], DIALS_AT_ONCE, (index) => this.#shape(index, running, signal))
    await this.#dialAll([...links], running, signal)
  }

  async #dialAll(
    links: readonly LinkPlan[],
    running: ReadonlyMap<number, LinkedPeer>,
    signal: AbortSignal,
  ): Promise<void> {
    const patience = new LoadPatience({ ...this.#options, patienceMs: PATIENCE_MS })
    let missing = links
    let [width, waitMs] = [DIALS_AT_ONCE, FIRST_RETRY_MS]
    for (;;) {
      const failed = await this.#dialOnce(missing, { width, running, signal })
      const [first] = failed
      if (first === undefined) return
      if (failed.length < missing.length) patience.progress()
      if (patience.isOver) throw linkError(first, failed.length)
      missing = failed.map(({ link }) => link)
      await sleep(this.#options.clock, waitMs, signal)
      width = Math.max(FEWEST_DIALS_AT_ONCE, Math.ceil(width / 2))
      waitMs = Math.min(LONGEST_RETRY_MS, 2 * waitMs)
    }
  }

  /** Dials each once, and answers those that failed. */
  async #dialOnce(
    links: readonly LinkPlan[],
    {
      width,
      running,
      signal,
    }: {
      readonly width: number
      readonly running: ReadonlyMap<number, LinkedPeer>
      readonly signal: AbortSignal
    },
  ): Promise<readonly FailedLink[]> {
    const failed: FailedLink[] = []
    await inParallel(links, width, async (link) => {
      signal.throwIfAborted()
      await this.#dial(link, running).catch((error: unknown) => failed.push({ link, error }))
    })
    return failed
  }

  /** An answer that does not come in time is asked for again. */
  async #shape(
    index: number,
    running: ReadonlyMap<number, LinkedPeer>,
    signal: AbortSignal,
  ): Promise<void> {
    const peer = running.get(index)
    const node = this.#plan.nodes[index]
    if (peer === undefined || node === undefined) return
    const { upBytesPerS = null, downBytesPerS = null } = node
    const shapes = (this.#linksOf[index] ?? []).flatMap(({ a, b, shape }) => {
      const other = running.get(a === index ? b : a)
      return other === undefined ? [] : [{ peer: other.info.peerId, ...shape }]
    })
    const options = {
      ...this.#options,
      patienceMs: PATIENCE_MS,
      signal,
      isPossible: peer.isRunning,
    }
    await retry(options, async () => {
      await peer.rpc.call('admin_setBandwidth', [upBytesPerS, downBytesPerS])
      await peer.rpc.call('admin_shapeLinks', [shapes])
    })
  }

  async #dial({ a, b }: LinkPlan, running: ReadonlyMap<number, LinkedPeer>): Promise<void> {
    const [from, to] = [running.get(a), running.get(b)]
    const [address] = to?.info.multiaddrs ?? []
    if (from === undefined || to === undefined || address === undefined) return
    if (!from.isRunning() || !to.isRunning()) return
    await from.rpc.call('admin_addPeer', [address])
  }
}

function linkError({ link: { a, b }, error }: FailedLink, count: number): Error {
  const many = count === 1 ? '' : `${count} links could not be built, the first: `
  return new Error(`${many}no link from peer ${a} to peer ${b}: ${messageOf(error)}`, {
    cause: error,
  })
}
