/**
 * Delivery without bytes: the router hands an RPC to the wire as the object that it is. Two methods
 * of the router's class are replaced by what they do, less the encoding; receivers share the object
 * and nobody changes it. The trace of a run is the same with bytes (test/sim/shortcuts.suite.ts).
 */
import { frameOf } from './messageFrames.ts'
import { frameBytes } from './rpcBytes.ts'
import type { SimRouter } from './routerAccess.ts'
import { Wire } from './machine.ts'
import type { RPC } from '../../p2p/router/routerInternals.ts'

/** What takes the place of the methods of the class. */
export const deliveryMethods = { sendRpc: sendOne, sendRpcInBatch: sendToAll }

function sendOne(this: SimRouter, to: string, rpc: RPC): boolean {
  const wire = this.streamsOutbound.get(to)
  if (!(wire instanceof Wire)) return false
  const control = this.control.get(to)
  if (control !== undefined) {
    this.piggybackControl(to, rpc, control)
    this.control.delete(to)
  }
  const gossip = this.gossip.get(to)
  if (gossip !== undefined) {
    this.piggybackGossip(to, rpc, gossip)
    this.gossip.delete(to)
  }
  send(wire, rpc)
  tellOfMesh(this, to, rpc)
  return true
}

/** Most frames carry one message, and there is one such frame for all. */
function send(wire: Wire, rpc: RPC): void {
  const { messages, subscriptions, control } = rpc
  const [message] = messages
  const isAlone = messages.length === 1 && subscriptions.length === 0 && control === undefined
  if (message === undefined || !isAlone) wire.sendRpc(rpc, frameBytes(rpc))
  else {
    const shared = frameOf(message)
    wire.sendRpc(shared.rpc, shared.bytes)
  }
}

function sendToAll(this: SimRouter, to: Set<string>, rpc: RPC): void {
  const bytes = frameBytes(rpc)
  for (const peer of to) {
    const wire = this.streamsOutbound.get(peer)
    if (wire instanceof Wire) wire.sendRpc(rpc, bytes)
    else to.delete(peer)
  }
}

function tellOfMesh(router: SimRouter, peerId: string, { control }: RPC): void {
  for (const { topicID } of control?.graft ?? [])
    router.safeDispatchEvent('gossipsub:graft', {
      detail: { peerId, topic: topicID, direction: 'outbound' },
    })
  for (const { topicID } of control?.prune ?? [])
    router.safeDispatchEvent('gossipsub:prune', {
      detail: { peerId, topic: topicID, direction: 'outbound' },
    })
}
