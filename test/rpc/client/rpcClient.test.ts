import { createServer } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { batchedClient, rpcClient, RpcAnswerError } from '../../../src/rpc/client/rpcClient.ts'

/** The address of a server that answers everything with this. */
async function answering(status: number, body: string): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

const call = async (url: string): Promise<unknown> => rpcClient(url).call('eth_chainId')

/** Two calls in one request. */
const batched = (url: string): Promise<unknown> => {
  const client = batchedClient(url)
  return Promise.all([client.call('eth_chainId'), client.call('eth_blockNumber')])
}

describe('the JSON-RPC client', () => {
  test('shows the status and the text of a server that refuses the request', async () => {
    const url = await answering(403, 'invalid host specified\n')
    await expect(call(url)).rejects.toThrow(
      `no JSON-RPC answer from ${url}: HTTP 403 Forbidden, "invalid host specified"`,
    )
    await expect(batched(url)).rejects.toThrow('invalid host specified')
  })

  test('shows the first 200 characters of a page', async () => {
    const url = await answering(200, `<html>\n${'x'.repeat(1_000)}`)
    await expect(call(url)).rejects.toThrow(`HTTP 200 OK, "<html> ${'x'.repeat(193)}"`)
  })

  test('says when the answer is empty', async () => {
    await expect(call(await answering(502, ''))).rejects.toThrow('HTTP 502 Bad Gateway, nothing')
  })

  test('says why nothing answers on a port that fetch refuses', async () => {
    await expect(call('http://127.0.0.1:6000')).rejects.toThrow(
      'no JSON-RPC answer from http://127.0.0.1:6000: its port cannot be used: the Fetch standard blocks it',
    )
  })

  test('takes an error of JSON-RPC from an answer with a status that is no success', async () => {
    const error = { code: -32_600, message: 'too large' }
    const url = await answering(413, JSON.stringify({ jsonrpc: '2.0', id: null, error }))
    await expect(call(url)).rejects.toThrow(new RpcAnswerError(-32_600, 'too large', ''))
    await expect(batched(url)).rejects.toThrow('too large')
  })
})

describe('a client that batches', () => {
  test('sends the calls of one turn in one request, each with an answer or error of its own', async () => {
    const bodies: unknown[] = []
    const server = createServer((request, response) => {
      let text = ''
      request.on('data', (part: Buffer) => (text += part.toString()))
      request.on('end', () => {
        bodies.push(JSON.parse(text))
        response.end(
          JSON.stringify([
            { jsonrpc: '2.0', id: 1, error: { code: -32_601, message: 'no such method' } },
            { jsonrpc: '2.0', id: 0, result: '0x539' },
          ]),
        )
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
    const address = server.address()
    const client = batchedClient(
      `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    )
    const [known, unknown] = await Promise.allSettled([
      client.call('eth_chainId'),
      client.call('eth_nothing', [1]),
    ])
    expect(known).toEqual({ status: 'fulfilled', value: '0x539' })
    expect(unknown).toMatchObject({ status: 'rejected', reason: { message: 'no such method' } })
    expect(bodies).toEqual([
      [
        { jsonrpc: '2.0', id: 0, method: 'eth_chainId', params: [] },
        { jsonrpc: '2.0', id: 1, method: 'eth_nothing', params: [1] },
      ],
    ])
  })
})
