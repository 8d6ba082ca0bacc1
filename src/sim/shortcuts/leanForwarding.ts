/**
 * Forwarding without a frame for each peer: while nothing waits to be sent along, the frames that
 * carry a message are all the same, so one is made for the whole network. Announcements (IHAVE) of
 * one heartbeat share theirs too.
 */
import { Wire } from '../links/machine.ts'
import { frameOf } from '../links/messageFrames.ts'
import type { RPC } from '../../p2p/router/routerInternals.ts'
import type { InnerRouter } from './innerRouter.ts'

/**
 * What takes the place of the router's method, which is given. Routers that hook sending keep their
 * own way.
 */
export function leanForwardingMethods({
  forwardMessage,
}: InnerRouter): Readonly<Record<string, unknown>> {
  return {
    forwardMessage(
      this: InnerRouter,
      id: string,
      message: RPC.Message,
      sender: string | undefined,
      earlier: ReadonlySet<string> | undefined,
    ): void {
      if (isOrdinary(this)) forward(this, id, message, sender, earlier)
      else forwardMessage.call(this, id, message, sender, earlier)
    },
  }
}

function isOrdinary(router: InnerRouter): boolean {
  return (
    router.control.size === 0 &&
    router.gossip.size === 0 &&
    router.direct.size === 0 &&
    router.floodsubPeers.size === 0 &&
    !Object.hasOwn(router, 'sendRpc')
  )
}

function forward(
  router: InnerRouter,
  id: string,
  message: RPC.Message,
  sender: string | undefined,
  earlier: ReadonlySet<string> | undefined,
): void {
  const { topic } = message
  if (sender !== undefined) router.score.deliverMessage(sender, id, topic)
  const { rpc, bytes } = frameOf(message)
  for (const peer of router.mesh.get(topic) ?? []) {
    if (peer === sender || earlier?.has(peer)) continue
    if (router.idontwants.get(peer)?.has(id)) continue
    const wire = router.streamsOutbound.get(peer)
    if (wire instanceof Wire) wire.sendRpc(rpc, bytes)
  }
}
