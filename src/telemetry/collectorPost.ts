/** One request to a collector of spans: OTLP over HTTP, as JSON. */
import { messageOf } from '../lib/assert.ts'
import { withDeadline } from '../lib/deadline.ts'
import type { Clock } from '../lib/clock.ts'
import { MAX_SPAN_ANSWER_BYTES, SPAN_REQUEST_TIMEOUT_MS } from './limits.ts'
import { refusedSpans } from './otlp.ts'

/** What became of a request. */
export type PostResult =
  | { readonly kind: 'taken'; readonly refused: number }
  /** It may go better later; `afterMs` is how long the collector asks to be left alone. */
  | { readonly kind: 'failed'; readonly error: string; readonly afterMs?: number }
  /** It would never go better. */
  | { readonly kind: 'refused'; readonly error: string }

/** Sends one body. Never rejects. */
export type Post = (body: string, signal: AbortSignal) => Promise<PostResult>

/** Statuses after which OTLP/HTTP asks clients to try again. */
const RETRYABLE = new Set([429, 502, 503, 504])
const MAX_SHOWN_CHARS = 200

/** The address to which spans are posted, from that of the collector. */
export function tracesUrl(collector: string): string {
  return `${collector.replace(/\/+$/, '')}/v1/traces`
}

/** Posts to the collector at a URL. */
export function collectorPost(collector: string, clock: Clock, agent: string): Post {
  const url = tracesUrl(collector)
  const headers = { 'content-type': 'application/json', 'user-agent': agent }
  return async (body, signal) => {
    try {
      return await withDeadline(clock, SPAN_REQUEST_TIMEOUT_MS, async (deadline) => {
        const signals = AbortSignal.any([signal, deadline])
        const request = { method: 'POST', headers, body, signal: signals }
        return resultOf(await fetch(url, { ...request, redirect: 'manual' }))
      })
    } catch (error) {
      return { kind: 'failed', error: causeOf(error) }
    }
  }
}

async function resultOf(response: Response): Promise<PostResult> {
  const { ok, status, statusText } = response
  const text = await beginningOf(response)
  if (ok) return { kind: 'taken', refused: refusedSpans(text) }
  const said = text.replace(/\s+/g, ' ').trim().slice(0, MAX_SHOWN_CHARS)
  const error = `HTTP ${status} ${statusText}${said === '' ? '' : `, "${said}"`}`
  if (!RETRYABLE.has(status)) return { kind: 'refused', error }
  const afterS = Number(response.headers.get('retry-after') ?? Number.NaN)
  return { kind: 'failed', error, ...(afterS > 0 && { afterMs: afterS * 1000 }) }
}

/** So much of the body as is read; the rest is not waited for. */
async function beginningOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  if (body !== null)
    for await (const chunk of body) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > MAX_SPAN_ANSWER_BYTES) break
    }
  return Buffer.concat(chunks).subarray(0, MAX_SPAN_ANSWER_BYTES).toString('utf8')
}

/** `fetch` hides the useful part ("connect ECONNREFUSED ...") in the cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && cause.message !== '' ? cause.message : messageOf(error)
}
