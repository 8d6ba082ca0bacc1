/**
 * Announcing messages to peers outside the mesh, where a router has one topic: all of them are sent
 * the same frame, which is made once. The router's own way (gossipsub.js, emitGossip and flush)
 * collects the announcements of all topics for each peer first. It draws the random numbers that
 * the router would draw.
 */
import type { RPC } from '../../p2p/router/routerInternals.ts'
import { currentRandom } from '../time/currentRandom.ts'
import type { InnerCache, InnerRouter } from './innerRouter.ts'

/**
 * The router's bound on the names in one announcement (constants.js); beyond it each peer gets
 * others.
 */
const MAX_IDS = 5000

/** `listeners` are in a random order. Nothing else may wait to be sent to them. */
export function announceTopic(
  router: InnerRouter,
  topicID: string,
  listeners: readonly string[],
): void {
  const messageIDs = announced(router.mcache, topicID)
  if (messageIDs.length > MAX_IDS) {
    router.doEmitGossip(topicID, new Set(listeners), messageIDs)
    router.flush()
    return
  }
  if (messageIDs.length === 0) return
  shuffle(messageIDs)
  if (listeners.length === 0) return
  const rpc = announcement(topicID, messageIDs)
  for (const peer of chosen(router, listeners)) router.sendRpc(peer, rpc)
}

/** Names of the messages of a topic that were accepted in the last heartbeats, the latest first. */
function announced({ msgs, history, gossip }: InnerCache, topic: string): Uint8Array[] {
  const ids: Uint8Array[] = []
  for (let age = 0; age < gossip; age++)
    for (const name of history[age] ?? [])
      if (name.topic === topic && msgs.get(name.msgIdStr)?.validated === true) ids.push(name.msgId)
  return ids
}

/** As many as the router would tell. */
function chosen({ opts }: InnerRouter, listeners: readonly string[]): readonly string[] {
  const count = Math.max(opts.Dlazy, opts.gossipFactor * listeners.length)
  return count > listeners.length ? listeners : shuffle([...listeners]).slice(0, count)
}

function announcement(topicID: string, messageIDs: Uint8Array[]): RPC {
  const ihave = [{ topicID, messageIDs }]
  const control = { ihave, iwant: [], graft: [], prune: [], idontwant: [] }
  return { subscriptions: [], messages: [], control }
}

/** As the router shuffles (utils/shuffle.js), number for number. */
export function shuffle<Item>(items: Item[]): Item[] {
  if (items.length <= 1) return items
  for (let at = 0; at < items.length; at++) {
    const other = currentRandom.int(items.length)
    const [one, two] = [items[at], items[other]]
    if (one === undefined || two === undefined) continue
    items[at] = two
    items[other] = one
  }
  return items
}
