import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LOOPBACK_ORIGINS } from '../../src/rpc/server/access.ts'
import type { RpcServer } from '../../src/rpc/server/server.ts'
import { CHAIN_ID_CALL, closeServers, JSON_TYPE, send, serve } from '../builders/rpcServer.ts'

let server: RpcServer

beforeEach(async () => {
  ;({ server } = await serve())
})

afterEach(closeServers)

describe('who may call', () => {
  const as = (headers: Record<string, string>) =>
    send(server, JSON.stringify(CHAIN_ID_CALL), { headers: { ...JSON_TYPE, ...headers } })

  test.each(['localhost', 'localhost:8545', '127.0.0.1:1', '[::1]:8545', 'LocalHost', '10.0.0.7'])(
    'answers to the host %s',
    async (host) => {
      expect((await as({ host })).status).toBe(200)
    },
  )

  test.each(['evil.example', 'localhost.evil.example:8545', '127.0.0.1.evil.example', '[evil]'])(
    'refuses the host "%s", to which a page of the same name could be rebound',
    async (host) => {
      expect((await as({ host })).status).toBe(403)
      expect(server.stats().refusedConnections).toBe(1)
    },
  )

  test('answers to configured hosts', async () => {
    ;({ server } = await serve({ hosts: ['grapevine.local'] }))
    expect((await as({ host: 'grapevine.local:1' })).status).toBe(200)
    expect((await as({ host: 'other.local' })).status).toBe(403)
    ;({ server } = await serve({ hosts: ['*'] }))
    expect((await as({ host: 'other.local' })).status).toBe(200)
  })

  test('refuses web pages, but not wallets in the browser', async () => {
    expect((await as({ origin: 'https://evil.example' })).status).toBe(403)
    expect((await as({ origin: 'null' })).status).toBe(403)
    expect((await as({ origin: 'chrome-extension://abcdef' })).status).toBe(200)
    const preflight = await send(server, '', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBe(403)
  })

  test('lets configured web pages call', async () => {
    ;({ server } = await serve({ origins: ['http://localhost:3000'] }))
    const origin = 'http://localhost:3000'
    const preflight = await send(server, '', { method: 'OPTIONS', headers: { origin } })
    expect(preflight.status).toBe(204)
    expect(preflight.headers['access-control-allow-origin']).toBe(origin)
    expect(preflight.headers['access-control-allow-headers']).toBe('content-type')
    const answer = await as({ origin })
    expect(answer.headers['access-control-allow-origin']).toBe(origin)
    expect((await as({ origin: 'http://localhost:3001' })).status).toBe(403)
  })

  test('lets the pages of a configured host call from every port, and no other host', async () => {
    ;({ server } = await serve({ origins: LOOPBACK_ORIGINS }))
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1', 'http://[::1]:80'])
      expect((await as({ origin })).status).toBe(200)
    for (const origin of [
      'https://localhost:5173',
      'http://localhost.evil.example',
      'http://localhost:1.evil.example',
      'http://localhost:80@evil.example',
      'http://127.0.0.12:80',
      'http://localhost:*',
      'null',
    ])
      expect((await as({ origin })).status).toBe(403)
  })
})
