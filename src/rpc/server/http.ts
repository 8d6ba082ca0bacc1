/**
 * JSON-RPC over HTTP: one POST, one answer. Everything about the request that is not JSON-RPC is
 * checked here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isHostAllowed, isOriginAllowed, type AccessRules } from './access.ts'
import { healthStatus, type Health } from './health.ts'

/** What HTTP requests are answered with. */
export interface HttpOptions {
  readonly access: AccessRules
  readonly maxRequestBytes: number
  /** The text of the answer, `undefined` for none. Never rejects. */
  readonly answer: (body: Uint8Array) => Promise<string | undefined>
  /** What GET /health says. */
  readonly health: () => Health
  /**
   * Told of every request turned away for its Host or Origin, with the sentence that it was
   * answered.
   */
  readonly onRefused: (message: string) => void
}

/** Answers one HTTP request. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void

/** A handler for `node:http`. */
export function createHttpHandler(options: HttpOptions): HttpHandler {
  return (request, response) => {
    response.on('error', () => response.destroy())
    handle(options, request, response).catch(() => response.destroy())
  }
}

async function handle(
  options: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refusal = accessRefusal(request, options.access)
  if (refusal !== undefined) {
    options.onRefused(refusal)
    return refuse(response, 403, refusal)
  }
  allowOrigin(request, response)
  if (request.method === 'OPTIONS') return preflight(response)
  if (request.method === 'GET' && request.url === '/health')
    return sendHealth(response, options.health())
  if (request.method === 'GET' && request.url === '/') return sendGreeting(response)
  const defect = requestDefect(request)
  if (defect !== undefined) return refuse(response, defect.status, defect.message)
  const body = await readBody(request, options.maxRequestBytes)
  if (body === undefined)
    return refuse(response, 413, `content too large: at most ${options.maxRequestBytes} bytes`)
  const answer = await options.answer(body)
  if (answer === undefined) response.writeHead(204).end()
  else sendJson(response, 200, answer)
}

/** Why this request must not be answered; the first line of an answer 403. */
export function accessRefusal(request: IncomingMessage, access: AccessRules): string | undefined {
  if (!isHostAllowed(request.headers.host, access))
    return 'invalid host specified: allow the name with --rpc-hosts'
  if (!isOriginAllowed(request.headers.origin, access))
    return 'origin not allowed: allow it with --rpc-origins'
  return undefined
}

function requestDefect(
  request: IncomingMessage,
): { readonly status: number; readonly message: string } | undefined {
  if (request.method !== 'POST')
    return { status: 405, message: 'method not allowed: send JSON-RPC by POST' }
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity')
    return { status: 415, message: 'content encoding not supported: send the body as it is' }
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== undefined && JSON_TYPES.has(type)) return undefined
  return { status: 415, message: 'invalid content type, only application/json is supported' }
}

/** What geth takes. A web page cannot send these to another origin without asking first. */
const JSON_TYPES: ReadonlySet<string> = new Set([
  'application/json',
  'application/json-rpc',
  'application/jsonrequest',
])

/**
 * The whole body; `undefined` as soon as it is known to be larger than it may be. What comes after
 * that is read and thrown away until the connection ends, so that the client gets to see the
 * answer.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = []
  let bytes = 0
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) resolve(undefined)
    request.on('data', (part: Buffer) => {
      bytes += part.length
      if (bytes <= maxBytes) parts.push(part)
      else resolve(undefined)
    })
    request.once('end', () => resolve(Buffer.concat(parts)))
    request.once('error', reject)
    request.once('close', () =>
      reject(new Error('the client closed the connection before its request was complete')),
    )
  })
}

function allowOrigin(request: IncomingMessage, response: ServerResponse): void {
  const { origin } = request.headers
  if (origin === undefined) return
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('vary', 'origin')
}

function preflight(response: ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'content-type',
    'access-control-max-age': '600',
  })
  response.end()
}

function sendJson(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

function sendHealth(response: ServerResponse, health: Health): void {
  sendJson(response, healthStatus(health), JSON.stringify(health.body))
}

/** For a person with a browser, and for what asks whether anybody is there. */
function sendGreeting(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
  response.end('grapevine: send JSON-RPC here by POST or WebSocket; GET /health says how it does\n')
}

/** The connection ends with the answer: what is left of the request is not read. */
function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
  response.end(`${message}\n`)
}
