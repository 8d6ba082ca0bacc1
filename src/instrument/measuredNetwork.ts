/** What the instrument needs of a network: it may have started it, or found it running. */
import type { Clock } from '../lib/clock.ts'
import type { Devnet } from '../devnet/devnet.ts'
import type { RpcClient } from '../rpc/client/rpcClient.ts'

export interface MeasuredPeer {
  readonly index: number
  readonly peerId: string
  readonly rpc: RpcClient
  /** Another one after a restart: what it had counted and kept in memory is gone. */
  readonly instance?: unknown
}

export interface MeasuredNetwork {
  /** Those there are now, by index. */
  readonly peers: readonly MeasuredPeer[]
  /** How many there are to be. */
  readonly nodes: number
  /** The clock of who measures: all times of a report are told on it. */
  readonly clock: Clock
}

/** A network of this machine, as it is measured. */
export function measuredDevnet(devnet: Devnet): MeasuredNetwork {
  return {
    get peers() {
      return devnet.peers.map(({ process: { info }, rpc }) => ({
        index: info.index,
        peerId: info.peerId,
        rpc,
        instance: info,
      }))
    },
    nodes: devnet.options.nodes,
    clock: devnet.options.clock,
  }
}
