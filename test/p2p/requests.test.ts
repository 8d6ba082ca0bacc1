import { encode } from 'it-length-prefixed'
import { afterEach, describe, expect, test } from 'vitest'
import type { PeerId, ProtocolLimits, RequestHandler } from '../../src/gossip/network.ts'
import type { Libp2pNetwork } from '../../src/p2p/libp2pNetwork.ts'
import { RequestError, type RequestFailureReason } from '../../src/p2p/requests/requestError.ts'
import { addressOf, payload, RawPeer, startNetwork, stopAll } from '../builders/p2p.ts'

afterEach(stopAll)

const ECHO = '/grapevine/00000000/echo/1'
const LIMITS: ProtocolLimits = {
  maxRequestBytes: 1000,
  maxFrameBytes: 64 * 1024,
  maxFrames: 16,
  firstByteTimeoutMs: 2_000,
  totalTimeoutMs: 5_000,
}

async function* echo(_: PeerId, request: Uint8Array): AsyncIterable<Uint8Array> {
  yield request
}

async function pair(
  handler: RequestHandler = echo,
  options: Parameters<typeof startNetwork>[0] = {},
): Promise<{ asker: Libp2pNetwork; server: Libp2pNetwork; to: PeerId }> {
  const [asker, server] = await Promise.all([startNetwork(), startNetwork(options)])
  await server.handle(ECHO, LIMITS, handler)
  return { asker, server, to: await asker.dial(addressOf(server)) }
}

async function ask(
  { asker, to }: { asker: Libp2pNetwork; to: PeerId },
  request: Uint8Array,
  limits = LIMITS,
  protocol = ECHO,
): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = []
  for await (const frame of asker.request(to, protocol, limits, request)) frames.push(frame)
  return frames
}

async function failureOf(work: Promise<unknown>): Promise<RequestFailureReason | undefined> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return error instanceof RequestError ? error.failure : undefined
}

/** Nobody answers: the stream is open and nothing comes. */
async function* silence(): AsyncIterable<Uint8Array> {
  await new Promise(() => {})
  yield new Uint8Array(0)
}

async function* endless(): AsyncIterable<Uint8Array> {
  for (let i = 0; ; i++) yield payload(i, 1000)
}

describe('a request', () => {
  test('is answered with the frames of the handler, in order, empty ones included', async () => {
    const frames = [payload(1, 3000), new Uint8Array(0), payload(2, 60_000)]
    const both = await pair(async function* (_, request) {
      yield* frames
      yield request
    })
    expect(await ask(both, payload(9))).toEqual([...frames, payload(9)])
  })

  test('tells the handler who asks', async () => {
    const asked: PeerId[] = []
    const both = await pair(async function* (from) {
      asked.push(from)
      yield* []
    })
    expect(await ask(both, payload(1))).toEqual([])
    expect(asked).toEqual([both.asker.self])
  })

  test('of the largest size is taken, and one byte more is not even sent', async () => {
    const both = await pair()
    expect(await ask(both, payload(1, 1000))).toEqual([payload(1, 1000)])
    expect(await failureOf(ask(both, payload(1, 1001)))).toBe('request-too-large')
  })

  test('is answered with frames as large as the protocol allows, beyond the 4 MiB of the framing', async () => {
    const limits = { ...LIMITS, maxFrameBytes: 8 * 1024 * 1024, totalTimeoutMs: 20_000 }
    const [asker, server] = await Promise.all([startNetwork(), startNetwork()])
    const largest = payload(1, limits.maxFrameBytes)
    await server.handle(ECHO, limits, async function* () {
      yield largest
    })
    const to = await asker.dial(addressOf(server))
    const [frame] = await ask({ asker, to }, new Uint8Array(1), limits)
    expect(frame?.length).toBe(limits.maxFrameBytes)
  })

  test('to a peer without a connection, or of a protocol it does not speak, says so', async () => {
    const both = await pair()
    const stranger = (await startNetwork()).self
    expect(await failureOf(ask({ ...both, to: stranger }, payload(1)))).toBe('not-connected')
    expect(await failureOf(ask(both, payload(1), LIMITS, '/grapevine/other/1'))).toBe('unsupported')
  })

  test('leaves no stream behind, however it ends', async () => {
    const both = await pair(async function* (_, request) {
      if (request[3] === 1) throw new Error('a bug of ours')
      yield request
      if (request[3] === 2) yield* endless()
    })
    await ask(both, payload(0))
    await failureOf(ask(both, payload(1)))
    await failureOf(ask(both, payload(2)))
    for await (const _ of both.asker.request(both.to, ECHO, LIMITS, payload(2))) break
    const open = [both.asker, both.server].flatMap((network) =>
      network.libp2p.getConnections().flatMap(({ streams }) => streams),
    )
    await Promise.all(
      open
        .filter(({ protocol, status }) => protocol === ECHO && status === 'open')
        .map((stream) => new Promise((resolve) => stream.addEventListener('close', resolve))),
    )
    expect(await ask(both, payload(0))).toEqual([payload(0)])
  })
})

describe('an answer', () => {
  test.each([
    ['larger frames than allowed', 'frame-too-large', { maxFrameBytes: 500 }],
    ['more frames than allowed', 'too-many-frames', { maxFrames: 3 }],
  ] as const)('of %s ends the request', async (_, failure, limits) => {
    const both = await pair(async function* () {
      for (let i = 0; i < 4; i++) yield payload(i, 501)
    })
    expect(await failureOf(ask(both, payload(1), { ...LIMITS, ...limits }))).toBe(failure)
  })

  test('that does not begin ends the request after the time for the first byte', async () => {
    const both = await pair(silence)
    const limits = { ...LIMITS, firstByteTimeoutMs: 50 }
    expect(await failureOf(ask(both, payload(1), limits))).toBe('first-byte-timeout')
  })

  test('that begins and does not end ends the request after the whole time', async () => {
    const both = await pair(async function* (_, request) {
      yield request
      yield* silence()
    })
    const limits = { ...LIMITS, totalTimeoutMs: 100 }
    expect(await failureOf(ask(both, payload(1), limits))).toBe('total-timeout')
  })

  test('is cut off at its source when the handler says more than the protocol allows', async () => {
    const both = await pair(endless)
    expect(await failureOf(ask(both, payload(1), { ...LIMITS, maxFrames: 1000 }))).toBe('broken')
  })

  test('waits for a slow reader instead of filling its memory', async () => {
    const limits = { ...LIMITS, maxFrames: 1000, totalTimeoutMs: 20_000 }
    let produced = 0
    const [asker, server] = await Promise.all([startNetwork(), startNetwork()])
    await server.handle(ECHO, limits, async function* () {
      for (; produced < 1000; produced++) yield payload(produced, 64 * 1024)
    })
    const to = await asker.dial(addressOf(server))
    let taken = 0
    let mostAhead = 0
    for await (const frame of asker.request(to, ECHO, limits, payload(1))) {
      expect(new DataView(frame.buffer, frame.byteOffset).getUint32(0)).toBe(taken++)
      mostAhead = Math.max(mostAhead, produced - taken)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(taken).toBe(1000)
    expect(mostAhead * 64 * 1024).toBeLessThan(20 * 1024 * 1024)
  })
})

describe('a server', () => {
  test('refuses a peer that asks too often, and serves others', async () => {
    const limits = { requestsPerPeerBurst: 2, requestsPerPeerPerSecond: 0.001 }
    const both = await pair(echo, { limits })
    await ask(both, payload(1))
    await ask(both, payload(2))
    expect(await failureOf(ask(both, payload(3)))).toBe('broken')
    const other = await startNetwork()
    const to = await other.dial(addressOf(both.server))
    expect(await ask({ asker: other, to }, payload(4))).toEqual([payload(4)])
  })

  test('refuses all peers together beyond the total', async () => {
    const both = await pair(echo, { limits: { requestsBurst: 1, requestsPerSecond: 0.001 } })
    await ask(both, payload(1))
    const other = await startNetwork()
    const to = await other.dial(addressOf(both.server))
    expect(await failureOf(ask({ asker: other, to }, payload(2)))).toBe('broken')
  })

  test('survives a handler that throws, before and between frames', async () => {
    const both = await pair(async function* (_, request) {
      if (request[3] === 1) throw new Error('before')
      yield request
      throw new Error('after')
    })
    expect(await failureOf(ask(both, payload(1)))).toBe('broken')
    expect(await failureOf(ask(both, payload(2)))).toBe('broken')
    expect(both.asker.peers().length).toBe(1)
  })

  test('drops a stream with an oversized request, a silent one and one without a request', async () => {
    const { server } = await pair()
    await server.handle('/grapevine/hasty/1', { ...LIMITS, firstByteTimeoutMs: 50 }, echo)
    const raw = await RawPeer.start()
    await raw.connect(server)
    const [connection] = raw.libp2p.getConnections()
    const open = async (protocol: string, bytes?: Uint8Array): Promise<unknown> => {
      const stream = await connection?.newStream([protocol])
      const closed = new Promise((resolve) => stream?.addEventListener('close', resolve))
      if (bytes !== undefined) stream?.send(bytes)
      return closed
    }
    await Promise.all([
      open(ECHO, encode.single(payload(1, 1001)).subarray()),
      open(ECHO, new Uint8Array(10).fill(0xff)),
      open('/grapevine/hasty/1'),
      open('/grapevine/hasty/1', Uint8Array.of(100, 1, 2)),
    ])
    expect(raw.connected).toBe(true)
  })

  test('that stops ends what is in progress', async () => {
    const both = await pair(silence)
    const asked = failureOf(ask(both, payload(1)))
    await both.asker.stop()
    expect(await asked).toBe('stopped')
  })
})

/**
 * go-libp2p selects a protocol without waiting for the answer: header, protocol, request and the
 * end of the stream leave in one packet.
 */
describe('a peer that says everything at once', () => {
  const MULTISTREAM = '/multistream/1.0.0'

  function line(text: string): Uint8Array {
    return encode.single(new TextEncoder().encode(`${text}\n`)).subarray()
  }

  /** All bytes that come back until the stream ends. */
  async function exchange(pieces: readonly Uint8Array[]): Promise<Uint8Array> {
    const { server } = await pair()
    const raw = await RawPeer.start()
    await raw.connect(server)
    const stream = await raw.bareStream()
    const chunks: Uint8Array[] = []
    const ended = new Promise<void>((resolve) => {
      stream.addEventListener('end', () => resolve())
      stream.addEventListener('message', ({ data }) => chunks.push(data.subarray()))
    })
    for (const piece of pieces) stream.send(piece)
    await Promise.all([stream.close(), ended])
    return Buffer.concat(chunks)
  }

  const request = payload(1, 100)
  const header = line(MULTISTREAM)
  const protocol = line(ECHO)
  const frame = encode.single(request).subarray()
  const answer = Buffer.concat([header, protocol, frame])

  test.each([
    ['one frame of the muxer', [Buffer.concat([header, protocol, frame])]],
    ['a frame for each part', [header, protocol, frame]],
    ['a request in two frames', [header, protocol, frame.subarray(0, 40), frame.subarray(40)]],
  ])('in %s is answered', async (_, pieces) => {
    expect(Buffer.from(await exchange(pieces)).equals(answer)).toBe(true)
  })

  test('and ends before its request is whole gets no answer', async () => {
    const cut = [Buffer.concat([header, protocol, frame.subarray(0, 40)])]
    const selection = Buffer.concat([header, protocol])
    expect(Buffer.from(await exchange(cut)).equals(selection)).toBe(true)
  })
})
