/**
 * Observation and defence inside the router, set on the one instance of it, each by replacing one method with one that
 * does something before or after the original:
 *
 * | method | why |
 * |---|---|
 * | pipePeerReadStream | weighs frames by peer, counts garbage, notices oversized frames; the loop is ours |
 * | validateReceivedMessage | stamps arrival, refuses messages with an author, reports duplicates with their peer |
 * | createOutboundStream | peers side by side: one that does not answer keeps no other waiting |
 * | sendIDontWants | one threshold of size per topic, where the router has one for all |
 * | forwardMessage | keeps back pushes that would come too late (latePushes.ts) |
 * | sendRpc, sendRpcInBatch | one frame per peer and turn, splits large answers, reports what was forwarded to whom |
 * | streamsOutbound.set | counts bytes of every frame, the first subscriptions included |
 */
import type { Message } from '@chainsafe/libp2p-gossipsub'
import { MessageStatus, RejectReason, ValidateError } from '@chainsafe/libp2p-gossipsub/types'
import type { PeerId as Libp2pPeerId } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import type { PeerId, RouterEvent } from '../../gossip/network.ts'
import { messageOf } from '../../lib/assert.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import type { Offence } from '../host/bans.ts'
import { messageBatches } from './batches.ts'
import type { Admission, Intake } from './intake.ts'
import type { LatePushes, News } from './latePushes.ts'
import type { LimitValues } from '../limits.ts'
import { digestOf, digestOfText, type MessageIds } from './messageIds.ts'
import type { ReceivedMessageResult, RouterInternals, RPC } from './routerInternals.ts'
import { StreamOpener } from '../requests/streamOpener.ts'
import type { TrafficCounters } from '../traffic.ts'
import { TurnBatches } from './turnBatches.ts'

/** When and as what a message came, kept until it is handed on. */
export interface Arrival {
  readonly receivedMs: number
  readonly digest: Uint8Array
}

export interface HookParts {
  readonly ids: MessageIds
  readonly limits: LimitValues
  readonly clock: Clock
  readonly log: Logger
  readonly traffic: TrafficCounters
  readonly intake: Intake
  readonly emit: (event: RouterEvent) => void
  readonly onOffence: (peer: PeerId, offence: Offence) => void
  /** An outbound stream to a peer of the router has been opened. */
  readonly onStream: (peer: string) => void
  /** Whether mesh peers should hear that we have this message. */
  readonly announces: (id: Uint8Array) => boolean
  readonly latePushes: LatePushes
}

/** Installs all hooks; answers how to look up the arrival of a message the router hands on. */
export function installHooks(
  router: RouterInternals,
  parts: HookParts,
): (message: Message) => Arrival | undefined {
  const digests = new WeakMap<RPC.Message, Uint8Array>()
  const arrivals = new WeakMap<Message, Arrival>()
  hookReading(router, parts)
  hookValidation(router, parts, arrivals, digests)
  hookAnnouncing(router, parts)
  hookSending(router, parts, digests)
  hookOpening(router)
  hookStreams(router, parts)
  return (message) => arrivals.get(message)
}

function hookReading(router: RouterInternals, parts: HookParts): void {
  router.pipePeerReadStream = async (peer, frames) => {
    try {
      await readFrames(router, parts, peer, frames)
    } catch (error) {
      router.metrics?.onPeerReadStreamError()
      router.handlePeerReadStreamError(asError(error), peer)
      if (isOversized(error)) parts.onOffence(textOf(peer), 'oversized-frame')
    }
  }
}

async function readFrames(
  router: RouterInternals,
  parts: HookParts,
  peer: Libp2pPeerId,
  frames: AsyncIterable<Uint8ArrayList>,
): Promise<void> {
  for await (const frame of frames) {
    const admission = takeFrame(router, parts, peer, frame)
    if (admission === 'dropped') parts.traffic.counters.droppedFrames++
    if (admission === 'admitted' || admission === 'dropped') continue
    parts.onOffence(textOf(peer), admission)
    return
  }
}

function takeFrame(
  router: RouterInternals,
  parts: HookParts,
  peer: Libp2pPeerId,
  frame: Uint8ArrayList,
): Admission {
  const id = textOf(peer)
  const nowMs = parts.clock.monotonicMs()
  parts.traffic.receivedFrame(frame.byteLength + prefixBytes(frame.byteLength))
  const admission = parts.intake.frame(id, frame.byteLength, nowMs)
  if (admission !== 'admitted') return admission
  const rpc = decode(router, parts, frame.subarray())
  if (rpc === undefined) return parts.intake.garbage(id, nowMs)
  parts.traffic.receivedControl(rpc)
  const allowance = parts.intake.messages(id, rpc.messages.length, nowMs)
  if (allowance === 'admitted') handle(router, parts, peer, rpc)
  return allowance
}

function decode(router: RouterInternals, parts: HookParts, bytes: Uint8Array): RPC | undefined {
  try {
    const rpc = router.decodeRpc(bytes)
    router.metrics?.onRpcRecv(rpc, bytes.length)
    return rpc
  } catch {
    router.metrics?.onRpcDataError()
    parts.traffic.counters.undecodableFrames++
    return undefined
  }
}

function handle(router: RouterInternals, parts: HookParts, peer: Libp2pPeerId, rpc: RPC): void {
  router.handleReceivedRpc(peer, rpc).catch((error: unknown) => {
    router.metrics?.onRpcRecvError()
    parts.log.error('handling a gossip frame failed', {
      peer: textOf(peer),
      error: messageOf(error),
    })
  })
}

function hookValidation(
  router: RouterInternals,
  parts: HookParts,
  arrivals: WeakMap<Message, Arrival>,
  digests: WeakMap<RPC.Message, Uint8Array>,
): void {
  const validate = router.validateReceivedMessage.bind(router)
  router.validateReceivedMessage = async (from, message) => {
    if (isSigned(message)) return refuseSigned(parts)
    const receivedMs = parts.clock.monotonicMs()
    const result = await validate(from, message)
    if (result.code === 'duplicate') reportDuplicate(parts, from, message, result, receivedMs)
    else if (result.msg !== undefined && result.messageId !== undefined) {
      const digest = digestOf(result.messageId.msgId)
      arrivals.set(result.msg, { receivedMs, digest })
      digests.set(message, digest)
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
  parts.traffic.counters.duplicates++
  if (result.msgIdStr !== undefined) parts.latePushes.heard(result.msgIdStr, from.toString())
  parts.emit({
    kind: 'duplicate',
    topic: message.topic,
    digest: digestOfText(result.msgIdStr ?? ''),
    from: textOf(from),
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

function hookSending(
  router: RouterInternals,
  parts: HookParts,
  digests: WeakMap<RPC.Message, Uint8Array>,
): void {
  const send = router.sendRpc.bind(router)
  const sendInBatch = router.sendRpcInBatch.bind(router)
  const sendOne = (to: string, rpc: RPC): boolean => {
    const sent = send(to, rpc)
    if (sent) {
      parts.traffic.sentControl(rpc, 1)
      for (const message of rpc.messages) reportForwarded(parts, digests, message, to)
    }
    return sent
  }
  const sendWithin = (to: string, rpc: RPC): boolean => {
    if (rpc.messages.length <= 1) return sendOne(to, rpc)
    const [first = [], ...rest] = batchesOf(rpc, parts.limits)
    const sent = sendOne(to, { ...rpc, messages: first })
    return rest.every((messages) => sendOne(to, { subscriptions: [], messages })) && sent
  }
  const forwarded = new TurnBatches((to, messages) => {
    for (const batch of messageBatches(messages, parts.limits.gossipMaxBatchBytes, Infinity))
      sendOne(to, { subscriptions: [], messages: batch })
  })
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
    for (const message of rpc.messages)
      for (const peer of to) reportForwarded(parts, digests, message, peer)
  }
}

/**
 * Notes what the router is forwarding while it does: it sends each copy by `sendRpc`, which would not know that it is
 * not an answer. The answer tells what that is; `undefined` while nothing is forwarded.
 */
function hookForwarding(
  router: RouterInternals,
  { latePushes }: HookParts,
): () => News | undefined {
  const forward = router.forwardMessage.bind(router)
  let current: News | undefined
  router.forwardMessage = (id, message, teller, earlier) => {
    const { topic } = message
    if (teller !== undefined) {
      current = { id, topic, teller }
      const mesh = router.mesh.get(topic)
      for (const target of earlier ?? [])
        if (target !== teller && mesh?.has(target)) latePushes.wasEarlier(current, target)
    }
    forward(id, message, teller, earlier)
    current = undefined
  }
  return () => current
}

/** A forwarded message, and nothing else. */
function isOneMessage({ messages, subscriptions, control }: RPC): boolean {
  return messages.length === 1 && subscriptions.length === 0 && control === undefined
}

function batchesOf(rpc: RPC, limits: LimitValues): RPC.Message[][] {
  return messageBatches(rpc.messages, limits.gossipMaxBatchBytes, limits.gossipMaxAnswerBytes)
}

/** Own messages come without a digest the first time: it is made here once. */
function reportForwarded(
  parts: HookParts,
  digests: WeakMap<RPC.Message, Uint8Array>,
  message: RPC.Message,
  to: string,
): void {
  const data = message.data ?? new Uint8Array(0)
  const digest = digests.get(message) ?? digestOf(parts.ids.of(message.topic, data))
  digests.set(message, digest)
  parts.emit({
    kind: 'forwarded',
    topic: message.topic,
    digest,
    to: to as PeerId,
    atMs: parts.clock.monotonicMs(),
    bytes: data.length,
  })
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

/** Bytes of the varint that carries `length`. */
function prefixBytes(length: number): number {
  let bytes = 1
  for (let rest = length >>> 7; rest > 0; rest >>>= 7) bytes++
  return bytes
}

function isOversized(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith('InvalidDataLength')
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error))
}

function textOf(peer: Libp2pPeerId): PeerId {
  return peer.toString() as PeerId
}
