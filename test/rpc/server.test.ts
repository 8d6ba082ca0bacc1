import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { systemClock } from '../../src/lib/clock.ts'
import { startRpcServer, type RpcServer, type RpcServerOptions } from '../../src/rpc/server.ts'
import { rpcNode, type RpcAnswer, type RpcNode } from '../builders/rpc.ts'
import { signedTransfer } from '../builders/tx.ts'

const CHAIN_ID = { jsonrpc: '2.0', id: 1, method: 'eth_chainId' }
const JSON_TYPE = { 'content-type': 'application/json' }

let node: RpcNode
let server: RpcServer

async function start(options: Partial<RpcServerOptions> = {}): Promise<void> {
  await server?.close()
  server = await startRpcServer(node.context, { port: 0, ...options })
}

beforeEach(async () => {
  node = rpcNode({ context: { clock: systemClock } })
  await start()
})

afterEach(async () => {
  await server.close()
})

interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

/** A request as written: fetch would correct or refuse half of what is sent here. */
function send(
  body: string | Uint8Array,
  { method = 'POST', path = '/', headers = JSON_TYPE as Record<string, string> } = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${server.url}${path}`, { method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => (text += part))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

describe('HTTP', () => {
  test('answers a POST of JSON', async () => {
    const answer = await send(JSON.stringify(CHAIN_ID))
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json')
    expect(JSON.parse(answer.text)).toEqual({ jsonrpc: '2.0', id: 1, result: '0x539' })
  })

  test('answers a notification with status 204 and no body', async () => {
    const answer = await send('{"jsonrpc":"2.0","method":"eth_chainId"}')
    expect(answer).toMatchObject({ status: 204, text: '' })
  })

  test('answers what is not JSON in UTF-8 with a JSON-RPC error', async () => {
    for (const body of ['{', Uint8Array.of(0x22, 0xff, 0x22)]) {
      const answer = await send(body)
      expect(answer.status).toBe(200)
      expect(JSON.parse(answer.text)).toMatchObject({ id: null, error: { code: -32700 } })
    }
  })

  test.each(['GET', 'PUT', 'DELETE'])('refuses %s with 405', async (method) => {
    expect((await send('', { method })).status).toBe(405)
  })

  test('answers GET /health', async () => {
    const answer = await send('', { method: 'GET', path: '/health' })
    expect(JSON.parse(answer.text)).toEqual({ status: 'ok', head: 0, peers: 1, syncing: false })
  })

  test.each([
    [{ 'content-type': 'text/plain' }],
    [{ 'content-type': 'application/x-www-form-urlencoded' }],
    [{}],
    [{ ...JSON_TYPE, 'content-encoding': 'gzip' }],
  ])('refuses the content %j with 415', async (headers: Record<string, string>) => {
    expect((await send(JSON.stringify(CHAIN_ID), { headers })).status).toBe(415)
  })

  test('takes a charset beside the content type', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    expect((await send(JSON.stringify(CHAIN_ID), { headers })).status).toBe(200)
  })

  test('takes 5 MiB and refuses a byte more with 413, announced or not', async () => {
    const limit = 5 * 1024 * 1024
    const full = JSON.stringify(CHAIN_ID).padEnd(limit)
    expect((await send(full)).status).toBe(200)
    expect((await send(`${full} `)).status).toBe(413)
    const chunked = { ...JSON_TYPE, 'transfer-encoding': 'chunked' }
    expect((await send(`${full} `, { headers: chunked })).status).toBe(413)
    expect((await send(JSON.stringify(CHAIN_ID))).status).toBe(200)
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
    expect((await send(JSON.stringify(CHAIN_ID), { headers })).status).toBe(200)
    await expect.poll(() => server.stats().connections).toBe(0)
    expect(node.errors).toEqual([])
  })

  test('counts calls and errors for the metrics', async () => {
    await send(JSON.stringify([CHAIN_ID, CHAIN_ID, { ...CHAIN_ID, method: 'no_such' }]))
    expect(server.stats().calls).toEqual(
      new Map([
        ['eth_chainId', 2],
        ['unknown', 1],
      ]),
    )
    expect(server.stats().errors).toEqual(new Map([[-32601, 1]]))
  })
})

describe('who may call', () => {
  const as = (headers: Record<string, string>) =>
    send(JSON.stringify(CHAIN_ID), { headers: { ...JSON_TYPE, ...headers } })

  test.each(['localhost', 'localhost:8545', '127.0.0.1:1', '[::1]:8545', 'LocalHost', '10.0.0.7'])(
    'answers to the host %s',
    async (host) => expect((await as({ host })).status).toBe(200),
  )

  test.each(['evil.example', 'localhost.evil.example:8545', '127.0.0.1.evil.example', '[evil]'])(
    'refuses the host "%s", to which a page of the same name could be rebound',
    async (host) => {
      expect((await as({ host })).status).toBe(403)
      expect(server.stats().refusedConnections).toBe(1)
    },
  )

  test('answers to configured hosts', async () => {
    await start({ hosts: ['grapevine.local'] })
    expect((await as({ host: 'grapevine.local:1' })).status).toBe(200)
    expect((await as({ host: 'other.local' })).status).toBe(403)
    await start({ hosts: ['*'] })
    expect((await as({ host: 'other.local' })).status).toBe(200)
  })

  test('refuses web pages, but not wallets in the browser', async () => {
    expect((await as({ origin: 'https://evil.example' })).status).toBe(403)
    expect((await as({ origin: 'null' })).status).toBe(403)
    expect((await as({ origin: 'chrome-extension://abcdef' })).status).toBe(200)
    const preflight = await send('', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBe(403)
  })

  test('lets configured web pages call', async () => {
    await start({ origins: ['http://localhost:3000'] })
    const origin = 'http://localhost:3000'
    const preflight = await send('', { method: 'OPTIONS', headers: { origin } })
    expect(preflight.status).toBe(204)
    expect(preflight.headers['access-control-allow-origin']).toBe(origin)
    expect(preflight.headers['access-control-allow-headers']).toBe('content-type')
    const answer = await as({ origin })
    expect(answer.headers['access-control-allow-origin']).toBe(origin)
    expect((await as({ origin: 'http://localhost:3001' })).status).toBe(403)
  })
})

/** A WebSocket client that keeps what it is sent. */
class Client {
  readonly socket: WebSocket
  readonly messages: RpcAnswer[] = []
  close: { code: number; reason: string } | undefined

  constructor(headers: Record<string, string> = {}) {
    this.socket = new WebSocket(server.wsUrl, { headers })
    this.socket.on('message', (data: Buffer) => {
      this.messages.push(JSON.parse(data.toString()) as RpcAnswer)
    })
    this.socket.on('close', (code, reason) => {
      this.close = { code, reason: reason.toString() }
    })
    this.socket.on('error', () => {})
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.socket.once('open', resolve)
      this.socket.once('error', reject)
    })
    return this
  }

  async ask(method: string, ...params: unknown[]): Promise<RpcAnswer> {
    const id = `${method}-${this.messages.length}`
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    await expect.poll(() => this.messages.some((message) => message.id === id)).toBe(true)
    return this.messages.find((message) => message.id === id) as RpcAnswer
  }

  /** Results of the notifications of a subscription so far. */
  notified(subscription: unknown): unknown[] {
    return this.messages
      .map((message) => (message as { params?: { subscription: string; result: unknown } }).params)
      .filter((params) => params?.subscription === subscription)
      .map((params) => params?.result)
  }
}

describe('WebSocket', () => {
  test('answers requests, batches and nonsense on the port of HTTP', async () => {
    const client = await new Client().open()
    expect(await client.ask('eth_chainId')).toMatchObject({ result: '0x539' })
    client.socket.send(JSON.stringify([CHAIN_ID, { jsonrpc: '2.0', method: 'eth_chainId' }]))
    client.socket.send('{')
    client.socket.send(Uint8Array.of(0x22, 0xff))
    await expect.poll(() => client.messages.length).toBe(4)
    const codes = client.messages.map(({ error }) => error?.code)
    expect(codes.filter((code) => code === -32700)).toHaveLength(2)
    expect(client.messages.find(Array.isArray)).toMatchObject([{ id: 1, result: '0x539' }])
    client.socket.terminate()
  })

  test('refuses web pages and foreign hosts before the upgrade', async () => {
    await expect(new Client({ origin: 'https://evil.example' }).open()).rejects.toThrow('403')
    await expect(new Client({ host: 'evil.example' }).open()).rejects.toThrow('403')
    expect(server.stats()).toMatchObject({ webSockets: 0, refusedConnections: 2 })
    await start({ origins: ['https://good.example'] })
    const client = await new Client({ origin: 'https://good.example' }).open()
    client.socket.terminate()
  })

  test('closes a connection whose message is too large, and no other', async () => {
    const other = await new Client().open()
    const client = await new Client().open()
    client.socket.send('x'.repeat(5 * 1024 * 1024 + 1))
    await expect.poll(() => client.close?.code).toBe(1009)
    expect(await other.ask('eth_chainId')).toMatchObject({ result: '0x539' })
    other.socket.terminate()
  })

  test('tells subscribers of heads and of executable transactions', async () => {
    const client = await new Client().open()
    const heads = (await client.ask('eth_subscribe', 'newHeads')).result
    const hashes = (await client.ask('eth_subscribe', 'newPendingTransactions')).result
    const full = (await client.ask('eth_subscribe', 'newPendingTransactions', true)).result
    const logs = (await client.ask('eth_subscribe', 'logs', { address: [] })).result
    const [second, first] = [signedTransfer({ nonce: 1n }), signedTransfer()]
    await node.context.submit(second.raw)
    await node.context.submit(first.raw)
    const block = node.seal()
    await expect.poll(() => client.notified(heads).length).toBe(1)
    expect(client.notified(heads)[0]).toMatchObject({ hash: block.hash, number: '0x1' })
    expect(client.notified(hashes)).toEqual([first.hash, second.hash])
    expect(client.notified(full)[0]).toMatchObject({ hash: first.hash, blockHash: null })
    expect(client.notified(logs)).toEqual([])
    client.socket.terminate()
  })

  test('tells nothing after eth_unsubscribe, and knows only the connection’s own ids', async () => {
    const client = await new Client().open()
    const other = await new Client().open()
    const heads = (await client.ask('eth_subscribe', 'newHeads')).result
    expect(await other.ask('eth_unsubscribe', heads)).toMatchObject({ error: { code: -32000 } })
    expect(await client.ask('eth_unsubscribe', heads)).toMatchObject({ result: true })
    expect(await client.ask('eth_unsubscribe', heads)).toMatchObject({ error: { code: -32000 } })
    node.seal()
    expect(await client.ask('eth_blockNumber')).toMatchObject({ result: '0x1' })
    expect(client.notified(heads)).toEqual([])
    client.socket.terminate()
    other.socket.terminate()
  })

  test('tells of the begin and the end of syncing', async () => {
    let progress: ReturnType<typeof node.context.syncStatus>
    node = rpcNode({ context: { syncStatus: () => progress } })
    await start()
    const client = await new Client().open()
    const id = (await client.ask('eth_subscribe', 'syncing')).result
    progress = { startingBlock: 0n, currentBlock: 1n, highestBlock: 9n }
    node.clock.advance(1_000)
    progress = undefined
    node.clock.advance(1_000)
    await expect.poll(() => client.notified(id).length).toBe(2)
    expect(client.notified(id)).toEqual([
      { syncing: true, status: { startingBlock: '0x0', currentBlock: '0x1', highestBlock: '0x9' } },
      false,
    ])
    client.socket.terminate()
  })

  test('refuses unknown subscriptions, too many of them, and any over HTTP', async () => {
    await start({ limits: { maxSubscriptions: 1 } })
    const client = await new Client().open()
    expect(await client.ask('eth_subscribe', 'nothing')).toMatchObject({ error: { code: -32601 } })
    expect(await client.ask('eth_subscribe', 'logs', 7)).toMatchObject({ error: { code: -32602 } })
    await client.ask('eth_subscribe', 'newHeads')
    expect(await client.ask('eth_subscribe', 'newHeads')).toMatchObject({
      error: { data: { reason: 'too-many-subscriptions' } },
    })
    client.socket.terminate()
    const http = await send(
      '{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}',
    )
    expect(JSON.parse(http.text)).toMatchObject({ error: { code: -32601 } })
  })

  test('ends the connection of a client that does not read, and tells why in the log', async () => {
    await start({ limits: { maxBufferedBytes: 64 * 1024, closeGraceMs: 50 } })
    const lazy = await new Client().open()
    const call = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'rpc_methods' })
    lazy.socket.pause()
    const keepAsking = setInterval(() => {
      for (let i = 0; i < 200; i++) lazy.socket.send(call)
    }, 1)
    await expect.poll(() => server.stats().slowReaders, { timeout: 10_000 }).toBe(1)
    clearInterval(keepAsking)
    await expect.poll(() => server.stats().webSockets).toBe(0)
    lazy.socket.terminate()
    expect((await send(JSON.stringify(CHAIN_ID))).status).toBe(200)
  })

  test('does not read on from a client with too many calls under way', async () => {
    let open = 0
    let most = 0
    let finish: () => void = () => {}
    const finished = new Promise<void>((resolve) => (finish = resolve))
    const { submit } = node.context
    node = rpcNode({
      context: {
        clock: systemClock,
        submit: async (raw) => {
          most = Math.max(most, ++open)
          await finished
          open--
          return submit(raw)
        },
      },
    })
    await start({ limits: { maxInFlight: 4 } })
    const client = await new Client().open()
    for (let id = 0; id < 100; id++)
      client.socket.send(
        JSON.stringify({ jsonrpc: '2.0', id, method: 'eth_sendRawTransaction', params: ['0x00'] }),
      )
    await expect.poll(() => open).toBeGreaterThanOrEqual(4)
    finish()
    await expect.poll(() => client.messages.length).toBe(100)
    expect(most).toBeLessThan(100)
    client.socket.terminate()
  })

  test('ends a connection that answers no ping', async () => {
    node = rpcNode()
    await start()
    const client = await new Client().open()
    client.socket.removeAllListeners('ping')
    client.socket.pause()
    node.clock.advance(30_000)
    node.clock.advance(30_000)
    await expect.poll(() => server.stats().webSockets).toBe(0)
    client.socket.terminate()
  })
})

describe('the server', () => {
  test('turns away connections beyond its limit and takes new ones when others leave', async () => {
    await start({ limits: { maxConnections: 2 } })
    const clients = [await new Client().open(), await new Client().open()]
    await expect(new Client().open()).rejects.toThrow()
    expect(server.stats().refusedConnections).toBeGreaterThan(0)
    clients[0]?.socket.terminate()
    await expect.poll(() => server.stats().connections).toBe(1)
    expect((await send(JSON.stringify(CHAIN_ID))).status).toBe(200)
    clients[1]?.socket.terminate()
  })

  test('names the port and the flag when the port is taken', async () => {
    const squatter = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => squatter.once('listening', resolve))
    const { port } = squatter.address() as AddressInfo
    await expect(startRpcServer(node.context, { port })).rejects.toThrow(
      `JSON-RPC port ${port} on 127.0.0.1 is in use: choose another with --rpc-port, or 0 for a free one`,
    )
    await new Promise((resolve) => squatter.close(resolve))
  })

  test('names the flag when the address is none of this machine', async () => {
    await expect(startRpcServer(node.context, { port: 0, host: '203.0.113.1' })).rejects.toThrow(
      '--rpc-host',
    )
  })

  test('listens on loopback unless told otherwise', () => {
    expect(server).toMatchObject({
      host: '127.0.0.1',
      url: `http://127.0.0.1:${server.port}`,
      wsUrl: `ws://127.0.0.1:${server.port}`,
    })
  })

  test('closes at once with connections open, calls waiting and subscriptions alive', async () => {
    const client = await new Client().open()
    await client.ask('eth_subscribe', 'newHeads')
    const raw = `0x${Buffer.from(signedTransfer().raw).toString('hex')}`
    const waiting = send(
      JSON.stringify({ ...CHAIN_ID, method: 'eth_sendRawTransactionSync', params: [raw] }),
    )
    await expect.poll(() => node.mempool.pendingCount).toBe(1)
    const outcome = expect(waiting).rejects.toThrow()
    await server.close()
    await outcome
    await expect.poll(() => client.close?.code).toBe(1006)
    await expect(send('')).rejects.toThrow('ECONNREFUSED')
    node.seal()
    await server.close()
  })
})
