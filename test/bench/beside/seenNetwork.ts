import type { RpcClient } from '../../../src/rpc/client/rpcClient.ts'

/** A network of Ethereum nodes, of whatever program, as it is seen from outside. */
export interface SeenNetwork {
  readonly name: string
  readonly pids: readonly number[]
  readonly clients: readonly RpcClient[]
  readonly wsUrls: readonly string[]
}
