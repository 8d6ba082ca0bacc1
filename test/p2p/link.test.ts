import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { MessageStream } from '@libp2p/interface'
import { afterEach, describe, expect, test } from 'vitest'
import { equalBytes } from '../../src/lib/bytes.ts'
import { corkingLink } from '../../src/p2p/links/link.ts'
import { Inbox, mesh, payload, startNetwork, stopAll, TX } from '../builders/p2p.ts'

afterEach(stopAll)

/** What of a libp2p connection the link needs: a socket, and `send` that writes to it. */
async function corked(socket: Socket): Promise<MessageStream> {
  const connection = { socket, send: (data: Uint8Array) => socket.write(data) }
  return corkingLink()().protect(connection as unknown as MessageStream)
}

/** A socket to a server that gathers all it receives. */
async function receiver() {
  const chunks: Buffer[] = []
  const ended = Promise.withResolvers<Buffer>()
  const server = createServer((socket) => {
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('end', () => ended.resolve(Buffer.concat(chunks)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  return { socket, everything: ended.promise.finally(() => server.close()) }
}

/** Counts the system calls that carry data: `_writev` and `_write` of the stream. */
function countWrites(socket: Socket): { count: number } {
  const writes = { count: 0 }
  for (const name of ['_write', '_writev'] as const) {
    const original = socket[name]?.bind(socket) as ((...args: unknown[]) => void) | undefined
    Object.assign(socket, {
      [name]: (...args: unknown[]) => {
        writes.count++
        original?.(...args)
      },
    })
  }
  return writes
}

describe('a corked link', () => {
  test('sends the writes of one tick as one, in their order', async () => {
    const { socket, everything } = await receiver()
    const writes = countWrites(socket)
    const connection = await corked(socket)
    for (let i = 0; i < 100; i++) connection.send(Uint8Array.of(i))
    await new Promise((resolve) => setImmediate(resolve))
    for (let i = 100; i < 200; i++) connection.send(Uint8Array.of(i))
    await new Promise((resolve) => setImmediate(resolve))
    socket.end()
    expect([...(await everything)]).toEqual(Array.from({ length: 200 }, (_, i) => i))
    expect(writes.count).toBe(2)
  })

  test('loses nothing when it is closed in the tick of its last write', async () => {
    const { socket, everything } = await receiver()
    const connection = await corked(socket)
    connection.send(Uint8Array.of(1, 2))
    connection.send(Uint8Array.of(3))
    socket.destroySoon()
    expect([...(await everything)]).toEqual([1, 2, 3])
  })

  test('does not mind a socket that was destroyed with writes pending', async () => {
    const { socket } = await receiver()
    const connection = await corked(socket)
    connection.send(Uint8Array.of(1))
    socket.destroy()
    await new Promise((resolve) => setImmediate(resolve))
    expect(socket.destroyed).toBe(true)
  })

  test('tells the writer to wait and to go on when more is written than the socket takes', async () => {
    const { socket, everything } = await receiver()
    const connection = await corked(socket)
    expect(connection.send(new Uint8Array(1 << 20))).toBe(false)
    await new Promise((resolve) => socket.once('drain', resolve))
    socket.end()
    expect((await everything).length).toBe(1 << 20)
  })

  test('is left alone where there is no socket', async () => {
    const bare = { send: () => true }
    const untouched = { ...bare }
    await corkingLink()().protect(bare as unknown as MessageStream)
    expect(bare).toEqual(untouched)
  })

  test('carries a burst of messages of all sizes between two networks, whole and in order', async () => {
    const [a, b] = await Promise.all([startNetwork(), startNetwork()])
    Inbox.join(a)
    const inbox = new Inbox(b)
    await mesh(a, b)
    const sizes = Array.from({ length: 200 }, (_, i) => 8 + ((i * 7919) % 20_000))
    for (const [i, bytes] of sizes.entries()) await a.publish(TX, payload(i, bytes))
    const messages = await inbox.count(sizes.length)
    const differing = messages.filter(({ data }, i) => !equalBytes(data, payload(i, sizes[i] ?? 0)))
    expect(differing).toEqual([])
  })
})
