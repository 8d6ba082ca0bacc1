import { connect } from 'node:net'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Network } from '../../src/gossip/network.ts'
import { startMetricsServer } from '../../src/node/metricsServer.ts'
import type { RpcContext } from '../../src/rpc/context.ts'
import type { RpcServer } from '../../src/rpc/server/server.ts'
import { loneNetwork, type RpcNode } from '../builders/rpc.ts'
import {
  CHAIN_ID_CALL,
  closeServers,
  JSON_TYPE,
  send,
  serve,
  PATIENT,
} from '../builders/rpcServer.ts'

function alone(): Network {
  return { ...loneNetwork(), peers: () => [] }
}

let node: RpcNode
let server: RpcServer

beforeEach(async () => {
  ;({ node, server } = await serve())
})

afterEach(closeServers)

describe('HTTP', () => {
  test('answers a POST of JSON', async () => {
    const answer = await send(server, JSON.stringify(CHAIN_ID_CALL))
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json')
    expect(JSON.parse(answer.text)).toEqual({ jsonrpc: '2.0', id: 1, result: '0x539' })
  })

  test('repeats the id as it was written', async () => {
    const body = '{"jsonrpc":"2.0","id":1e400,"method":"eth_chainId"}'
    expect((await send(server, body)).text).toBe('{"jsonrpc":"2.0","id":1e400,"result":"0x539"}')
  })

  test('answers a notification with status 204 and no body', async () => {
    const answer = await send(server, '{"jsonrpc":"2.0","method":"eth_chainId"}')
    expect(answer).toMatchObject({ status: 204, text: '' })
  })

  test('answers what is not JSON in UTF-8 with a JSON-RPC error', async () => {
    for (const body of ['{', Uint8Array.of(0x22, 0xff, 0x22)]) {
      const answer = await send(server, body)
      expect(answer.status).toBe(200)
      expect(JSON.parse(answer.text)).toMatchObject({ id: null, error: { code: -32700 } })
    }
  })

  test.each([
    ['GET', '/other'],
    ['PUT', '/'],
    ['DELETE', '/'],
  ])('refuses %s %s with 405', async (method, path) => {
    expect((await send(server, '', { method, path })).status).toBe(405)
  })

  test('answers GET / with 200 and where to go', async () => {
    const answer = await send(server, '', { method: 'GET' })
    expect(answer).toMatchObject({
      status: 200,
      text: expect.stringContaining('by POST') as string,
    })
  })

  test('answers GET /health', async () => {
    const answer = await send(server, '', { method: 'GET', path: '/health' })
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text)).toEqual({ status: 'ok', head: 0, peers: 1, syncing: false })
  })

  const progress = { startingBlock: 0n, currentBlock: 1n, highestBlock: 9n }
  test.each<[string, Partial<RpcContext>, number, object]>([
    ['catches up', { syncStatus: () => progress }, 503, { status: 'syncing', syncing: true }],
    ['expects peers and has none', { network: alone() }, 503, { status: 'no-peers', peers: 0 }],
    ['is alone and meant to be', { network: alone(), expectsPeers: false }, 200, { status: 'ok' }],
  ])('answers GET /health of a node that %s', async (_, context, status, body) => {
    ;({ server } = await serve({}, { context }))
    const answer = await send(server, '', { method: 'GET', path: '/health' })
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.text)).toMatchObject(body)
  })

  test('says the same at the port of the metrics', async () => {
    const registry = new Registry()
    let isReady = false
    const health = () => ({ isReady, body: { status: isReady ? 'ok' : 'syncing' } })
    const metrics = await startMetricsServer({ registry, health }, { host: '127.0.0.1', port: 0 })
    const url = metrics.url.replace('/metrics', '/health')
    const before = await fetch(url)
    expect([before.status, await before.json()]).toEqual([503, { status: 'syncing' }])
    isReady = true
    const after = await fetch(url)
    expect([after.status, await after.json()]).toEqual([200, { status: 'ok' }])
    await metrics.close()
  })

  test.each([
    [{ 'content-type': 'text/plain' }],
    [{ 'content-type': 'application/x-www-form-urlencoded' }],
    [{}],
    [{ ...JSON_TYPE, 'content-encoding': 'gzip' }],
  ])('refuses the content %j with 415', async (headers: Record<string, string>) => {
    expect((await send(server, JSON.stringify(CHAIN_ID_CALL), { headers })).status).toBe(415)
  })

  test('takes a charset beside the content type', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    expect((await send(server, JSON.stringify(CHAIN_ID_CALL), { headers })).status).toBe(200)
  })

  test('takes 5 MiB and refuses a byte more with 413, announced or not', async () => {
    const limit = 5 * 1024 * 1024
    const full = JSON.stringify(CHAIN_ID_CALL).padEnd(limit)
    expect((await send(server, full)).status).toBe(200)
    expect((await send(server, `${full} `)).status).toBe(413)
    const chunked = { ...JSON_TYPE, 'transfer-encoding': 'chunked' }
    expect((await send(server, `${full} `, { headers: chunked })).status).toBe(413)
    expect((await send(server, JSON.stringify(CHAIN_ID_CALL))).status).toBe(200)
  })

  test('drops a client that leaves in the middle of its request', async () => {
    const { port } = server
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write('POST / HTTP/1.1\r\nhost: localhost\r\n')
        socket.write('content-type: application/json\r\ncontent-length: 100\r\n\r\n{"json')
        socket.destroy()
        resolve()
      })
    })
    const headers = { ...JSON_TYPE, connection: 'close' }
    expect((await send(server, JSON.stringify(CHAIN_ID_CALL), { headers })).status).toBe(200)
    await expect.poll(() => server.stats().connections, PATIENT).toBe(0)
    expect(node.errors).toEqual([])
  })

  test('counts calls and errors for the metrics', async () => {
    await send(
      server,
      JSON.stringify([CHAIN_ID_CALL, CHAIN_ID_CALL, { ...CHAIN_ID_CALL, method: 'no_such' }]),
    )
    expect(server.stats().calls).toEqual(
      new Map([
        ['eth_chainId', 2],
        ['unknown', 1],
      ]),
    )
    expect(server.stats().errors).toEqual(new Map([[-32601, 1]]))
  })
})
