import { createServer } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { callBatch, rpcClient, RpcError } from '../../../src/rpc/client/rpcClient.ts'

/** The address of a server that answers everything with this. */
async function answering(status: number, body: string): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

const call = async (url: string): Promise<unknown> => rpcClient(url).call('eth_chainId')

describe('the JSON-RPC client', () => {
  test('shows the status and the text of a server that refuses the request', async () => {
    const url = await answering(403, 'invalid host specified\n')
    await expect(call(url)).rejects.toThrow(
      `no JSON-RPC answer from ${url}: HTTP 403 Forbidden, "invalid host specified"`,
    )
    await expect(callBatch(url, [['eth_chainId', []]])).rejects.toThrow('invalid host specified')
  })

  test('shows the first 200 characters of a page', async () => {
    const url = await answering(200, `<html>\n${'x'.repeat(1_000)}`)
    await expect(call(url)).rejects.toThrow(`HTTP 200 OK, "<html> ${'x'.repeat(193)}"`)
  })

  test('says when the answer is empty', async () => {
    await expect(call(await answering(502, ''))).rejects.toThrow('HTTP 502 Bad Gateway, nothing')
  })

  test('takes an error of JSON-RPC from an answer with a status that is no success', async () => {
    const error = { code: -32_600, message: 'too large' }
    const url = await answering(413, JSON.stringify({ jsonrpc: '2.0', id: null, error }))
    await expect(call(url)).rejects.toThrow(new RpcError(-32_600, 'too large', ''))
    await expect(callBatch(url, [['eth_chainId', []]])).rejects.toThrow('too large')
  })
})
