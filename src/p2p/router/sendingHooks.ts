/**
 * What the router sends: messages forwarded in one turn of the event loop share a frame per peer,
 * pushes that would come too late are kept back, large answers are split, and each transmission is
 * reported.
 */
import type { PeerId } from '../../gossip/network.ts'
import type { LimitValues } from '../limits.ts'
import { announcementFrames, askedBytes } from './announcements.ts'
import { messageBatches } from './batches.ts'
import type { ForwardedMessage } from './latePushes.ts'
import type { HookParts } from './hookParts.ts'
import type { RouterInternals, RPC } from './routerInternals.ts'
import { TurnBatches } from './turnBatches.ts'

/** Replaces `sendRpc`, `sendRpcInBatch` and `forwardMessage`. */
export function hookSending(router: RouterInternals, parts: HookParts): void {
  const send = router.sendRpc.bind(router)
  const sendInBatch = router.sendRpcInBatch.bind(router)
  const sendExactly = (to: string, rpc: RPC): boolean => {
    const sent = send(to, rpc)
    if (sent) {
      parts.traffic.sentControl(rpc, 1)
      parts.asked.sent(to, rpc.control?.iwant ?? [])
      for (const message of rpc.messages) reportForwarded(parts, message, to)
    }
    return sent
  }
  const sendOne = (to: string, rpc: RPC): boolean => {
    if (rpc.control === undefined && !router.gossip.has(to)) return sendExactly(to, rpc)
    const [first, ...rest] = divideAnnouncements(router, to, rpc, parts.limits)
    const sent = sendExactly(to, first)
    return rest.every((part) => sendExactly(to, part)) && sent
  }
  const sendWithin = (to: string, rpc: RPC): boolean => {
    if (rpc.messages.length <= 1) return sendOne(to, rpc)
    const [first = [], ...rest] = batchesOf(rpc, parts.limits)
    const sent = sendOne(to, { ...rpc, messages: first })
    return rest.every((messages) => sendOne(to, { subscriptions: [], messages })) && sent
  }
  const forwarded = new TurnBatches((to, messages) => {
    if (messages.length === 1) sendOne(to, { subscriptions: [], messages })
    else sendBatches(to, messages)
  })
  const sendBatches = (to: string, messages: RPC.Message[]): void => {
    for (const batch of messageBatches(messages, parts.limits.gossipMaxBatchBytes, Infinity))
      sendOne(to, { subscriptions: [], messages: batch })
  }
  const forward = (to: string, message: RPC.Message): boolean => {
    if (!router.streamsOutbound.has(to)) return false
    forwarded.add(to, message)
    return true
  }
  const forwarding = hookForwarding(router, parts)
  router.sendRpc = (to, rpc) => {
    const [message] = rpc.messages
    if (message === undefined || !isOneMessage(rpc)) return sendWithin(to, rpc)
    const news = forwarding()
    const isNow =
      news === undefined || parts.latePushes.admits(news, to, () => void forward(to, message))
    return isNow ? forward(to, message) : true
  }
  router.sendRpcInBatch = (to, rpc) => {
    sendInBatch(to, rpc)
    parts.traffic.sentControl(rpc, to.size)
    for (const message of rpc.messages) for (const peer of to) reportForwarded(parts, message, peer)
  }
}

/**
 * Notes what the router is forwarding while it does: it sends each copy by `sendRpc`, which would
 * not know that it is not an answer. The answer tells what that is; `undefined` while nothing is
 * forwarded.
 */
function hookForwarding(
  router: RouterInternals,
  { latePushes }: HookParts,
): () => ForwardedMessage | undefined {
  const forward = router.forwardMessage.bind(router)
  let current: ForwardedMessage | undefined
  router.forwardMessage = (id, message, sender, earlier) => {
    const { topic } = message
    try {
      if (sender !== undefined) {
        current = { id, topic, sender }
        noteEarlier(latePushes, current, router.mesh.get(topic), earlier)
      }
      forward(id, message, sender, earlier)
    } finally {
      current = undefined
    }
  }
  return () => current
}

/**
 * Of the peers that had sent their copy before, those of the mesh are noted: a push to them had
 * come too late.
 */
function noteEarlier(
  latePushes: HookParts['latePushes'],
  message: ForwardedMessage,
  mesh: ReadonlySet<string> | undefined,
  earlier: Iterable<string> = [],
): void {
  for (const target of earlier)
    if (target !== message.sender && mesh?.has(target)) latePushes.wasEarlier(message, target)
}

/**
 * The frame, and those with the announcements that have no room in it. The router would add to it
 * what it has to announce to this peer.
 */
function divideAnnouncements(
  { gossip }: RouterInternals,
  to: string,
  rpc: RPC,
  limits: LimitValues,
): [RPC, ...RPC[]] {
  const { control } = rpc
  const announced = gossip.get(to) ?? control?.ihave ?? []
  if (announced.length === 0) return [rpc]
  const frames = announcementFrames(announced, askedBytes(control), limits)
  if (frames.length === 0) return [rpc]
  gossip.delete(to)
  const rest = withoutAnnouncements(rpc)
  const [first = rest, ...others] = frames.map(announcing)
  return hasContent(rest) ? [rest, first, ...others] : [first, ...others]
}

function withoutAnnouncements(rpc: RPC): RPC {
  return rpc.control === undefined ? rpc : { ...rpc, control: { ...rpc.control, ihave: [] } }
}

function announcing(ihave: RPC.ControlIHave[]): RPC {
  const control = { ihave, iwant: [], graft: [], prune: [], idontwant: [] }
  return { subscriptions: [], messages: [], control }
}

function hasContent({ messages, subscriptions, control }: RPC): boolean {
  const lists = [
    messages,
    subscriptions,
    control?.iwant,
    control?.graft,
    control?.prune,
    control?.idontwant,
  ]
  return lists.some((list) => list !== undefined && list.length > 0)
}

/** A forwarded message, and nothing else. */
function isOneMessage({ messages, subscriptions, control }: RPC): boolean {
  return messages.length === 1 && subscriptions.length === 0 && control === undefined
}

function batchesOf(rpc: RPC, limits: LimitValues): RPC.Message[][] {
  return messageBatches(rpc.messages, limits.gossipMaxBatchBytes, limits.gossipMaxAnswerBytes)
}

function reportForwarded({ ids, emit, clock }: HookParts, message: RPC.Message, to: string): void {
  emit({
    kind: 'forwarded',
    topic: message.topic,
    digest: ids.hashOfMessage(message),
    to: to as PeerId,
    atMs: clock.monotonicMs(),
    bytes: message.data?.length ?? 0,
  })
}
