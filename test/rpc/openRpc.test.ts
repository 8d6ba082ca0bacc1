import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { methodTable, servedMethods } from '../../src/rpc/methodTable.ts'
import { openRpcDocument } from '../../src/rpc/openRpc.ts'
import type { JsonObject } from '../../src/rpc/server/json.ts'
import { rpcCaller, rpcNode } from '../builders/rpc.ts'

/**
 * The schema of OpenRPC documents, of which references to the schema of schemas are taken as met.
 */
const metaSchema = z.fromJSONSchema(
  JSON.parse(
    readFileSync(new URL('../vectors/openrpc/schema.json', import.meta.url), 'utf8'),
    withoutForeignRefs,
  ) as Parameters<typeof z.fromJSONSchema>[0],
)

function withoutForeignRefs(name: string, value: unknown): unknown {
  if (name === '$schema' && typeof value === 'string')
    return 'http://json-schema.org/draft-07/schema#'
  if (typeof value !== 'object' || value === null || !('$ref' in value)) return value
  return String(value.$ref).startsWith('https:') ? {} : value
}

interface Discovered {
  readonly info: { readonly version: string }
  readonly methods: readonly {
    readonly name: string
    readonly params: readonly { readonly name: string; readonly schema: JsonObject }[]
    readonly result: { readonly schema: JsonObject }
  }[]
}

test('the document of all methods is one by the schema of OpenRPC', () => {
  const document = openRpcDocument(methodTable(), '1.2.3')
  expect(metaSchema.safeParse(document).error).toBeUndefined()
})

test('the schema of OpenRPC refuses what is none', () => {
  const document = openRpcDocument(methodTable(), '1.2.3')
  for (const wrong of [{ openrpc: '9' }, { methods: [{ name: 'a' }] }, { stranger: 1 }])
    expect(metaSchema.safeParse({ ...document, ...wrong }).success).toBe(false)
})

test('rpc.discover describes what the node serves, by the version that it has', async () => {
  const node = rpcNode({ context: { clientVersion: 'grapevine/v9.8.7/linux-x64/node20.20.2' } })
  const { methods, info } = (await rpcCaller(node).result('rpc.discover')) as Discovered
  expect(methods.map(({ name }) => name)).toEqual([...servedMethods(node.context).keys()])
  expect(info.version).toBe('9.8.7')
})

test('the schemas of parameters and results are schemas', () => {
  const { methods } = openRpcDocument(methodTable(), '1.2.3') as unknown as Discovered
  for (const { params, result } of methods)
    for (const { schema } of [...params, result])
      expect(() => z.fromJSONSchema(schema)).not.toThrow()
})

test('what a node answers keeps to the schema of the result', async () => {
  const node = rpcNode()
  const caller = rpcCaller(node)
  const { methods } = (await caller.result('rpc.discover')) as Discovered
  const asked = ['eth_blockNumber', 'eth_chainId', 'eth_gasPrice', 'eth_syncing', 'net_version']
  for (const name of asked) {
    const schema = methods.find((method) => method.name === name)?.result.schema ?? {}
    const form = z.fromJSONSchema(schema)
    expect({ name, error: form.safeParse(await caller.result(name)).error }).toEqual({ name })
  }
})
