import { isRecord } from '../../lib/records.ts'
import { messageOf } from '../../lib/assert.ts'
import { UserError } from '../../lib/userError.ts'
import { BLOCKED_PORTS, BLOCKED_PORT_REASON } from '../webPort.ts'

/** A JSON-RPC error answer of a peer. */
export class RpcAnswerError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  /**
   * The stable word of the refusal, the same as the gossip verdict's; empty if the peer gave none.
   */
  readonly reason: string

  constructor(code: number, message: string, reason: string) {
    super(message)
    this.code = code
    this.reason = reason
  }
}

/** Calls the methods of one JSON-RPC server. */
export interface RpcClient {
  readonly url: string
  /**
   * Throws an {@link RpcAnswerError} for an error answer and a UserError that names the URL if
   * there is no answer.
   */
  call(method: string, params?: readonly unknown[]): Promise<unknown>
}

const CALL_TIMEOUT_MS = 30_000
/** So much of a body that is no JSON-RPC is shown. */
const MAX_SHOWN_CHARS = 200

/** A JSON-RPC client over HTTP with keep-alive. */
export function rpcClient(url: string): RpcClient {
  let lastId = 0
  return {
    url,
    call: async (method, params = []) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: ++lastId, method, params })
      return resultOf(await post(url, body), url)
    },
  }
}

async function post(url: string, body: string): Promise<unknown> {
  const { status, statusText, text } = await exchange(url, body)
  const answer = parsed(text)
  if (answer !== undefined) return answer
  const said = text.replace(/\s+/g, ' ').trim().slice(0, MAX_SHOWN_CHARS)
  const what = said === '' ? 'nothing' : `"${said}"`
  throw new UserError(`no JSON-RPC answer from ${url}: HTTP ${status} ${statusText}, ${what}`)
}

/**
 * Whatever the status is, the body is read: a server that refuses a request says in the body why.
 */
async function exchange(
  url: string,
  body: string,
): Promise<{ status: number; statusText: string; text: string }> {
  try {
    const headers = { 'content-type': 'application/json' }
    const signal = AbortSignal.timeout(CALL_TIMEOUT_MS)
    const response = await fetch(url, { method: 'POST', headers, body, signal })
    return { status: response.status, statusText: response.statusText, text: await response.text() }
  } catch (error) {
    const isBlocked = BLOCKED_PORTS.has(Number(new URL(url).port))
    const why = isBlocked ? `its port cannot be used: ${BLOCKED_PORT_REASON}` : causeOf(error)
    throw new UserError(`no JSON-RPC answer from ${url}: ${why}`, { cause: error })
  }
}

/**
 * An answer of JSON-RPC is an object or a batch, also with a status of HTTP that is no success;
 * `undefined` for all else.
 */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

interface WaitingCall {
  readonly method: string
  readonly params: readonly unknown[]
  readonly answered: (answer: Promise<unknown>) => void
}

/**
 * A client whose calls of one turn travel in one request: for who asks a peer several things at
 * once. Each call has an answer or an error of its own.
 */
export function batchedClient(url: string): RpcClient {
  const alone = rpcClient(url)
  let waiting: WaitingCall[] = []
  const send = (): void => {
    const calls = waiting
    waiting = []
    if (calls.length > 1) return sendBatch(url, calls)
    for (const { method, params, answered } of calls) answered(alone.call(method, params))
  }
  return {
    url,
    call: (method, params = []) =>
      new Promise((resolve) => {
        waiting.push({ method, params, answered: resolve })
        if (waiting.length === 1) void Promise.resolve().then(send)
      }),
  }
}

function sendBatch(url: string, calls: readonly WaitingCall[]): void {
  const body = calls.map(({ method, params }, id) => ({ jsonrpc: '2.0', id, method, params }))
  const batch = post(url, JSON.stringify(body)).then((answers) => {
    if (Array.isArray(answers))
      return new Map(answers.filter(isRecord).map((answer) => [answer['id'], answer]))
    resultOf(answers, url)
    throw new Error(`${url} sent an unexpected answer to a batch`)
  })
  for (const [id, { answered }] of calls.entries())
    answered(batch.then((answers) => resultOf(answers.get(id), url)))
}

/** `fetch` hides the useful part ("connect ECONNREFUSED ...") in the cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && cause.message !== '' ? cause.message : messageOf(error)
}

function resultOf(answer: unknown, url: string): unknown {
  if (!isRecord(answer)) throw new Error(`${url} answered something that is not JSON-RPC`)
  const { error } = answer
  if (error === undefined || error === null) return answer['result']
  if (!isRecord(error)) throw new Error(`${url} answered something that is not JSON-RPC`)
  const reason = isRecord(error['data']) ? error['data']['reason'] : undefined
  throw new RpcAnswerError(
    Number(error['code']),
    String(error['message']),
    typeof reason === 'string' ? reason : '',
  )
}
