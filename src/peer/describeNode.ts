import type { RunningPeer } from './runningPeer.ts'

/** Who a node is and where it is reached: what it says of itself when it is ready. */
export function describeNode({
  node,
  network,
  rpc,
  metrics,
  keptIn,
}: RunningPeer): Readonly<Record<string, unknown>> {
  return {
    chainId: Number(node.chain.chainId),
    genesisHash: node.chain.genesis.hash,
    pid: process.pid,
    peerId: network.self,
    multiaddrs: network.addresses(),
    rpcUrl: rpc?.url ?? null,
    metricsUrl: metrics?.url ?? null,
    dataDir: keptIn ?? null,
  }
}
