import { isRecord } from '../../src/lib/records.ts'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { methodTable } from '../../src/rpc/methodTable.ts'
import { idTexts } from '../../src/rpc/server/idTexts.ts'
import { rpcCaller, rpcNode, type RpcAnswer } from '../builders/rpc.ts'

const node = rpcNode()
const caller = rpcCaller(node)

async function answerTo(body: unknown): Promise<RpcAnswer> {
  return JSON.parse((await caller.text(JSON.stringify(body))) ?? 'null') as RpcAnswer
}

describe('requests', () => {
  test.each([1, 0, -7, 'a', '', null])('repeats the id %j', async (id) => {
    const answer = await answerTo({ jsonrpc: '2.0', id, method: 'eth_chainId' })
    expect(answer).toEqual({ jsonrpc: '2.0', id, result: '0x539' })
  })

  test.each([
    '9007199254740993',
    '340282366920938463463374607431768211456',
    '1.0',
    '-0',
    '1e400',
    '1E2',
    '0.1000000000000000055511151231257827',
    '"\\u0061\\ud800"',
  ])('repeats the id %s as it was written', async (id) => {
    const call = `{"jsonrpc":"2.0", "id" : ${id} ,"method":"eth_chainId"}`
    const answer = `{"jsonrpc":"2.0","id":${id},"result":"0x539"}`
    expect(await caller.text(call)).toBe(answer)
    expect(await caller.text(`[${call} , ${call}]`)).toBe(`[${answer},${answer}]`)
    const failing = await caller.text(call.replace('eth_chainId', 'eth_nothing'))
    expect(failing).toContain(`"id":${id},"error"`)
    const invalid = await caller.text(call.replace('2.0', '1.0'))
    expect(invalid).toContain(`"id":${id},"error"`)
    const small = rpcCaller(node, { maxResponseBytes: 10 })
    expect(await small.text(call)).toContain(`"id":${id},"error":{"code":-32003`)
  })

  test('finds the id whatever stands around it', async () => {
    const params = '[{"id":5,"a":["]}\\\\\\"",{"id":6}]},"id",true,-1.5e3,null]'
    const call = `{"params":${params},"\\u0069d":1.50,"method":"eth_nothing","jsonrpc":"2.0"}`
    expect(await caller.text(`\n[ 3,[${call}], ${call} ]\t`)).toMatch(
      /"id":null.*"id":null.*"id":1.50,/,
    )
    expect(await caller.text(` ${call}`)).toContain('"id":1.50,')
    const twice = '{"jsonrpc":"2.0","id":1.0,"id":2.0,"method":"eth_chainId"}'
    expect(await caller.text(twice)).toBe('{"jsonrpc":"2.0","id":2.0,"result":"0x539"}')
  })

  test('takes parameters by name, by the names of the method table', async () => {
    const address = `0x${'11'.repeat(20)}`
    const byName = await caller.ask('eth_getBalance', { block: 'latest', address })
    expect(byName).toEqual(await caller.ask('eth_getBalance', [address, 'latest']))
    expect(byName.result).toBe('0x0')
    expect((await caller.ask('eth_getBalance', { addr: address })).error).toEqual({
      code: -32602,
      message: 'unknown argument "addr": the names are address, block',
    })
  })

  test.each([
    ['an object as id', { jsonrpc: '2.0', id: {}, method: 'eth_chainId' }],
    ['a list as id', { jsonrpc: '2.0', id: [1], method: 'eth_chainId' }],
    ['a boolean as id', { jsonrpc: '2.0', id: true, method: 'eth_chainId' }],
  ])('refuses %s and answers with id null', async (_, body) => {
    expect(await answerTo(body)).toMatchObject({ id: null, error: { code: -32600 } })
  })

  test.each([
    ['no version', { id: 5, method: 'eth_chainId' }],
    ['another version', { jsonrpc: '1.0', id: 5, method: 'eth_chainId' }],
    ['no method', { jsonrpc: '2.0', id: 5 }],
    ['a number as method', { jsonrpc: '2.0', id: 5, method: 1 }],
  ])('refuses %s and repeats the id', async (_, body) => {
    expect(await answerTo(body)).toMatchObject({ id: 5, error: { code: -32600 } })
  })

  test.each([['1'], ['null'], ['"text"'], ['true'], ['{}']])(
    'refuses %s, which is no request',
    async (body) => {
      const answer = await caller.text(body)
      expect(JSON.parse(answer ?? '')).toMatchObject({ id: null, error: { code: -32600 } })
    },
  )

  test.each([['{'], [''], ['{"jsonrpc":"2.0",}'], ['\u{feff}{}x']])(
    'answers %j, which is not JSON, with a parse error',
    async (body) => {
      const answer = await caller.text(body)
      expect(JSON.parse(answer ?? '')).toMatchObject({ id: null, error: { code: -32700 } })
    },
  )

  test('answers bytes that are not UTF-8 with a parse error', async () => {
    const answer = await caller.text(Uint8Array.of(0x22, 0xff, 0xfe, 0x22))
    expect(JSON.parse(answer ?? '')).toMatchObject({ error: { code: -32700 } })
  })

  test('answers a notification with nothing, even a wrong one', async () => {
    const notification = (method: string) => caller.text(JSON.stringify({ jsonrpc: '2.0', method }))
    expect(await notification('eth_chainId')).toBeUndefined()
    expect(await notification('eth_nothing')).toBeUndefined()
  })

  test.each(['eth_nothing', '__proto__', 'toString', 'constructor', ''])(
    'knows no method %j',
    async (method) => {
      expect((await answerTo({ jsonrpc: '2.0', id: 1, method })).error).toEqual({
        code: -32601,
        message: `the method ${method} does not exist/is not available`,
      })
    },
  )

  test('takes nothing from keys that name the prototype', async () => {
    const request = '{"jsonrpc":"2.0","id":1,"__proto__":{"method":"eth_chainId"}}'
    const answer = await caller.text(request)
    expect(JSON.parse(answer ?? '')).toMatchObject({ error: { code: -32600 } })
    const params = '[{"__proto__":{"to":"0x00"},"constructor":{"prototype":{"polluted":1}}}]'
    await caller.text(`{"jsonrpc":"2.0","id":1,"method":"eth_call","params":${params}}`)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('refuses JSON nested a million deep, but no brackets in a text', async () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    const call = (params: string) =>
      `{"jsonrpc":"2.0","id":1,"method":"eth_call","params":${params}}`
    const code = async (body: string) =>
      (JSON.parse((await caller.text(body)) ?? '') as RpcAnswer).error?.code
    for (const body of [nested(1_000_000), '['.repeat(1_000_000), nested(129)])
      expect(await code(body)).toBe(-32700)
    expect(await code(call(nested(1_000_000)))).toBe(-32700)
    expect(await code(call(nested(100)))).toBe(-32602)
    expect(await code(call(`["\\"${'['.repeat(200)}"]`))).toBe(-32602)
  })
})

describe('batches', () => {
  const chainId = (id?: number) => ({ jsonrpc: '2.0', id, method: 'eth_chainId' })

  test('answers the calls in order and the notifications not at all', async () => {
    const answer = await caller.text(JSON.stringify([chainId(1), chainId(), 7, chainId(2)]))
    expect(JSON.parse(answer ?? '')).toEqual([
      { jsonrpc: '2.0', id: 1, result: '0x539' },
      { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'invalid request' } },
      { jsonrpc: '2.0', id: 2, result: '0x539' },
    ])
  })

  test('answers a batch of notifications with nothing', async () => {
    expect(await caller.text(JSON.stringify([chainId(), chainId()]))).toBeUndefined()
  })

  test('refuses an empty batch and one of more than 1,000 calls with one answer', async () => {
    expect(await answerTo([])).toMatchObject({ id: null, error: { code: -32600 } })
    const calls = Array.from({ length: 1_001 }, (_, id) => chainId(id))
    expect(await answerTo(calls)).toMatchObject({ id: null, error: { code: -32600 } })
    expect(await answerTo(calls.slice(1))).toHaveLength(1_000)
  })

  test('stops to run calls when the answers are too large, and says so to each', async () => {
    const small = rpcCaller(node, { maxResponseBytes: 200 })
    const calls = Array.from({ length: 10 }, (_, id) => chainId(id))
    const answers = JSON.parse((await small.text(JSON.stringify(calls))) ?? '') as RpcAnswer[]
    expect(answers).toHaveLength(10)
    expect(answers[0]).toMatchObject({ id: 0, result: '0x539' })
    expect(answers[9]).toMatchObject({ id: 9, error: { code: -32003 } })
  })

  test('refuses a single answer that is too large', async () => {
    const small = rpcCaller(node, { maxResponseBytes: 200 })
    expect(await small.error('rpc_methods')).toMatchObject({ code: -32003 })
  })

  test('tells the rest of a batch that time is up', async () => {
    const slow = rpcNode()
    const delayed = rpcCaller({
      ...slow.context,
      submit: (raw) => {
        slow.clock.advance(40_000)
        return slow.context.submit(raw)
      },
    })
    const send = { jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransaction', params: ['0x00'] }
    const answers = JSON.parse((await delayed.text(JSON.stringify([send, chainId(2)]))) ?? '')
    expect(answers).toMatchObject([{ id: 1 }, { id: 2, error: { code: -32002 } }])
  })
})

describe('a handler that fails', () => {
  test('is answered as an internal error and logged, once it waits too long as a time-out', async () => {
    const broken = rpcNode()
    const failing = rpcCaller({
      ...broken.context,
      counts: () => {
        throw new Error('secret')
      },
      submit: () => new Promise(() => {}),
    })
    expect(await failing.error('gossip_counts')).toEqual({
      code: -32603,
      message: 'internal error',
    })
    expect(broken.errors).toHaveLength(1)
    const late = failing.error('eth_sendRawTransaction', '0x00')
    broken.clock.advance(30_000)
    expect(await late).toEqual({ code: -32002, message: 'request timed out' })
  })
})

describe('properties', () => {
  const jsonrpc = fc.constantFrom('2.0', '1.0', undefined)
  const method = fc.oneof(fc.constantFrom(...methodTable().map(({ name }) => name)), fc.string())
  const hexish = fc.oneof(
    fc.constantFrom(
      'latest',
      'pending',
      'earliest',
      'safe',
      'finalized',
      '0x',
      '0x0',
      '0x1',
      '0x01',
    ),
    fc.string(),
    fc.stringMatching(/^0x[0-9a-f]{40}$/),
    fc.stringMatching(/^0x[0-9a-f]{64}$/),
    fc.stringMatching(/^0x[0-9a-f]{0,80}$/),
  )
  const callObject = fc.dictionary(
    fc.constantFrom(
      'from',
      'to',
      'gas',
      'gasPrice',
      'value',
      'data',
      'input',
      'accessList',
      'maxFeePerGas',
      'blockHash',
      'fromBlock',
      'toBlock',
      'address',
      'topics',
      'blockNumber',
      '__proto__',
    ),
    fc.oneof(hexish, fc.jsonValue()),
  )
  const params = fc.oneof(
    fc.array(fc.oneof(hexish, callObject, fc.jsonValue(), fc.boolean()), { maxLength: 4 }),
    fc.jsonValue(),
  )
  const request = fc.record(
    { jsonrpc, id: fc.oneof(fc.integer(), fc.string(), fc.jsonValue()), method, params },
    { requiredKeys: [] },
  )

  /** A list of answers, or nothing: each with a result or an error, none an internal error. */
  function isValid(text: string | undefined): boolean {
    if (text === undefined) return true
    const answers = [JSON.parse(text)].flat() as (RpcAnswer & { jsonrpc?: string })[]
    return answers.every(
      (answer) =>
        answer.jsonrpc === '2.0' &&
        'result' in answer !== 'error' in answer &&
        answer.error?.code !== -32603,
    )
  }

  test('any JSON gets a valid answer or none, and never an internal error', async () => {
    const body = fc.oneof(request, fc.array(request, { maxLength: 5 }), fc.jsonValue())
    await fc.assert(
      fc.asyncProperty(body, async (value) => {
        const sending = caller.text(JSON.stringify(value))
        node.clock.advance(30_000)
        expect(isValid(await sending)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
    expect(node.errors).toEqual([])
    caller.filters.assertInvariants()
  })

  test('the id of any JSON is that of its parser, and a text of the request', () => {
    const members = fc.oneof(fc.jsonValue(), fc.record({ id: fc.jsonValue(), a: fc.jsonValue() }))
    const batch = fc.oneof(fc.array(members), members)
    fc.assert(
      fc.property(batch, fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent)
        const items: unknown[] = Array.isArray(value) ? value : [value]
        const ids = items.map((item) => {
          const own = isRecord(item) && Object.hasOwn(item, 'id')
          return own ? JSON.stringify(item['id']) : undefined
        })
        const found = idTexts(text).map((id) => id && JSON.stringify(JSON.parse(id)))
        expect(found).toEqual(ids)
      }),
    )
  })

  test('any bytes get a valid answer or none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        expect(isValid(await caller.text(bytes))).toBe(true)
      }),
    )
  })
})
