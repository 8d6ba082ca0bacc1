/**
 * All methods in one table: the server, `rpc_modules`, `rpc_methods` and the documentation are made
 * from it.
 */
import type { RpcContext } from './context.ts'
import type { Json, JsonObject } from './server/json.ts'
import { defineMethod, RPC_GROUPS, type RpcMethod } from './method.ts'
import { adminMethods } from './methods/admin.ts'
import { adminFaultMethods } from './methods/adminFaults.ts'
import { cliqueMethods } from './methods/clique.ts'
import { debugMethods } from './methods/debug.ts'
import { ethBlockMethods } from './methods/ethBlocks.ts'
import { ethConfigMethods } from './methods/ethConfig.ts'
import { ethFeeMethods } from './methods/ethFees.ts'
import { ethFilterMethods } from './methods/ethFilters.ts'
import { ethNodeMethods } from './methods/ethNode.ts'
import { ethProofMethods } from './methods/ethProofs.ts'
import { ethSimulateMethods } from './methods/ethSimulate.ts'
import { ethStateMethods } from './methods/ethState.ts'
import { ethSubmitMethods } from './methods/ethSubmit.ts'
import { ethSubscriptionMethods } from './methods/ethSubscriptions.ts'
import { ethTransactionMethods } from './methods/ethTransactions.ts'
import { finalityMethods } from './methods/finality.ts'
import { gossipMethods } from './methods/gossip.ts'
import { gossipAggregateMethods } from './methods/gossipAggregate.ts'
import { gossipFindMethods } from './methods/gossipFind.ts'
import { gossipMemberMethods } from './methods/gossipMembers.ts'
import { netMethods } from './methods/net.ts'
import { txpoolMethods } from './methods/txpool.ts'
import { web3Methods } from './methods/web3.ts'
import { openRpcDocument } from './openRpc.ts'

const rpcMethods = [
  defineMethod({
    name: 'rpc_modules',
    params: [],
    result: 'object of group and version',
    summary: 'The groups of methods that this node serves.',
    handler: ({ node }) => modulesJson(node),
  }),
  defineMethod({
    name: 'rpc_methods',
    params: [],
    result: 'list of objects with name, params, result and summary',
    summary: 'The methods that this node serves, with what they take and answer.',
    handler: ({ node }) => [...servedMethods(node).values()].map(methodJson),
  }),
  defineMethod({
    name: 'rpc.discover',
    params: [],
    result: 'object: an OpenRPC document',
    summary:
      'The methods that this node serves, as OpenRPC: for tools that make clients or pages of it.',
    handler: ({ node }) =>
      openRpcDocument([...servedMethods(node).values()], versionIn(node.clientVersion)),
  }),
]

const METHODS: readonly RpcMethod[] = [
  ...ethNodeMethods,
  ...ethConfigMethods,
  ...ethFeeMethods,
  ...ethStateMethods,
  ...ethProofMethods,
  ...ethSimulateMethods,
  ...ethSubmitMethods,
  ...ethTransactionMethods,
  ...ethBlockMethods,
  ...ethFilterMethods,
  ...ethSubscriptionMethods,
  ...netMethods,
  ...web3Methods,
  ...txpoolMethods,
  ...debugMethods,
  ...cliqueMethods,
  ...adminMethods,
  ...adminFaultMethods,
  ...gossipMethods,
  ...gossipMemberMethods,
  ...finalityMethods,
  ...gossipAggregateMethods,
  ...gossipFindMethods,
  ...rpcMethods,
]

/** Every method there is, whether or not a node serves it. */
export function methodTable(): readonly RpcMethod[] {
  return METHODS
}

/** The methods that a node serves, by name: all but admin_, unless it was asked for. */
export function servedMethods({ adminEnabled }: RpcContext): ReadonlyMap<string, RpcMethod> {
  const served = METHODS.filter(({ group }) => group !== 'admin' || adminEnabled)
  return new Map(served.map((method) => [method.name, method]))
}

/** Of `grapevine/v0.1.0/linux-x64/node20`. */
function versionIn(clientVersion: string): string {
  return clientVersion.split('/')[1]?.replace(/^v/, '') ?? clientVersion
}

function modulesJson(node: RpcContext): JsonObject {
  const groups = new Set([...servedMethods(node).values()].map(({ group }) => group))
  return Object.fromEntries(
    RPC_GROUPS.filter((group) => groups.has(group)).map((group) => [group, '1.0']),
  )
}

function methodJson({ name, params, result, summary }: RpcMethod): Json {
  return {
    name,
    params: params.map(({ name, type, optional }) => ({ name, type, optional })),
    result,
    summary,
  }
}
