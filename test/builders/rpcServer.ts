/** A JSON-RPC server for tests, and clients that can send what no library would. */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import { systemClock } from '../../src/lib/clock.ts'
import {
  startRpcServer,
  type RpcServer,
  type RpcServerOptions,
} from '../../src/rpc/server/server.ts'
import { rpcNode, type RpcAnswer, type RpcNode, type RpcNodeOptions } from './rpc.ts'

export const CHAIN_ID_CALL = { jsonrpc: '2.0', id: 1, method: 'eth_chainId' }
export const JSON_TYPE: Readonly<Record<string, string>> = { 'content-type': 'application/json' }

/** For `expect.poll`: how long to wait on a busy machine. */
export const PATIENT = { timeout: 10_000 } as const

export interface TestServer {
  readonly node: RpcNode
  readonly server: RpcServer
}

const open = new Set<RpcServer>()
const clients = new Set<WsClient>()

/** A node on the system's clock, served on a free port of loopback. */
export async function serve(
  options: Partial<RpcServerOptions> = {},
  nodeOptions: RpcNodeOptions = {},
): Promise<TestServer> {
  const node = rpcNode({
    ...nodeOptions,
    context: { clock: systemClock, ...nodeOptions.context },
  })
  return serveNode(node, options)
}

/** A given node, served likewise. */
export async function serveNode(
  node: RpcNode,
  options: Partial<RpcServerOptions> = {},
): Promise<TestServer> {
  const server = await startRpcServer(node.context, { port: 0, ...options })
  open.add(server)
  return { node, server }
}

/** Ends all servers and clients; for `afterEach`. */
export async function closeServers(): Promise<void> {
  for (const client of clients) client.socket.terminate()
  clients.clear()
  for (const server of open) await server.close()
  open.clear()
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

export interface HttpOptions {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A request as written: fetch would correct or refuse half of what tests send. */
export function send(
  { url }: RpcServer,
  body: string | Uint8Array,
  { method = 'POST', path = '/', headers = JSON_TYPE }: HttpOptions = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${url}${path}`, { method, headers }, (response) => {
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

/** A WebSocket client that keeps what it is sent. */
export class WsClient {
  readonly socket: WebSocket
  readonly messages: RpcAnswer[] = []
  close: { code: number; reason: string } | undefined
  #lastId = 0
  readonly #waiting = new Map<unknown, (answer: RpcAnswer) => void>()

  private constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.socket = new WebSocket(url, { headers })
    this.socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as RpcAnswer
      this.messages.push(message)
      this.#waiting.get(message.id)?.(message)
    })
    this.socket.on('close', (code, reason) => {
      this.close = { code, reason: reason.toString() }
    })
    this.socket.on('error', () => {})
    clients.add(this)
  }

  /** Rejects where the server refuses the upgrade. */
  static async open(
    { wsUrl }: RpcServer,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<WsClient> {
    const client = new WsClient(wsUrl, headers)
    await new Promise<void>((resolve, reject) => {
      client.socket.once('open', resolve)
      client.socket.once('error', reject)
    })
    return client
  }

  ask(method: string, ...params: unknown[]): Promise<RpcAnswer> {
    const id = ++this.#lastId
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    return new Promise((resolve) => this.#waiting.set(id, resolve))
  }

  /** Results of the notifications of a subscription so far. */
  notified(subscription: unknown): unknown[] {
    return this.messages
      .map((message) => (message as { params?: { subscription: string; result: unknown } }).params)
      .filter((params) => params?.subscription === subscription)
      .map((params) => params?.result)
  }
}
