/** The JSON-RPC server: HTTP and WebSocket on one port of the loopback interface. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { messageOf } from '../../lib/assert.ts'
import { UserError } from '../../lib/userError.ts'
import { systemRandom, type Random } from '../../lib/random.ts'
import { listenForWeb } from '../webPort.ts'
import type { AccessRules } from './access.ts'
import type { RpcContext } from '../context.ts'
import { createDispatch, type Dispatch } from './dispatch.ts'
import { Filters } from '../filters.ts'
import { accessRefusal, createHttpHandler } from './http.ts'
import { healthOf } from './health.ts'
import { newRpcId } from './id.ts'
import { RPC_LIMITS, type RpcLimits } from '../limits.ts'
import { servedMethods } from '../methodTable.ts'
import { RpcCounters, type RpcStats } from '../stats.ts'
import type { Subscriptions } from '../subscriptions.ts'
import { WsConnection } from './ws.ts'

/** Where the server listens, and what it answers with. */
export interface RpcServerOptions extends Partial<AccessRules> {
  /** Address to listen on; loopback by default. */
  readonly host?: string
  /** 0 takes a free port. */
  readonly port: number
  readonly limits?: Partial<RpcLimits>
  /** For the ids of filters and subscriptions. */
  readonly random?: Random
}

/** The server while it runs. */
export interface RpcServer {
  readonly host: string
  readonly port: number
  /** Such as `http://127.0.0.1:8545`; the WebSocket is at the same address with `ws`. */
  readonly url: string
  readonly wsUrl: string
  stats(): RpcStats
  /** Ends all connections and frees the port. */
  close(): Promise<void>
}

/**
 * Starts to listen. Throws one clear Error if the port cannot be had; nothing is left behind then.
 */
export async function startRpcServer(
  context: RpcContext,
  options: RpcServerOptions,
): Promise<RpcServer> {
  const service = new RpcService(context, options)
  try {
    return await service.listen(options.host ?? '127.0.0.1', options.port)
  } catch (error) {
    await service.close()
    throw error
  }
}

class RpcService {
  readonly #context: RpcContext
  readonly #limits: RpcLimits
  readonly #access: AccessRules
  readonly #random: Random
  readonly #counters = new RpcCounters()
  readonly #filters: Filters
  readonly #dispatch: Dispatch
  readonly #http: Server
  readonly #sockets: WebSocketServer
  readonly #webSockets = new Set<WsConnection>()
  readonly #closing = new AbortController()
  #connections = 0

  constructor(context: RpcContext, options: RpcServerOptions) {
    this.#context = context
    this.#limits = { ...RPC_LIMITS, ...options.limits }
    this.#access = { hosts: options.hosts ?? [], origins: options.origins ?? [] }
    this.#random = options.random ?? systemRandom
    this.#filters = new Filters(context, this.#limits, this.#random)
    this.#dispatch = createDispatch({
      methods: servedMethods(context),
      limits: this.#limits,
      counters: this.#counters,
      clock: context.clock,
      log: context.log,
    })
    this.#http = this.#createHttp()
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: this.#limits.maxRequestBytes,
    })
  }

  async listen(host: string, port: number): Promise<RpcServer> {
    await listenForWeb(this.#http, port, host).catch((error: unknown) => {
      throw listenError(error, host, port)
    })
    const address = this.#http.address()
    const bound = typeof address === 'object' && address !== null ? address.port : port
    const authority = `${host.includes(':') ? `[${host}]` : host}:${bound}`
    return {
      host,
      port: bound,
      url: `http://${authority}`,
      wsUrl: `ws://${authority}`,
      stats: () => this.#stats(),
      close: () => this.close(),
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#filters.close()
    for (const socket of this.#webSockets) socket.terminate()
    if (!this.#http.listening) return
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve())
      this.#http.closeAllConnections()
    })
  }

  #createHttp(): Server {
    const { maxRequestBytes, maxConnections, headersTimeoutMs } = this.#limits
    const { bodyTimeoutMs, keepAliveMs, silentSocketMs } = this.#limits
    const handler = createHttpHandler({
      access: this.#access,
      maxRequestBytes,
      answer: (body) => this.#answer(body),
      health: () => healthOf(this.#context),
      onRefused: (reason) => this.#refused(reason),
    })
    const http = createServer(
      {
        headersTimeout: headersTimeoutMs,
        requestTimeout: bodyTimeoutMs,
        keepAliveTimeout: keepAliveMs,
      },
      handler,
    )
    http.maxConnections = maxConnections
    http.timeout = silentSocketMs
    http.on('drop', () => this.#refused('too many connections'))
    http.on('connection', (socket) => {
      this.#connections++
      socket.once('close', () => this.#connections--)
    })
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    return http
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const refusal = accessRefusal(request, this.#access)
    if (refusal !== undefined) {
      this.#refused(refusal)
      socket.end(`HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n${refusal}\n`)
      return
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection: WsConnection = new WsConnection(webSocket, {
        limits: this.#limits,
        clock: this.#context.clock,
        newId: () => newRpcId(this.#random),
        answer: (body, subscriptions) => this.#answer(body, subscriptions),
        onSlowReader: (bufferedBytes) => this.#slowReader(bufferedBytes),
      })
      this.#webSockets.add(connection)
      webSocket.once('close', () => this.#webSockets.delete(connection))
    })
  }

  #answer(body: Uint8Array, subscriptions?: Subscriptions): Promise<string | undefined> {
    return this.#dispatch(body, {
      node: this.#context,
      filters: this.#filters,
      closing: this.#closing.signal,
      subscriptions,
    })
  }

  #slowReader(bufferedBytes: number): void {
    this.#counters.slowReaders++
    this.#context.log.warn('a JSON-RPC client does not read: its connection is closed', {
      bufferedBytes,
    })
  }

  #refused(message: string): void {
    this.#counters.refusedConnections++
    this.#context.log.debug('JSON-RPC connection refused', { reason: message })
  }

  #stats(): RpcStats {
    const { calls, errors, slowReaders, refusedConnections } = this.#counters
    return {
      calls: new Map(calls),
      errors: new Map(errors),
      connections: this.#connections,
      webSockets: this.#webSockets.size,
      slowReaders,
      refusedConnections,
    }
  }
}

function listenError(error: unknown, host: string, port: number): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const advice = 'choose another with --rpc-port, or 0 for a free one'
  if (code === 'EADDRINUSE')
    return new UserError(`JSON-RPC port ${port} on ${host} is in use: ${advice}`, { cause: error })
  if (code === 'EACCES')
    return new UserError(`JSON-RPC port ${port} may not be used by this user: ${advice}`, {
      cause: error,
    })
  const message = `JSON-RPC cannot listen on ${host}:${port}: ${messageOf(error)} (see --rpc-host and --rpc-port)`
  return new UserError(message, { cause: error })
}
