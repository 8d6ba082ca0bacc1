/**
 * Observation and defence inside the router, set on the one instance of it, each by replacing one
 * method with one that does something before or after the original:
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
 * The bodies of these methods, and of those that call them, are pinned by
 * `test/p2p/upstream.test.ts`.
 */
import type { Message } from '@chainsafe/libp2p-gossipsub'
import { MessageStatus, RejectReason, ValidateError } from '@chainsafe/libp2p-gossipsub/types'
import type { PeerId as Libp2pPeerId } from '@libp2p/interface'
import type { PeerId } from '../../gossip/network.ts'
import type { MessageArrival, HookParts, HookState } from './hookParts.ts'
import { hookReading } from './readingHooks.ts'
import type { ReceivedMessageResult, RouterInternals, RPC } from './routerInternals.ts'
import { hookSending } from './sendingHooks.ts'
import { StreamOpener } from '../requests/streamOpener.ts'

/** Replaces methods of one router. */
type Hook = (router: RouterInternals, state: HookState) => void

/**
 * In this order they go around the router, and around each other where they replace the same
 * method: the last is the outermost. Faults see what all others would send, so they are last.
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

/** What the hooks know of messages that came. */
export interface HookedArrivals {
  /** Of a message that the router hands on. */
  of(message: Message): MessageArrival | undefined
  /** Of the first copy of a message that was read without the router's own way of reading. */
  first(from: PeerId, id: string, message: RPC.Message): MessageArrival
  /** Reports a later copy that was read in that way. */
  duplicate(from: PeerId, id: string, message: RPC.Message): void
}

/** Installs all hooks. */
export function installHooks(router: RouterInternals, parts: HookParts): HookedArrivals {
  const state: HookState = { ...parts, arrivals: new WeakMap() }
  for (const hook of HOOKS) hook(router, state)
  return {
    of: (message) => state.arrivals.get(message),
    first: (from, id, message) => arrivalOf(state, from, id, message, parts.clock.monotonicMs()),
    duplicate: (from, id, message) =>
      reportDuplicate(state, from, message, id, parts.clock.monotonicMs()),
  }
}

function hookValidation(router: RouterInternals, state: HookState): void {
  const validate = router.validateReceivedMessage.bind(router)
  router.validateReceivedMessage = async (from, message) => {
    if (isSigned(message)) return refuseSigned(state)
    const receivedMs = state.clock.monotonicMs()
    const result = await validate(from, message)
    if (result.code === 'duplicate')
      reportDuplicate(state, textOf(from), message, result.msgIdStr, receivedMs)
    else if (result.msg !== undefined && result.messageId !== undefined) {
      const id = result.messageId.msgIdStr
      state.arrivals.set(result.msg, arrivalOf(state, textOf(from), id, message, receivedMs))
    }
    return result
  }
}

function arrivalOf(
  state: HookState,
  from: PeerId,
  id: string,
  message: RPC.Message,
  receivedMs: number,
): MessageArrival {
  const digest = state.ids.hashOf(id)
  state.ids.note(message, digest)
  return { receivedMs, digest, isAsked: state.asked.takeAnswer(from, id) }
}

/**
 * The router lets `from` pass under StrictNoSign; a stricter peer would blame us for forwarding it.
 */
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
  from: PeerId,
  message: RPC.Message,
  id = '',
  atMs: number,
): void {
  parts.traffic.counters.duplicates++
  if (id !== '') parts.latePushes.heard(id, from)
  parts.emit({
    kind: 'duplicate',
    topic: message.topic,
    digest: parts.ids.hashOf(id),
    from,
    isAsked: parts.asked.takeAnswer(from, id),
    atMs,
    bytes: message.data?.length ?? 0,
  })
}

function hookAnnouncing(router: RouterInternals, parts: HookParts): void {
  const announce = router.sendIDontWants.bind(router)
  router.sendIDontWants = (id, topic, source) => {
    if (parts.announces(id, topic)) announce(id, topic, source)
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
