import type { PeerPort } from '../instrument/port.ts'
import type { RpcClient } from '../rpc/client/rpcClient.ts'
import type { PeerProcess } from './peerProcess.ts'

/** One peer of a devnet: its process, its JSON-RPC, and what the instrument sees of it. */
export interface Peer {
  readonly process: PeerProcess
  readonly rpc: RpcClient
  readonly port: PeerPort
}

/** The peer of this index. Throws an Error that says that it has not been started. */
export function peerOf(peers: readonly Peer[], index: number): Peer {
  const peer = peers.find(({ process }) => process.info.index === index)
  if (peer === undefined) throw new Error(`peer ${index} has not been started`)
  return peer
}
