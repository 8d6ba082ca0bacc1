/**
 * A router that breaks gossipsub's word on purpose, to rehearse hostile nodes. It stands around
 * `sendRpc`, and only in a node that may be made to fail: the router of any other node knows
 * nothing of it.
 */
import type { MessageIds } from './messageIds.ts'
import type { RouterInternals, RPC } from './routerInternals.ts'

/** A message as it is sent. */
export interface OutgoingMessage {
  readonly topic: string
  readonly data: Uint8Array
}

/** The switch by which a router is made to misbehave. */
export class RouterFaults {
  #router: RouterInternals | undefined
  #withholds = false

  /** Called once; by the list of hooks, around all others. */
  attach(router: RouterInternals, ids: MessageIds): void {
    const send = router.sendRpc.bind(router)
    router.sendRpc = (to, rpc) => {
      if (!this.#withholds || rpc.messages.length === 0) return send(to, rpc)
      const rest = withoutMessages(rpc, ids)
      return rest === undefined || send(to, rest)
    }
    this.#router = router
  }

  /**
   * From now on, whether copies are kept back: who would be forwarded a message is told instead
   * that we have it (IHAVE), and who asks for it (IWANT) gets no answer. Own messages are published
   * as ever.
   */
  withhold(isOn: boolean): void {
    this.#withholds = isOn
  }

  /** Sends these to every neighbour, known to it or not; to nobody before there is a router. */
  sendCopies(copies: readonly OutgoingMessage[]): void {
    const router = this.#router
    if (router === undefined || copies.length === 0) return
    for (const peer of router.peers.keys())
      router.sendRpc(peer, { subscriptions: [], messages: [...copies] })
  }
}

/**
 * A forwarded message has no control part, an answer to IWANT has one. `undefined` where nothing is
 * left to send.
 */
function withoutMessages({ messages, ...rpc }: RPC, ids: MessageIds): RPC | undefined {
  if (rpc.control === undefined)
    return { ...rpc, messages: [], control: announcement(messages, ids) }
  const isEmpty = Object.values(rpc.control).every((list) => list.length === 0)
  return isEmpty ? undefined : { ...rpc, messages: [] }
}

function announcement(messages: readonly RPC.Message[], ids: MessageIds): RPC.ControlMessage {
  const ihave = messages.map(({ topic, data }) => ({
    topicID: topic,
    messageIDs: [ids.of(topic, data ?? new Uint8Array(0))],
  }))
  return { ihave, iwant: [], graft: [], prune: [], idontwant: [] }
}
