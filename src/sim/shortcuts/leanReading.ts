/**
 * Reading a frame in one go: the router's own way goes through two promises for each message and
 * one for each frame, and makes an event for each delivery. Frames of one message, or of
 * announcements and requests alone, are read here; all others (subscriptions, grafts, prunes,
 * answers with several messages) by the router. What is done, and in which order a peer would see
 * it, is the same.
 */
import type { DataMessage, MessageSink } from '../../p2p/router/readingHooks.ts'
import type { RPC } from '../../p2p/router/routerInternals.ts'
import type { InnerRouter } from './innerRouter.ts'

/**
 * Reads a frame; false if it is one that the router must read itself, and then nothing has been
 * done.
 */
export function readLean(router: InnerRouter, sink: MessageSink, from: string, rpc: RPC): boolean {
  const { messages, subscriptions, control } = rpc
  if (subscriptions.length > 0 || messages.length > 1) return false
  const [message] = messages
  if (message !== undefined) {
    if (control !== undefined || !isPlain(router, message)) return false
    if (router.acceptFrom(from)) readMessage(router, sink, from, message)
    return true
  }
  if (control === undefined || control.graft.length > 0 || control.prune.length > 0) return false
  if (router.acceptFrom(from)) readControl(router, from, control)
  return true
}

/** As the network's policy has it: data, and no author. */
function isPlain(router: InnerRouter, message: RPC.Message): message is DataMessage {
  const { data, signature, seqno, key, from } = message
  return (
    data !== undefined &&
    (signature ?? seqno ?? key ?? from) === undefined &&
    router.topicValidators.size === 0
  )
}

function readMessage(
  router: InnerRouter,
  sink: MessageSink,
  from: string,
  message: DataMessage,
): void {
  const { topic, data } = message
  if (router.allowedTopics !== null && !router.allowedTopics.has(topic)) return
  const msgId = router.msgIdFn(message)
  const id = router.msgIdToStrFn(msgId)
  const isKnown = router.seenCache.put(id)
  if (!isKnown && data.length >= router.opts.idontwantMinDataSize)
    router.sendIDontWants(msgId, topic, from)
  if (isKnown) router.score.duplicateMessage(from, id, topic)
  else router.score.validateMessage(id)
  if (router.gossipTracer.promises.size > 0) router.gossipTracer.deliverMessage(id, isKnown)
  if (isKnown) {
    router.mcache.observeDuplicate(id, from)
    sink.duplicate(from, id, message)
    return
  }
  router.mcache.put({ msgId, msgIdStr: id }, message, !router.opts.asyncValidation)
  if (router.subscriptions.has(topic)) sink.first(from, id, message)
}

function readControl(router: InnerRouter, from: string, control: RPC.ControlMessage): void {
  const iwant = wanted(router, from, control.ihave)
  const messages = control.iwant.length > 0 ? router.handleIWant(from, control.iwant) : []
  if (control.idontwant.length > 0) router.handleIdontwant(from, control.idontwant)
  if (iwant.length === 0 && messages.length === 0) return
  const answer = { graft: [], prune: [], ihave: [], iwant, idontwant: [] }
  const isSent = router.sendRpc(from, { subscriptions: [], messages, control: answer })
  const ids = iwant[0]?.messageIDs
  if (ids !== undefined && isSent) router.gossipTracer.addPromise(from, ids)
}

const NOTHING: RPC.ControlIWant[] = []
/** The router's bounds on announcements between two heartbeats of their receiver (constants.js). */
const MAX_IHAVES = 10
const MAX_IDS = 5000

/** What to ask for; where all is known, which is nearly always, nothing is made to find it out. */
function wanted(
  router: InnerRouter,
  from: string,
  ihave: readonly RPC.ControlIHave[],
): RPC.ControlIWant[] {
  if (ihave.length === 0) return NOTHING
  const count = (router.peerhave.get(from) ?? 0) + 1
  const isOrdinary =
    count <= MAX_IHAVES &&
    (router.iasked.get(from) ?? 0) < MAX_IDS &&
    router.score.score(from) >= router.opts.scoreThresholds.gossipThreshold
  if (!isOrdinary || !isAllKnown(router, ihave)) return router.handleIHave(from, ihave)
  router.peerhave.set(from, count)
  return NOTHING
}

function isAllKnown(router: InnerRouter, ihave: readonly RPC.ControlIHave[]): boolean {
  let count = 0
  for (const { topicID, messageIDs } of ihave) {
    if (topicID === undefined || !router.mesh.has(topicID)) continue
    count += messageIDs.length
    if (count > MAX_IDS) return false
    for (const id of messageIDs) if (!router.seenCache.has(router.msgIdToStrFn(id))) return false
  }
  return true
}
