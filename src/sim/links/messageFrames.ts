/** The frame that carries one message and nothing else: one object for the whole network. */
import type { RPC } from '../../p2p/router/routerInternals.ts'
import { frameBytes } from './rpcBytes.ts'

/** A frame, and the bytes that it would have with its length prefix. */
export interface Frame {
  readonly rpc: RPC
  readonly bytes: number
}

const frames = new WeakMap<RPC.Message, Frame>()

/** Receivers share it, and nobody changes it. */
export function frameOf(message: RPC.Message): Frame {
  const known = frames.get(message)
  if (known !== undefined) return known
  const rpc: RPC = { subscriptions: [], messages: [message] }
  const frame = { rpc, bytes: frameBytes(rpc) }
  frames.set(message, frame)
  return frame
}
