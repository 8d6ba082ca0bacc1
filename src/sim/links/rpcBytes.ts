/** How long a gossipsub RPC is as protocol buffers have it, computed instead of encoded. */
import type { RPC } from '../../p2p/router/routerInternals.ts'

/** Bytes of the RPC without a length prefix. */
export function rpcBytes(rpc: RPC): number {
  let bytes = 0
  for (const { topic = '', subscribe } of rpc.subscriptions)
    bytes += field((subscribe === undefined ? 0 : 2) + field(topic.length))
  for (const message of rpc.messages) bytes += field(messageBytes(message))
  if (rpc.control !== undefined) bytes += field(controlBytes(rpc.control))
  return bytes
}

/** The same with its length prefix. */
export function frameBytes(rpc: RPC): number {
  const bytes = rpcBytes(rpc)
  return bytes + varintBytes(bytes)
}

/** Bytes of the varint that carries `value`. */
export function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes++
  return bytes
}

/** A field with a length before it; its tag is one byte. */
function field(length: number): number {
  return 1 + varintBytes(length) + length
}

function messageBytes({ data, topic, from, seqno, signature, key }: RPC.Message): number {
  let bytes = topic === '' ? 0 : field(topic.length)
  for (const part of [data, from, seqno, signature, key])
    if (part !== undefined) bytes += field(part.length)
  return bytes
}

function controlBytes(control: RPC.ControlMessage): number {
  let bytes = 0
  for (const { topicID, messageIDs } of control.ihave)
    bytes += field(optionalText(topicID) + idsBytes(messageIDs))
  for (const { messageIDs } of control.iwant) bytes += field(idsBytes(messageIDs))
  for (const { topicID } of control.graft) bytes += field(optionalText(topicID))
  for (const { topicID, backoff } of control.prune)
    bytes += field(optionalText(topicID) + (backoff === undefined ? 0 : 1 + varintBytes(backoff)))
  for (const { messageIDs } of control.idontwant) bytes += field(idsBytes(messageIDs))
  return bytes
}

function optionalText(text: string | undefined): number {
  return text === undefined ? 0 : field(text.length)
}

function idsBytes(ids: readonly Uint8Array[]): number {
  let bytes = 0
  for (const id of ids) bytes += field(id.length)
  return bytes
}
