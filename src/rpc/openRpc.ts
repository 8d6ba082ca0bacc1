/**
 * The table of methods as an OpenRPC document (spec.open-rpc.org, 1.3): what `rpc.discover`
 * answers.
 */
import type { RpcMethod } from './method.ts'
import type { Param } from './params.ts'
import { resultSchema } from './schemas.ts'
import type { Json, JsonObject } from './server/json.ts'

const OPENRPC_VERSION = '1.3.2'

/** @param version of the program. */
export function openRpcDocument(methods: readonly RpcMethod[], version: string): JsonObject {
  return {
    openrpc: OPENRPC_VERSION,
    info: {
      title: 'grapevine',
      description:
        'JSON-RPC of a grapevine node, over HTTP and WebSocket. Errors that have a stable reason carry it in data.reason.',
      license: { name: 'MIT' },
      version,
    },
    methods: methods.map(methodObject),
  }
}

function methodObject({ name, group, params, result, summary }: RpcMethod): Json {
  return {
    name,
    tags: [{ name: group }],
    summary,
    paramStructure: 'either',
    params: params.map(paramObject),
    result: { name: 'result', description: result, schema: resultSchema(result) },
  }
}

function paramObject({ name, type, optional, schema }: Param<unknown>): Json {
  return { name, description: type, required: !optional, schema }
}
