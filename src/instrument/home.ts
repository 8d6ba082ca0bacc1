import type { NetworkPort, PeerPort } from './port.ts'
import type { TxTarget } from './workload.ts'

/** The word of a refusal that says that the node has the transaction. */
const KNOWN = 'known'

/**
 * Hands transactions to one node of a network, as it is when it is asked: it may have been started
 * again, or later. While it does not answer, the next one that runs is asked, as a wallet with
 * several nodes does: a transaction that is lost would hold up all those of its sender.
 */
export function homeOf(network: Pick<NetworkPort, 'peers'>, node: number): TxTarget {
  return {
    get name() {
      return network.peers.find(({ index }) => index === node)?.name ?? `peer ${node}`
    },
    submit: async (raw) => {
      let failure: unknown = new Error(`peer ${node} does not run`)
      let isFirst = true
      for (const peer of inTurn(network, node)) {
        try {
          const answer = await peer.submit(raw)
          const isKnown = !answer.isAccepted && answer.reason === KNOWN
          return isKnown && !isFirst ? { isAccepted: true } : answer
        } catch (error) {
          failure = error
          isFirst = false
        }
      }
      throw failure
    },
  }
}

/** Peers that run, from this one on. */
function inTurn({ peers }: Pick<NetworkPort, 'peers'>, node: number): readonly PeerPort[] {
  const running = peers.filter((peer) => peer.isRunning())
  return [
    ...running.filter(({ index }) => index >= node),
    ...running.filter(({ index }) => index < node),
  ]
}
