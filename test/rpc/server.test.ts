import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { startRpcServer } from '../../src/rpc/server/server.ts'
import { rpcNode } from '../builders/rpc.ts'
import {
  CHAIN_ID_CALL,
  closeServers,
  send,
  serve,
  WsClient,
  PATIENT,
} from '../builders/rpcServer.ts'
import { signedTransfer } from '../builders/tx.ts'

afterEach(closeServers)

describe('the server', () => {
  test('turns away connections beyond its limit and takes new ones when others leave', async () => {
    const { server } = await serve({ limits: { maxConnections: 2 } })
    const clients = [await WsClient.open(server), await WsClient.open(server)]
    await expect(WsClient.open(server)).rejects.toThrow('socket hang up')
    expect(server.stats().refusedConnections).toBeGreaterThan(0)
    clients[0]?.socket.terminate()
    await expect.poll(() => server.stats().connections, PATIENT).toBe(1)
    expect((await send(server, JSON.stringify(CHAIN_ID_CALL))).status).toBe(200)
    clients[1]?.socket.terminate()
  })

  test('names the port and the flag when the port is taken', async () => {
    const squatter = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => squatter.once('listening', resolve))
    const { port } = squatter.address() as AddressInfo
    await expect(startRpcServer(rpcNode().context, { port })).rejects.toThrow(
      `JSON-RPC port ${port} on 127.0.0.1 is in use: choose another with --rpc-port, or 0 for a free one`,
    )
    await new Promise((resolve) => squatter.close(resolve))
  })

  test('names the flag when the address is none of this machine', async () => {
    await expect(
      startRpcServer(rpcNode().context, { port: 0, host: '203.0.113.1' }),
    ).rejects.toThrow('--rpc-host')
  })

  test('listens on loopback unless told otherwise', async () => {
    const { server } = await serve()
    expect(server).toMatchObject({
      host: '127.0.0.1',
      url: `http://127.0.0.1:${server.port}`,
      wsUrl: `ws://127.0.0.1:${server.port}`,
    })
  })

  test('closes at once with connections open, calls waiting and subscriptions alive', async () => {
    const { node, server } = await serve()
    const client = await WsClient.open(server)
    await client.ask('eth_subscribe', 'newHeads')
    const raw = `0x${Buffer.from(signedTransfer().raw).toString('hex')}`
    const waiting = send(
      server,
      JSON.stringify({ ...CHAIN_ID_CALL, method: 'eth_sendRawTransactionSync', params: [raw] }),
    )
    await expect.poll(() => node.mempool.pendingCount, PATIENT).toBe(1)
    const [outcome] = await Promise.allSettled([waiting, server.close()])
    expect(outcome.status).toBe('rejected')
    await expect.poll(() => client.close?.code, PATIENT).toBe(1006)
    await expect(send(server, '')).rejects.toThrow('ECONNREFUSED')
    node.seal()
    await server.close()
  })
})
