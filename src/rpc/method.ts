import type { RpcContext } from './context.ts'
import type { Filters } from './filters.ts'
import type { Json } from './server/json.ts'
import { readParams, type Param, type Values } from './params.ts'
import type { Subscriptions } from './subscriptions.ts'

/** The first part of a method's name; a module in the words of geth. */
export const RPC_GROUPS = [
  'eth',
  'net',
  'web3',
  'txpool',
  'debug',
  'clique',
  'admin',
  'gossip',
  'rpc',
] as const

/** The namespace of a method: what stands before its underscore. */
export type RpcGroup = (typeof RPC_GROUPS)[number]

/** What a handler may use. */
export interface RpcCall {
  readonly node: RpcContext
  readonly filters: Filters
  /** Aborts when the server closes: what waits must not keep it. */
  readonly closing: AbortSignal
  /** Only a WebSocket connection has any. */
  readonly subscriptions: Subscriptions | undefined
}

/** One method, described well enough to check its parameters and to write its documentation. */
export interface RpcMethod {
  readonly name: string
  readonly group: RpcGroup
  readonly params: readonly Param<unknown>[]
  /** What it answers, in a few words. */
  readonly result: string
  readonly summary: string
  /** Reads the parameters and answers; throws an RpcError where it cannot. */
  readonly invoke: (call: RpcCall, params: unknown) => Json | Promise<Json>
}

interface Definition<P extends readonly Param<unknown>[]> {
  /** OpenRPC has the one name with a dot. */
  readonly name: `${RpcGroup}_${string}` | 'rpc.discover'
  readonly params: P
  readonly result: string
  readonly summary: string
  readonly handler: (call: RpcCall, ...values: Values<P>) => Json | Promise<Json>
}

/** A method from its description; the handler gets the parameters read and typed. */
export function defineMethod<const P extends readonly Param<unknown>[]>(
  definition: Definition<P>,
): RpcMethod {
  const { name, params, result, summary, handler } = definition
  return {
    name,
    group: groupOf(name),
    params,
    result,
    summary,
    invoke: (call, given) => handler(call, ...readParams(params, given)),
  }
}

function groupOf(name: string): RpcGroup {
  const group = RPC_GROUPS.find((group) => name.split(/[_.]/)[0] === group)
  if (group === undefined) throw new Error(`the method ${name} belongs to no group`)
  return group
}
