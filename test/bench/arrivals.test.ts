import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import { keccak256Hash, type Hash } from '../../src/crypto/keccak.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { Arrivals } from './beside/arrivals.ts'

const servers: WebSocketServer[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A node that takes one subscription; answers its URL and the socket of who subscribes. */
async function node(): Promise<{ url: string; socket: Promise<WebSocket> }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  servers.push(server)
  await once(server, 'listening')
  const socket = new Promise<WebSocket>((resolve) => {
    server.once('connection', (one) => {
      one.once('message', () => {
        one.send(JSON.stringify({ jsonrpc: '2.0', id: 1, result: '0x1' }))
        resolve(one)
      })
    })
  })
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, socket }
}

/** Tells of a transaction, and resolves when the other end has read all that came. */
async function tell(socket: WebSocket, hash: Hash): Promise<void> {
  socket.send(JSON.stringify({ method: 'eth_subscription', params: { result: hash } }))
  const answered = once(socket, 'pong')
  socket.ping()
  await answered
}

function hashOf(text: string): Hash {
  return keccak256Hash(new TextEncoder().encode(text))
}

describe('Arrivals', () => {
  it('leaves out the peer that a transaction went to, and counts what did not arrive', async () => {
    const nodes = await Promise.all([node(), node(), node()])
    const arrivals = await Arrivals.watch(nodes.map(({ url }) => url))
    const [first, second, third] = await Promise.all(nodes.map(({ socket }) => socket))
    if (first === undefined || second === undefined || third === undefined) throw new Error('none')
    const [everywhere, atOne] = [hashOf('everywhere'), hashOf('at one')]
    const sentMs = systemClock.monotonicMs()
    for (const socket of [first, second, third]) await tell(socket, everywhere)
    await tell(second, atOne)
    await tell(second, atOne)
    const taken = [everywhere, atOne].map((hash) => ({ hash, peer: 0, sentMs, answeredMs: sentMs }))
    const [toOne, toAll] = [arrivals.toOne(taken), arrivals.toAll(taken)]
    arrivals.close()
    expect(toOne.of).toBe(4)
    expect(toOne.ms).toHaveLength(3)
    expect(toAll.of).toBe(2)
    expect(toAll.ms).toEqual([Math.max(...toOne.ms.slice(0, 2))])
  })
})
