import { expect, test } from 'vitest'
import { methodTable, servedMethods } from '../../src/rpc/methodTable.ts'
import { RPC_GROUPS } from '../../src/rpc/method.ts'
import { rpcCaller, rpcNode } from '../builders/rpc.ts'

test('names every method once and says what it takes, answers and is for', () => {
  const names = methodTable().map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const { name, group, summary, result, params } of methodTable()) {
    expect(name.split(/[_.]/)[0]).toBe(group)
    expect(summary).toMatch(/\.$/)
    expect(result).not.toBe('')
    expect(new Set(params.map((param) => param.name)).size).toBe(params.length)
    const firstOptional = params.findIndex((param) => param.optional)
    const tail = firstOptional === -1 ? [] : params.slice(firstOptional)
    expect(tail.every((param) => param.optional)).toBe(true)
  }
})

test('serves the admin methods only where they were asked for', async () => {
  const closed = rpcCaller(rpcNode())
  expect(await closed.error('admin_peers')).toEqual({
    code: -32601,
    message: 'the method admin_peers does not exist/is not available',
  })
  expect(await closed.result('rpc_modules')).not.toHaveProperty('admin')
  const open = rpcCaller(rpcNode({ context: { adminEnabled: true } }))
  expect(Object.keys((await open.result('rpc_modules')) as object)).toEqual(RPC_GROUPS)
  expect(await open.result('admin_peers')).toEqual([
    { id: 'peer-1', network: { remoteAddress: '/ip4/127.0.0.1/tcp/9001', inbound: true } },
  ])
})

test('describes over JSON-RPC what it serves', async () => {
  const node = rpcNode()
  const described = (await rpcCaller(node).result('rpc_methods')) as { name: string }[]
  expect(described.map(({ name }) => name)).toEqual([...servedMethods(node.context).keys()])
  expect(described.find(({ name }) => name === 'eth_getBalance')).toMatchObject({
    params: [
      { name: 'address', type: 'address (20 bytes)', optional: false },
      { name: 'block', optional: true },
    ],
    result: 'quantity, wei',
  })
})
