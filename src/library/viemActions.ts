/**
 * Actions for a viem client: `client.extend(grapevineActions())`. viem itself is not imported, for
 * it is optional: what stands here asks for anything with viem's `request`. Answers are those of
 * docs/rpc.md.
 */
import type { NetworkFigure } from '../instrument/port.ts'
import type { Hex } from '../lib/bytes.ts'
import type { Timeline } from '../trace/timelines.ts'

/** What the actions need of a client. */
export interface RequestingClient {
  request(args: { readonly method: string; readonly params?: unknown }): Promise<unknown>
}

/** To whom a topic is pushed, and who else is in it; by peer id. */
export interface MeshAnswer {
  readonly topic: string
  readonly mesh: readonly string[]
  readonly subscribers: readonly string[]
}

/**
 * A member of the network as the node that answers knows it; times are ms since 1970 by its clock.
 */
export interface NetworkMember {
  readonly peer: string
  readonly state: 'alive' | 'suspect' | 'dead' | 'left'
  readonly incarnation: number
  readonly sinceMs: number
  readonly toldBy: string
  readonly toldMs: number
  readonly route: string
  /** Who suspected it first, of a suspicion. */
  readonly accuser?: string
  readonly role: 'signer' | 'relay'
  readonly client: string
  readonly addresses: readonly string[]
}

/**
 * Who of the whole network knows best; `first` answers the question of a hash, `best` that of a
 * figure.
 */
export interface FindAnswer {
  /**
   * Who saw the item first; null where nobody remembers. Ms since 1970 by the clock of the node
   * that answers, right to `errorMs`.
   */
  readonly first?: {
    readonly peer: string
    readonly atMs: number
    readonly errorMs: number
  } | null
  readonly best?: {
    readonly peer: string
    readonly value: number
    readonly unit: string
    readonly client: string | null
  } | null
  /** How many of `of` live members have it; `haveError` is 0 where all were counted. */
  readonly have: number
  readonly of: number
  readonly haveError: number
  /** Members that answered and do not have it, and those that did not answer; by peer id. */
  readonly missing: readonly string[]
  readonly silent: readonly string[]
  readonly rounds: number
  readonly tookMs: number
}

/**
 * What `client.extend(grapevineActions())` adds to a client. A type alias, for viem wants no
 * interface.
 */
export type GrapevineActions = {
  /** The whole story of a transaction or block on this node; null where it does not know it. */
  getTimeline(args: { readonly hash: Hex }): Promise<Timeline | null>
  getMesh(): Promise<readonly MeshAnswer[]>
  /** Every member that this node knows; with `liveOnly` the alive and suspect ones. */
  getMembers(args?: { readonly liveOnly?: boolean }): Promise<readonly NetworkMember[]>
  /**
   * A figure of the whole network, such as `mean txpool.pending`; waits some seconds unless an
   * answer is at hand.
   */
  ask(args: { readonly query: string }): Promise<NetworkFigure>
  /**
   * Who of the whole network knows best: of a hash who saw it first, of `largest txpool.pending`
   * who has the most.
   */
  find(args: { readonly question: string }): Promise<FindAnswer>
}

/** The extension for `client.extend`. The client must be one of a grapevine node. */
export function grapevineActions(): (client: RequestingClient) => GrapevineActions {
  return (client) => {
    const ask = async <Answer>(method: string, ...params: readonly unknown[]): Promise<Answer> =>
      (await client.request({ method, params })) as Answer
    return {
      getTimeline: ({ hash }) => ask('gossip_timeline', hash),
      getMesh: () => ask('gossip_mesh'),
      getMembers: ({ liveOnly = false } = {}) => ask('gossip_members', liveOnly),
      ask: ({ query }) => ask('gossip_aggregate', query),
      find: ({ question }) => ask('gossip_find', question),
    }
  }
}
