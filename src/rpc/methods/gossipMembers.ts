import { isLive, type Member, type MemberChange, type Told } from '../../membership/member.ts'
import type { PeerId } from '../../gossip/network.ts'
import type { RpcContext } from '../context.ts'
import { RPC_CODES, RpcError } from '../errors.ts'
import { RPC_LIMITS } from '../limits.ts'
import { defineMethod } from '../method.ts'
import { booleanKind, countKind, optional, required, textKind } from '../params.ts'
import type { Json, JsonObject } from '../server/json.ts'
import type { Feed } from '../subscriptions.ts'
import { finalityFeed } from './finality.ts'
import { subscriptionsOf, unsubscribeMethod } from './subscribing.ts'

const MEMBER_FIELDS =
  'peer, state, incarnation, sinceMs, toldBy, toldMs, route, accuser, role, client, addresses'

/** By name: what feeds a subscription by `gossip_subscribe`. */
const FEEDS: ReadonlyMap<string, (node: RpcContext) => Feed> = new Map([
  ['members', (node) => memberFeed(node)],
  ['finality', (node) => finalityFeed(node)],
])

/** What can be subscribed to by `gossip_subscribe`. */
export const GOSSIP_SUBSCRIPTION_NAMES: readonly string[] = [...FEEDS.keys()]

/** The `gossip_` methods about the members of the network. */
export const gossipMemberMethods = [
  defineMethod({
    name: 'gossip_members',
    params: [optional('liveOnly', booleanKind)],
    result: `list of objects with ${MEMBER_FIELDS}`,
    summary:
      'Every member of the network that this node knows, itself included: its state here (alive, suspect, dead, left), since when (ms since 1970 by the clock of this node), and who told this node and when. With true, the alive and suspect ones alone.',
    handler: ({ node }, liveOnly) => {
      const { members } = membershipOf(node)
      const shown = liveOnly === true ? [...members.list.all()].filter(isLive) : members.list.all()
      return [...shown].map((member) => memberJson(node, member))
    },
  }),
  defineMethod({
    name: 'gossip_member',
    params: [required('peer', textKind)],
    result: `object with ${MEMBER_FIELDS} and story, or null`,
    summary:
      'One member with its story here, oldest first: each state it was held in, with incarnation, who told this node, when and how, and of a suspicion the accuser. The last 16 changes are kept.',
    handler: ({ node }, peer) => {
      const { members } = membershipOf(node)
      const member = members.list.get(peer as PeerId)
      if (member === undefined) return null
      const story = members
        .storyOf(member.peer)
        .map(({ state, incarnation, told }) => ({ state, incarnation, ...toldJson(node, told) }))
      return { ...memberJson(node, member), story }
    },
  }),
  defineMethod({
    name: 'gossip_memberChanges',
    params: [optional('cursor', countKind), optional('limit', countKind)],
    result:
      'object with cursor, lost, nowMs and changes; a change has peer, state, incarnation, atMs, toldBy and route',
    summary:
      "Every change of a member at this node in order, from a cursor on (0 at first, then the cursor of the last answer), for who measures: from atMs on, by this node's clock (gossip_clock), it held the member for that state. The last 8,192 are kept; lost counts those that were overwritten before they were read.",
    handler: ({ node }, cursor, limit) => {
      const { memberHistory } = node
      if (memberHistory === undefined)
        throw new RpcError(RPC_CODES.methodNotFound, 'this node keeps no history of its members')
      const most = Math.min(limit ?? RPC_LIMITS.maxMemberChanges, RPC_LIMITS.maxMemberChanges)
      const { changes, ...page } = memberHistory.since(cursor ?? 0, most)
      return {
        ...page,
        nowMs: node.clock.monotonicMs(),
        changes: changes.map((change) => ({ ...change })),
      }
    },
  }),
  defineMethod({
    name: 'gossip_subscribe',
    params: [required('name', textKind)],
    result: 'subscription id',
    summary:
      'Over WebSocket: members, each change of a member as an eth_subscription notification: the member as gossip_members has it, and before, the state it was in (null for a new one). Or finality: justified and finalized whenever one of them moves, and the proofs against signers when one is found.',
    handler: (call, name) => {
      const subscriptions = subscriptionsOf(call)
      const feed = FEEDS.get(name)
      if (feed === undefined)
        throw new RpcError(
          RPC_CODES.methodNotFound,
          `no "${name.slice(0, 80)}" subscription in gossip namespace: there are ${GOSSIP_SUBSCRIPTION_NAMES.join(', ')}`,
        )
      return subscriptions.add(feed(call.node))
    },
  }),
  unsubscribeMethod('gossip_unsubscribe'),
]

function membershipOf({ members }: RpcContext): NonNullable<RpcContext['members']> {
  if (members !== undefined) return members
  throw new RpcError(RPC_CODES.methodNotFound, 'this node keeps no list of members')
}

function memberFeed(node: RpcContext): Feed {
  const { changes } = membershipOf(node)
  return (notify) =>
    changes.on(({ member, before }: MemberChange) =>
      notify({ ...memberJson(node, member), before: before?.state ?? null }),
    )
}

function memberJson(node: RpcContext, { peer, record, state, sinceMs, told }: Member): JsonObject {
  const { incarnation, isSigner, client, addresses } = record
  return {
    peer,
    state,
    incarnation,
    sinceMs: wallMs(node, sinceMs),
    ...toldJson(node, told),
    role: isSigner ? 'signer' : 'relay',
    client,
    addresses,
  }
}

function toldJson(node: RpcContext, { by, route, atMs, accuser }: Told): Record<string, Json> {
  return {
    toldBy: by,
    toldMs: wallMs(node, atMs),
    route,
    ...(accuser !== undefined && { accuser }),
  }
}

/** A time of the monotonic clock by the calendar, whole ms. */
function wallMs({ clock }: RpcContext, monotonicMs: number): number {
  return Math.round(clock.wallMs() - (clock.monotonicMs() - monotonicMs))
}
