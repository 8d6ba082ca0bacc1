import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { BLOCKED_PORTS, listenForWeb } from '../../src/rpc/webPort.ts'

/** Why a request to a port fails, before a connection or after. */
async function failure(port: number): Promise<string> {
  try {
    await fetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(2_000) })
    return ''
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined
    return cause instanceof Error ? cause.message : String(error)
  }
}

/** A server that the system gives these ports, one after the other. */
function givenPorts(ports: readonly number[]) {
  const server = createServer()
  const left = [...ports]
  const listened: number[] = []
  const listen = server.listen.bind(server)
  let given = 0
  const replaced = {
    listen: (port: number, host: string, done: () => void) => {
      listened.push(port)
      given = left.shift() ?? 0
      return listen(0, host, done)
    },
    address: () => ({ port: given, family: 'IPv4', address: '127.0.0.1' }),
  }
  return { server: Object.assign(server, replaced), listened }
}

describe('ports that fetch refuses', () => {
  test('are those of this Node', async () => {
    const ports = [...BLOCKED_PORTS].flatMap((port) => [port - 1, port, port + 1])
    const tried = [...new Set(ports)].filter((port) => port > 0)
    const refused = await Promise.all(tried.map(async (port) => [port, await failure(port)]))
    const blocked = refused.filter(([, why]) => why === 'bad port').map(([port]) => port)
    expect(blocked).toEqual(tried.filter((port) => BLOCKED_PORTS.has(port)))
  })

  test('are given back to the system until it gives another', async () => {
    const { server, listened } = givenPorts([6000, 10_080, 40_000])
    await listenForWeb(server, 0, '127.0.0.1')
    expect(listened).toEqual([0, 0, 0])
    server.close()
  })

  test('are had where they are asked for by number', async () => {
    const { server, listened } = givenPorts([6000])
    await listenForWeb(server, 6000, '127.0.0.1')
    expect(listened).toEqual([6000])
    server.close()
  })
})
