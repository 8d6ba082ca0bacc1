/**
 * Reading what peers send, in place of the router's own loop. Every frame has a price, paid from
 * its peer's budget before anything is done for it: its bytes before it is looked at, its entries
 * before it is decoded, its messages before they are handled. What is over budget is dropped; a
 * peer that goes on is reported. A frame that is always there already never lets anybody else run,
 * so the loop waits for another turn when this one has had its time, and a stream of which too much
 * waits is paused, so that its sender waits too.
 */
import type { PeerId as Libp2pPeerId } from '@libp2p/interface'
import { decode } from 'it-length-prefixed'
import type { Uint8ArrayList } from 'uint8arraylist'
import type { PeerId } from '../../gossip/network.ts'
import { messageOf } from '../../lib/assert.ts'
import { readAll } from '../requests/streamDuplex.ts'
import { countEntries } from './frameEntries.ts'
import type { Admission } from './intake.ts'
import type { HookParts } from './hookParts.ts'
import type { RouterInternals, RPC } from './routerInternals.ts'

/** Replaces `pipePeerReadStream`: the frames of one inbound stream, from its first to its end. */
export function hookReading(router: RouterInternals, parts: HookParts): void {
  router.pipePeerReadStream = async (peer) => {
    const stream = router.streamsInbound.get(textOf(peer))?.rawStream
    if (stream === undefined) return
    const { gossipReadAheadBytes, gossipMaxFrameBytes } = parts.limits
    try {
      const chunks = readAll(stream, gossipReadAheadBytes)
      await readFrames(router, parts, peer, decode(chunks, { maxDataLength: gossipMaxFrameBytes }))
      await stream.close().catch((error: unknown) => stream.abort(asError(error)))
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
    else if (admission !== 'admitted') {
      parts.onOffence(textOf(peer), admission)
      return
    }
    if (parts.turns.isSpent()) await parts.turns.next()
  }
}

function takeFrame(
  router: RouterInternals,
  parts: HookParts,
  peer: Libp2pPeerId,
  frame: Uint8ArrayList,
): Admission {
  const { intake, limits, traffic } = parts
  const id = textOf(peer)
  const nowMs = parts.clock.monotonicMs()
  traffic.receivedFrame(frame.byteLength + prefixBytes(frame.byteLength))
  const admission = intake.frame(id, frame.byteLength, nowMs)
  if (admission !== 'admitted') return admission
  const bytes = frame.subarray()
  const entries = countEntries(bytes, limits.gossipMaxEntries)
  if (entries > limits.gossipMaxEntries) return refuse(router, parts, id, nowMs)
  const afforded = intake.entries(id, entries, nowMs)
  if (afforded !== 'admitted') return afforded
  const rpc = decoded(router, bytes)
  return rpc === undefined ? refuse(router, parts, id, nowMs) : takeRpc(router, parts, peer, rpc)
}

function takeRpc(
  router: RouterInternals,
  parts: HookParts,
  peer: Libp2pPeerId,
  rpc: RPC,
  read?: FrameReader,
): Admission {
  parts.traffic.receivedControl(rpc)
  const nowMs = parts.clock.monotonicMs()
  const allowance = parts.intake.messages(textOf(peer), rpc.messages.length, nowMs)
  if (allowance === 'admitted' && !read?.(textOf(peer), rpc)) handle(router, parts, peer, rpc)
  return allowance
}

/**
 * A frame as a simulation carries it: the object itself, and the bytes that it would have with its
 * length prefix.
 */
export interface CarriedFrame {
  readonly rpc: RPC
  readonly bytes: number
}

/** Who hears of messages that were read without the router's own way of reading. */
export interface MessageSink {
  /** A message that is new here waits for its verdict. */
  first(from: string, id: string, message: DataMessage): void
  /** A copy of one that is known. */
  duplicate(from: string, id: string, message: DataMessage): void
}

/** A message that has data. */
export type DataMessage = RPC.Message & { readonly data: Uint8Array }

/**
 * Reads a frame in place of the router; false if the router must read it, and then nothing has been
 * done.
 */
export type FrameReader = (from: string, rpc: RPC) => boolean

/** A frame that was carried without bytes, weighed and handled like any other. */
export function takeCarried(
  router: RouterInternals,
  parts: HookParts,
  peer: Libp2pPeerId,
  { rpc, bytes }: CarriedFrame,
  read: FrameReader = () => false,
): void {
  const admission = parts.intake.frame(textOf(peer), bytes, parts.clock.monotonicMs())
  parts.traffic.receivedFrame(bytes)
  const outcome = admission === 'admitted' ? takeRpc(router, parts, peer, rpc, read) : admission
  if (outcome === 'dropped') parts.traffic.counters.droppedFrames++
  else if (outcome !== 'admitted') parts.onOffence(textOf(peer), outcome)
}

function decoded(router: RouterInternals, bytes: Uint8Array): RPC | undefined {
  try {
    const rpc = router.decodeRpc(bytes)
    router.metrics?.onRpcRecv(rpc, bytes.length)
    return rpc
  } catch {
    return undefined
  }
}

function refuse(router: RouterInternals, parts: HookParts, id: PeerId, nowMs: number): Admission {
  router.metrics?.onRpcDataError()
  parts.traffic.counters.undecodableFrames++
  return parts.intake.garbage(id, nowMs)
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
