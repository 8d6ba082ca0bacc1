/**
 * A heartbeat that changes nothing is short: the mesh is within its bounds, no peer has a score
 * below 0, nothing waits to be sent and no promise is open. What is left of it is done: counters of
 * the last interval are cleared, caches move on, and messages are announced. It draws the random
 * numbers that the whole heartbeat would draw, so that all that follows is the same.
 */
import { currentRandom } from '../time/currentRandom.ts'
import { QUIET, type Due, type Owner } from '../time/due.ts'
import type { VirtualTime } from '../time/virtualTime.ts'
import type { InnerRouter } from './innerRouter.ts'
import { announceTopic, shuffle } from './leanGossip.ts'

/** Puts the short form before the router's own, for one router that has not started. */
export function shortenHeartbeats(router: InnerRouter, owner: Owner, time: VirtualTime): void {
  const whole = router.runHeartbeat
  const next: Due = { owner, run: () => router.runHeartbeat() }
  router.runHeartbeat = () => {
    if (!isIdle(router)) return whole()
    beat(router)
    if (router.isStarted()) time.after(untilNextMs(router, time.wallMs), next)
    return QUIET
  }
}

/** Anything out of the ordinary is for the router itself. */
function isIdle(router: InnerRouter): boolean {
  const { opts, heartbeatTicks } = router
  const tick = heartbeatTicks + 1
  return (
    router.control.size === 0 &&
    router.gossip.size === 0 &&
    router.fanout.size === 0 &&
    router.direct.size === 0 &&
    router.gossipTracer.promises.size === 0 &&
    tick % opts.opportunisticGraftTicks !== 0 &&
    tick % opts.directConnectTicks !== 0 &&
    areMeshesWithinBounds(router) &&
    areScoresGood(router)
  )
}

function areMeshesWithinBounds({ mesh, outbound, topics, opts }: InnerRouter): boolean {
  for (const [topic, peers] of mesh) {
    if (peers.size < opts.Dlo || peers.size > opts.Dhi) return false
    let dialled = 0
    for (const peer of peers) if (outbound.get(peer) === true) dialled++
    if (dialled >= opts.Dout) continue
    for (const peer of topics.get(topic) ?? [])
      if (!peers.has(peer) && outbound.get(peer) === true) return false
  }
  return true
}

function areScoresGood({ score, topics }: InnerRouter): boolean {
  if (score.isClean) return true
  // Most topics have the same peers: none is asked for twice.
  let last: ReadonlySet<string> = NOBODY
  for (const peers of topics.values()) {
    for (const peer of peers) if (!last.has(peer) && score.score(peer) < 0) return false
    last = peers
  }
  return true
}

const NOBODY: ReadonlySet<string> = new Set()

/** In the order of the router's own heartbeat, as far as order matters. */
function beat(router: InnerRouter): void {
  router.heartbeatTicks++
  router.clearBackoff()
  if (router.peerhave.size > 0) router.peerhave.clear()
  if (router.iasked.size > 0) router.iasked.clear()
  if (router.iwantCounts.size > 0) router.iwantCounts.clear()
  if (router.idontwantCounts.size > 0) router.idontwantCounts.clear()
  dropIdontwants(router)
  router.seenCache.prune()
  router.publishedMessageIds.prune()
  announce(router)
  router.mcache.shift()
  if (router.listenerCount(HEARTBEAT) > 0) router.dispatchEvent(new CustomEvent(HEARTBEAT))
}

const HEARTBEAT = 'gossipsub:heartbeat'

function dropIdontwants({ idontwants, heartbeatTicks, opts }: InnerRouter): void {
  for (const ids of idontwants.values())
    for (const [id, tick] of ids) if (heartbeatTicks - tick >= opts.mcacheLength) ids.delete(id)
}

function announce(router: InnerRouter): void {
  const { mesh, topics } = router
  if (!hasNews(router)) {
    for (const topic of mesh.keys()) burn(topics.get(topic)?.size ?? 0)
    return
  }
  const listeners = new Map<string, string[]>()
  for (const [topic, peers] of mesh) listeners.set(topic, listenersOf(router, topic, peers))
  const [only] = listeners
  if (only !== undefined && listeners.size === 1) announceTopic(router, ...only)
  else announceAll(router, listeners)
}

/** What goes to one peer about several topics goes in one frame. */
function announceAll(router: InnerRouter, listeners: ReadonlyMap<string, string[]>): void {
  router.emitGossip(new Map([...listeners].map(([topic, peers]) => [topic, new Set(peers)])))
  if (router.mcache.msgs.size > 0) router.flush()
}

/** Whether any message came in the last heartbeats. */
function hasNews({ mcache }: InnerRouter): boolean {
  for (let age = 0; age < mcache.gossip; age++)
    if ((mcache.history[age]?.length ?? 0) > 0) return true
  return false
}

/** Those outside the mesh that could be told, in a random order. */
function listenersOf(
  { topics, streamsOutbound, protocols }: InnerRouter,
  topic: string,
  mesh: ReadonlySet<string>,
): string[] {
  const listeners: string[] = []
  for (const peer of shuffle([...(topics.get(topic) ?? [])])) {
    if (mesh.has(peer)) continue
    const stream = streamsOutbound.get(peer)
    if (stream !== undefined && protocols.includes(stream.protocol)) listeners.push(peer)
  }
  return listeners
}

/** The numbers of a shuffle whose order nobody will see. */
function burn(count: number): void {
  if (count > 1) for (let drawn = 0; drawn < count; drawn++) currentRandom.next()
}

/** As the router plans it (gossipsub.js, runHeartbeat). */
function untilNextMs({ status, opts: { heartbeatInterval } }: InnerRouter, nowMs: number): number {
  const ms = heartbeatInterval - ((nowMs - status.hearbeatStartMs) % heartbeatInterval)
  return ms < heartbeatInterval * 0.25 ? ms + heartbeatInterval : ms
}
