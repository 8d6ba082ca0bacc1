/**
 * The dashboard over HTTP, on loopback alone. A web page of another origin in the same browser can
 * reach loopback too: the Host header must name this machine (no DNS rebinding), no answer may be
 * read by another origin, and actions need the token that stands in our own page.
 */
import { nextTurn } from '../../lib/turns.ts'
import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { messageOf } from '../../lib/assert.ts'
import { listenForWeb } from '../../rpc/webPort.ts'
import { isHostAllowed } from '../../rpc/server/access.ts'
import { readBody } from '../../rpc/server/http.ts'
import { ActionError } from './actions.ts'
import { loadAssets, type Asset } from './assets.ts'
import { DASHBOARD_LIMITS } from '../model/limits.ts'
import type {
  ActionResult,
  Hello,
  MergedTimeline,
  PeerDetail,
  ScrapeTarget,
  Wave,
} from '../model/terms.ts'
import type { Viewers } from './viewers.ts'

/** What the server serves. */
export interface DashboardSource {
  hello(): Hello
  peer(index: number): PeerDetail | undefined
  targets(): readonly ScrapeTarget[]
  wave(hash: string): Wave | undefined
  timeline(hash: string): Promise<MergedTimeline | undefined>
  /** Throws an {@link ActionError} that says why it was not done. */
  act(value: unknown): Promise<ActionResult>
}

/** A server that listens. */
export interface DashboardServer {
  readonly url: string
  /** Sends every page the `farewell`, ends all connections and frees the port. */
  close(farewell: string): Promise<void>
}

/** What a server is started with. */
export interface ServerOptions {
  readonly source: DashboardSource
  readonly viewers: Viewers
  /** Random, and known to our own page alone. */
  readonly token: string
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Called when a page has come. */
  readonly onViewer: () => void
}

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
} as const

/**
 * Header in which a page hands in its token: no form and no simple request of another origin can
 * carry it.
 */
const TOKEN_HEADER = 'x-grapevine-token'
const HASH = /^0x[0-9a-f]{64}$/
const INDEX = /^\d{1,6}$/

/** Listens; throws the error of `listen` for a port that cannot be had. */
export async function startDashboardServer(options: ServerOptions): Promise<DashboardServer> {
  const routes = { ...options, assets: loadAssets(options.token) }
  const server = createServer(
    {
      headersTimeout: DASHBOARD_LIMITS.headersTimeoutMs,
      requestTimeout: DASHBOARD_LIMITS.requestTimeoutMs,
    },
    (request, response) => {
      response.on('error', () => response.destroy())
      handle(routes, request, response).catch((error: unknown) => failed(response, error))
    },
  )
  server.maxConnections = DASHBOARD_LIMITS.maxConnections
  await listenForWeb(server, options.port, options.host)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  return {
    url: `http://${options.host}:${port}/`,
    close: (farewell) => close(server, options.viewers, farewell),
  }
}

interface Routes extends ServerOptions {
  readonly assets: ReadonlyMap<string, Asset>
}

async function handle(
  routes: Routes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value)
  if (!isHostAllowed(request.headers.host ?? '', { hosts: [], origins: [] }))
    return refuse(response, 403, 'this host is not served: open the address that grapevine printed')
  const path = request.url?.split('?')[0] ?? '/'
  if (path !== '/' && !isFromOwnPage(request))
    return refuse(response, 403, 'this is for the page that this server has served')
  if (path === '/act') return handleAction(routes, request, response)
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refuse(response, 405, 'only GET')
  const asset = routes.assets.get(path)
  if (asset !== undefined) return send(response, 200, asset)
  if (path === '/events') return handleStream(routes, response)
  return handleData(routes.source, path, response)
}

function handleStream({ viewers, source, onViewer }: Routes, response: ServerResponse): void {
  if (!viewers.add(response, source.hello()))
    return refuse(response, 503, 'too many pages are open')
  onViewer()
}

/** `null` where nothing is known of what the path names. */
async function handleData(
  source: DashboardSource,
  path: string,
  response: ServerResponse,
): Promise<void> {
  if (path === '/targets.json') return sendJson(response, 200, source.targets())
  const [, kind, name] = /^\/(\w+)\/(\w+)$/.exec(path) ?? []
  if (name === undefined) return refuse(response, 404, 'there is nothing here')
  if (kind === 'peer' && INDEX.test(name))
    return sendJson(response, 200, source.peer(Number(name)) ?? null)
  if (kind === 'wave' && HASH.test(name)) return sendJson(response, 200, source.wave(name) ?? null)
  if (kind === 'timeline' && HASH.test(name))
    return sendJson(response, 200, (await source.timeline(name)) ?? null)
  return refuse(response, 404, 'there is nothing here')
}

async function handleAction(
  { token, source }: Routes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') return refuse(response, 405, 'only POST')
  if (!hasToken(request, token))
    return refuse(response, 403, 'actions need the token of the page: load it anew')
  if (request.headers['content-type'] !== 'application/json')
    return refuse(response, 415, 'only application/json')
  const body = await readBody(request, DASHBOARD_LIMITS.maxRequestBytes)
  if (body === undefined) return refuse(response, 413, 'content too large')
  try {
    sendJson(response, 200, await source.act(jsonOf(body)))
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    sendJson(response, 409, { error: error.message })
  }
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    throw new ActionError('an action is JSON')
  }
}

/** Browsers say which site a request is from; a program that says nothing is no page. */
function isFromOwnPage({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site']
  return site === undefined || site === 'same-origin' || site === 'none'
}

function hasToken({ headers }: IncomingMessage, token: string): boolean {
  const { origin, host } = headers
  if (origin !== undefined && origin !== `http://${host}`) return false
  const given = headers[TOKEN_HEADER]
  if (typeof given !== 'string' || given.length !== token.length) return false
  return timingSafeEqual(Buffer.from(given), Buffer.from(token))
}

function send(response: ServerResponse, status: number, { type, body }: Asset): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, { type: 'application/json', body: JSON.stringify(value) })
}

/** The connection ends with the answer: what is left of the request is not read. */
function refuse(response: ServerResponse, status: number, message: string): void {
  response.setHeader('connection', 'close')
  send(response, status, { type: 'text/plain; charset=utf-8', body: `${message}\n` })
}

function failed(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy()
  else sendJson(response, 500, { error: messageOf(error) })
}

/** Pages that read get the farewell. Sockets of pages that do not read are closed, too. */
async function close(server: Server, viewers: Viewers, farewell: string): Promise<void> {
  viewers.end(farewell)
  await nextTurn()
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
