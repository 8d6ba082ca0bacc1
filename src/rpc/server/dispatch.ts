/**
 * JSON-RPC 2.0: from the bytes of a request or a batch to the text of the answer, for every
 * transport. Nothing thrown leaves this file; a handler's bug is logged and answered as an internal
 * error.
 */
import { isRecord } from '../../lib/records.ts'
import { nextTurn } from '../../lib/turns.ts'
import { messageOf } from '../../lib/assert.ts'
import type { Cancel, Clock } from '../../lib/clock.ts'
import { during } from '../../lib/eventLoop.ts'
import type { Logger } from '../../lib/log.ts'
import { methodNotFound, RPC_CODES, RpcError } from '../errors.ts'
import { idTexts } from './idTexts.ts'
import { parseJson } from './json.ts'
import type { RpcLimits } from '../limits.ts'
import type { RpcCall, RpcMethod } from '../method.ts'
import type { RpcCounters } from '../stats.ts'

/** What calls are answered with. */
export interface DispatchOptions {
  readonly methods: ReadonlyMap<string, RpcMethod>
  readonly limits: RpcLimits
  readonly counters: RpcCounters
  readonly clock: Clock
  readonly log: Logger
}

/** Answers one body; `undefined` where JSON-RPC wants no answer (notifications). Never rejects. */
export type Dispatch = (body: Uint8Array, call: RpcCall) => Promise<string | undefined>

/** One call as it came in. */
interface Item {
  readonly value: unknown
  /**
   * The id to answer with as JSON text: the caller's own, `null` where there is none that can be
   * repeated.
   */
  readonly id: string
}

interface Request {
  readonly isNotification: boolean
  readonly method: string
  readonly params: unknown
}

const NO_ID = 'null'

/** Makes the function that turns the text of a request into the text of its answer. */
export function createDispatch(options: DispatchOptions): Dispatch {
  return async (body, call) => {
    const deadlineMs = options.clock.monotonicMs() + options.limits.requestTimeoutMs
    const parsed = parseJson(body)
    if (parsed === undefined) {
      const error = new RpcError(RPC_CODES.parse, 'parse error: not JSON in UTF-8')
      return failure(options, NO_ID, error)
    }
    const { value, text } = parsed
    const run = { call, deadlineMs }
    if (Array.isArray(value)) return answerBatch(options, value, { text, run })
    const item = itemOf(value, idTexts(text)[0])
    const answer = await answerOne(options, item, run)
    return answer === undefined ? undefined : bounded(options, answer, item.id)
  }
}

interface Run {
  readonly call: RpcCall
  readonly deadlineMs: number
}

async function answerBatch(
  options: DispatchOptions,
  values: readonly unknown[],
  { text, run }: { readonly text: string; readonly run: Run },
): Promise<string | undefined> {
  const { limits, clock } = options
  if (values.length === 0) return failure(options, NO_ID, invalidRequest('empty batch'))
  if (values.length > limits.maxBatchCalls)
    return failure(
      options,
      NO_ID,
      invalidRequest(`batch too large: at most ${limits.maxBatchCalls} calls`),
    )
  const ids = idTexts(text)
  const answers: string[] = []
  let bytes = 0
  let turnMs = clock.monotonicMs()
  for (const [index, value] of values.entries()) {
    if (clock.monotonicMs() - turnMs > limits.turnMs) {
      await nextTurn()
      turnMs = clock.monotonicMs()
    }
    const answer = await answerWithin(options, itemOf(value, ids[index]), { run, bytes })
    if (answer === undefined) continue
    answers.push(answer)
    bytes += answer.length + 1
  }
  return answers.length === 0 ? undefined : `[${answers.join(',')}]`
}

/**
 * One call of a batch: once the batch's answers are too large or too late, the rest are told so and
 * not run.
 */
async function answerWithin(
  options: DispatchOptions,
  item: Item,
  { run, bytes }: { readonly run: Run; readonly bytes: number },
): Promise<string | undefined> {
  const spent = bytes > options.limits.maxResponseBytes ? tooLarge() : undefined
  const late = options.clock.monotonicMs() >= run.deadlineMs ? timedOut() : undefined
  const error = spent ?? late
  if (error !== undefined)
    return readRequest(item.value)?.isNotification ? undefined : failure(options, item.id, error)
  const answer = await answerOne(options, item, run)
  return answer === undefined ? undefined : bounded(options, answer, item.id, bytes)
}

/** The answer, unless it would make all the answers larger than they may be. */
function bounded(options: DispatchOptions, answer: string, id: string, bytes = 0): string {
  return bytes + answer.length <= options.limits.maxResponseBytes
    ? answer
    : failure(options, id, tooLarge())
}

async function answerOne(
  options: DispatchOptions,
  { value, id }: Item,
  run: Run,
): Promise<string | undefined> {
  const request = readRequest(value)
  if (request === undefined) return failure(options, id, invalidRequest('invalid request'))
  const { isNotification, method } = request
  try {
    const result = await perform(options, request, run)
    return isNotification ? undefined : `{"jsonrpc":"2.0","id":${id},"result":${result}}`
  } catch (error) {
    const answer = failure(options, id, asRpcError(options, method, error))
    return isNotification ? undefined : answer
  }
}

/** The result as JSON text. */
async function perform(options: DispatchOptions, request: Request, run: Run): Promise<string> {
  const method = options.methods.get(request.method)
  options.counters.called(method?.name ?? 'unknown')
  if (method === undefined) throw methodNotFound(request.method)
  const name = `rpc ${method.name}`
  const outcome = during(name, () => method.invoke(run.call, request.params))
  const result =
    outcome instanceof Promise ? await inTime(options, outcome, run.deadlineMs) : outcome
  return during(name, () => JSON.stringify(result))
}

async function inTime<T>(
  { clock }: DispatchOptions,
  work: Promise<T>,
  deadlineMs: number,
): Promise<T> {
  let cancel: Cancel = () => {}
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(deadlineMs - clock.monotonicMs(), () => reject(timedOut()))
  })
  try {
    return await Promise.race([work, late])
  } finally {
    cancel()
  }
}

function asRpcError({ log }: DispatchOptions, method: string, thrown: unknown): RpcError {
  if (thrown instanceof RpcError) return thrown
  log.error('a JSON-RPC handler failed', {
    method,
    error: messageOf(thrown),
    stack: thrown instanceof Error ? thrown.stack : undefined,
  })
  return new RpcError(RPC_CODES.internal, 'internal error')
}

function failure({ counters }: DispatchOptions, id: string, error: RpcError): string {
  counters.failed(error.code)
  const { code, message, data } = error
  const body = data === undefined ? { code, message } : { code, message, data }
  return `{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify(body)}}`
}

function readRequest(value: unknown): Request | undefined {
  if (!isRecord(value) || value['jsonrpc'] !== '2.0') return undefined
  const method = value['method']
  const isNotification = !Object.hasOwn(value, 'id')
  if (typeof method !== 'string' || !(isNotification || isId(value['id']))) return undefined
  return { isNotification, method, params: value['params'] }
}

function itemOf(value: unknown, idText: string | undefined): Item {
  const hasId = isRecord(value) && Object.hasOwn(value, 'id') && isId(value['id'])
  return { value, id: hasId ? (idText ?? NO_ID) : NO_ID }
}

function isId(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'number'
}

function invalidRequest(message: string): RpcError {
  return new RpcError(RPC_CODES.invalidRequest, message)
}

function tooLarge(): RpcError {
  return new RpcError(RPC_CODES.responseTooLarge, 'response too large')
}

function timedOut(): RpcError {
  return new RpcError(RPC_CODES.timeout, 'request timed out')
}
