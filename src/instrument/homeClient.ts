import type { Devnet, Peer } from '../devnet/devnet.ts'
import { RpcError, type RpcClient } from '../rpc/client/rpcClient.ts'

/** The word of a refusal that says that the node has the transaction. */
const KNOWN = 'known'

/**
 * Hands transactions to one node of a devnet, as it is when it is called: it may have been started again, or later.
 * While it does not answer, the next one that runs is asked, as a wallet with several nodes does: a transaction that is
 * lost would hold up all those of its sender.
 */
export function homeClient(devnet: Devnet, node: number): RpcClient {
  return {
    get url() {
      return peerAt(devnet, node)?.rpc.url ?? `peer ${node}`
    },
    call: async (method, params) => {
      let failure: unknown = new Error(`peer ${node} does not run`)
      let isFirst = true
      for (const { rpc } of inTurn(devnet, node)) {
        try {
          return await rpc.call(method, params)
        } catch (error) {
          if (error instanceof RpcError && !isFirst && error.reason === KNOWN) return undefined
          if (error instanceof RpcError) throw error
          failure = error
          isFirst = false
        }
      }
      throw failure
    },
  }
}

/** Peers that run, from this one on. */
function inTurn(devnet: Devnet, node: number): readonly Peer[] {
  const running = devnet.peers.filter(({ process }) => process.isRunning())
  const from = running.filter(({ process }) => process.info.index >= node)
  const before = running.filter(({ process }) => process.info.index < node)
  return [...from, ...before]
}

function peerAt(devnet: Devnet, node: number): Peer | undefined {
  return devnet.peers.find(({ process }) => process.info.index === node)
}
