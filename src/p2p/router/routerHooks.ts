/**
 * Observation and defence inside the router, set on the one instance of it, each by replacing one method with one that
 * does something before or after the original:
 *
 * | method | why |
 * |---|---|
 * | pipePeerReadStream | the loop is ours: a price for every frame, turns, back pressure (readingHooks.ts) |
 * | validateReceivedMessage | stamps arrival, refuses messages with an author, reports duplicates with their peer, tells answers to IWANT |
 * | createOutboundStream | peers side by side: one that does not answer keeps no other waiting |
 * | sendIDontWants | one threshold of size per topic, where the router has one for all |
 * | forwardMessage | keeps back pushes that would come too late (latePushes.ts) |
 * | sendRpc, sendRpcInBatch | one frame per peer and turn, splits large answers, reports what was forwarded to whom (sendingHooks.ts) |
 * | streamsOutbound.set | counts bytes of every frame, the first subscriptions included |
 *
 * The bodies of these methods, and of those that call them, are pinned by `test/p2p/upstream.test.ts`.
 */
import type { Message } from '@chainsafe/libp2p-gossipsub'
import { MessageStatus, RejectReason, ValidateError } from '@chainsafe/libp2p-gossipsub/types'
import type { PeerId as Libp2pPeerId } from '@libp2p/interface'
import type { PeerId } from '../../gossip/network.ts'
import type { MessageArrival, HookParts, HookState } from './hookParts.ts'
import { hashOfText } from './messageIds.ts'
import { hookReading } from './readingHooks.ts'
import type { ReceivedMessageResult, RouterInternals, RPC } from './routerInternals.ts'
import { hookSending } from './sendingHooks.ts'
import { StreamOpener } from '../requests/streamOpener.ts'

/** Replaces methods of one router. */
type Hook = (router: RouterInternals, state: HookState) => void

/**
 * In this order they go around the router, and around each other where they replace the same method: the last is the
 * outermost. Faults see what all others would send, so they are last.
 */
const HOOKS: readonly Hook[] = [
  hookReading,
  hookValidation,
  hookAnnouncing,
  hookSending,
  hookOpening,
  hookStreams,
  (router, { faults, ids }) => faults?.attach(router, ids),
]

/** Installs all hooks; answers how to look up the arrival of a message the router hands on. */
export function installHooks(
  router: RouterInternals,
  parts: HookParts,
): (message: Message) => MessageArrival | undefined {
  const state: HookState = { ...parts, arrivals: new WeakMap(), digests: new WeakMap() }
  for (const hook of HOOKS) hook(router, state)
  return (message) => state.arrivals.get(message)
}

function hookValidation(router: RouterInternals, state: HookState): void {
  const validate = router.validateReceivedMessage.bind(router)
  router.validateReceivedMessage = async (from, message) => {
    if (isSigned(message)) return refuseSigned(state)
    const receivedMs = state.clock.monotonicMs()
    const result = await validate(from, message)
    if (result.code === 'duplicate') reportDuplicate(state, from, message, result, receivedMs)
    else if (result.msg !== undefined && result.messageId !== undefined) {
      const digest = hashOfText(result.messageId.msgIdStr)
      const isAsked = state.asked.takeAnswer(textOf(from), result.messageId.msgIdStr)
      state.arrivals.set(result.msg, { receivedMs, digest, isAsked })
      state.digests.set(message, digest)
    }
    return result
  }
}

/** The router lets `from` pass under StrictNoSign; a stricter peer would blame us for forwarding it. */
function isSigned({ from, seqno, signature, key }: RPC.Message): boolean {
  return from !== undefined || seqno !== undefined || signature !== undefined || key !== undefined
}

/** Counts as an invalid message of its sender (P4). */
function refuseSigned(parts: HookParts): ReceivedMessageResult {
  parts.traffic.counters.signedMessages++
  return {
    code: MessageStatus.invalid,
    reason: RejectReason.Error,
    error: ValidateError.FromPresent,
  }
}

function reportDuplicate(
  parts: HookParts,
  from: Libp2pPeerId,
  message: RPC.Message,
  result: ReceivedMessageResult,
  atMs: number,
): void {
  const { msgIdStr = '' } = result
  parts.traffic.counters.duplicates++
  if (result.msgIdStr !== undefined) parts.latePushes.heard(result.msgIdStr, from.toString())
  parts.emit({
    kind: 'duplicate',
    topic: message.topic,
    digest: hashOfText(msgIdStr),
    from: textOf(from),
    isAsked: parts.asked.takeAnswer(textOf(from), msgIdStr),
    atMs,
    bytes: message.data?.length ?? 0,
  })
}

function hookAnnouncing(router: RouterInternals, parts: HookParts): void {
  const announce = router.sendIDontWants.bind(router)
  router.sendIDontWants = (id, topic, source) => {
    if (parts.announces(id)) announce(id, topic, source)
  }
}

/** The router awaits one opening before it begins the next; here it has only been asked for. */
function hookOpening(router: RouterInternals): void {
  const opener = new StreamOpener()
  const create = router.createOutboundStream.bind(router)
  router.createOutboundStream = (peer, connection) => {
    opener.request(peer.toString(), () => create(peer, connection))
    return Promise.resolve()
  }
}

function hookStreams(router: RouterInternals, parts: HookParts): void {
  const streams = router.streamsOutbound
  const set = streams.set.bind(streams)
  streams.set = (peer, stream) => {
    const push = stream.pushPrefixed.bind(stream)
    stream.pushPrefixed = (data) => {
      const bytes = data.byteLength
      push(data)
      parts.traffic.sentFrame(bytes)
    }
    if (router.peers.has(peer)) parts.onStream(peer)
    return set(peer, stream)
  }
}

function textOf(peer: Libp2pPeerId): PeerId {
  return peer.toString() as PeerId
}
