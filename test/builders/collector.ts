/**
 * A small collector of OpenTelemetry spans: takes OTLP over HTTP as JSON, holds it to the protocol,
 * keeps all spans.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { beginWait } from './waiting.ts'

const nano = z.string().regex(/^[1-9]\d{0,19}$/)
const int64 = z.string().regex(/^-?\d{1,19}$/)
/** `AnyValue` of the protocol, of what scalars there are: one field, by type. */
const anyValue = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ boolValue: z.boolean() }),
  z.strictObject({ intValue: int64 }),
  z.strictObject({ doubleValue: z.number() }),
])
const attributes = z.array(z.strictObject({ key: z.string().min(1), value: anyValue }))
const spanId = z.string().regex(/^(?!0+$)[0-9a-f]{16}$/)
const span = z.strictObject({
  traceId: z.string().regex(/^(?!0+$)[0-9a-f]{32}$/),
  spanId,
  parentSpanId: spanId.optional(),
  name: z.string().min(1),
  kind: z.number().int().min(1).max(5),
  startTimeUnixNano: nano,
  endTimeUnixNano: nano,
  attributes,
  events: z.array(z.strictObject({ timeUnixNano: nano, name: z.string(), attributes })),
  status: z.strictObject({ code: z.number().int().min(0).max(2), message: z.string() }).optional(),
})
/**
 * `ExportTraceServiceRequest` in the JSON form that the OTLP specification asks for: no field that
 * it does not know.
 */
export const exportRequest = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(
        z.strictObject({
          scope: z.strictObject({ name: z.string(), version: z.string() }),
          spans: z.array(span),
        }),
      ),
    }),
  ),
})

/** A span as it came, with its attributes by name. */
export interface ReceivedSpan extends Omit<z.infer<typeof span>, 'attributes'> {
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  readonly resource: Readonly<Record<string, string | number | boolean>>
}

/** What the collector answers to a request; nothing at all for `hang`. */
export type CollectorAnswer =
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  | 'hang'

export interface Collector {
  readonly url: string
  readonly spans: readonly ReceivedSpan[]
  readonly bodies: readonly string[]
  readonly paths: readonly string[]
  /** Resolves when it holds; it is looked at after every request. */
  until(holds: () => boolean): Promise<void>
  close(): Promise<void>
}

const TAKEN: CollectorAnswer = { status: 200, body: '{}' }

/** Starts one on a free port, or on a given one. */
export async function startCollector(
  answerTo: (request: number) => CollectorAnswer = () => TAKEN,
  port = 0,
): Promise<Collector> {
  const bodies: string[] = []
  const paths: string[] = []
  const spans: ReceivedSpan[] = []
  const looks = new Set<() => void>()
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const answer = answerTo(bodies.length)
      bodies.push(body)
      paths.push(`${request.method} ${request.url} ${request.headers['content-type']}`)
      if (answer !== 'hang' && answer.status === 200) spans.push(...spansOf(body))
      reply(response, answer)
      for (const look of looks) look()
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bodies,
    paths,
    until: (holds) => {
      const endWait = beginWait(() => `${String(holds)} (${spans.length} spans came)`)
      return new Promise((resolve) => {
        const look = (): void => {
          if (!holds()) return
          looks.delete(look)
          endWait()
          resolve()
        }
        looks.add(look)
        look()
      })
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The spans of a body. Throws where it is not of the protocol. */
export function spansOf(body: string): ReceivedSpan[] {
  const { resourceSpans } = exportRequest.parse(JSON.parse(body))
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) =>
      scope.spans.map((one) => ({
        ...one,
        attributes: byName(one.attributes),
        resource: byName(resource.attributes),
      })),
    ),
  )
}

function byName(list: z.infer<typeof attributes>): ReceivedSpan['attributes'] {
  return Object.fromEntries(
    list.map(({ key, value }) => {
      if ('intValue' in value) return [key, Number(value.intValue)]
      if ('doubleValue' in value) return [key, value.doubleValue]
      return [key, 'boolValue' in value ? value.boolValue : value.stringValue]
    }),
  )
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function reply(response: ServerResponse, answer: CollectorAnswer): void {
  if (answer === 'hang') return
  response.writeHead(answer.status, answer.headers)
  response.end(answer.body)
}
