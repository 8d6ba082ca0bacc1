import type { Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { seededRandom } from '../../src/lib/random.ts'
import type { Libp2pNetwork } from '../../src/p2p/libp2pNetwork.ts'
import { limitValues } from '../../src/p2p/limits.ts'
import { LinkFaults } from '../../src/p2p/links/linkFaults.ts'
import { LinkShaper } from '../../src/p2p/links/linkShaper.ts'
import type { LinkShape } from '../../src/rehearsal/linkShape.ts'
import { addressOf, eventually, startNetwork, stopAll } from '../builders/p2p.ts'

afterEach(stopAll)

const ECHO = '/test/echo/1'
const SINK = '/test/sink/1'
/** What a measured time or rate may differ by. */
const TOLERANCE = 0.05
const MBIT = 125_000
/** A machine under load delivers late; so often it is given another chance. */
const MAX_TRIES = 100

interface End {
  readonly network: Libp2pNetwork
  readonly shaper: LinkShaper
  readonly faults: LinkFaults
  /** Bytes that streams of {@link SINK} brought. */
  readonly sunk: { bytes: number; onData: () => void }
}

async function end(seed: number): Promise<End> {
  const limits = limitValues('devnet')
  const shaper = new LinkShaper({ clock: systemClock, random: seededRandom(seed), limits })
  const faults = new LinkFaults()
  const network = await startNetwork({ linkShaper: shaper, linkFaults: faults })
  const sunk = { bytes: 0, onData: () => {} }
  await network.libp2p.handle(ECHO, (stream) => {
    stream.addEventListener('message', ({ data }) => stream.send(data))
  })
  await network.libp2p.handle(SINK, (stream) => {
    stream.addEventListener('message', ({ data }) => {
      sunk.bytes += data.byteLength
      sunk.onData()
    })
  })
  return { network, shaper, faults, sunk }
}

async function connectedPair(): Promise<readonly [End, End]> {
  const [a, b] = await Promise.all([end(1), end(2)])
  await connect(a, b)
  return [a, b]
}

async function connect(a: End, b: End): Promise<void> {
  await a.network.dial(addressOf(b.network))
  await eventually(b.network, () => b.network.peers().some(({ id }) => id === a.network.self))
}

function shapeBoth(a: End, b: End, shape: Partial<LinkShape>): void {
  const whole = { latencyMs: 0, jitterMs: 0, lossRate: 0, ...shape }
  a.shaper.shape([{ peer: b.network.self, ...whole }])
  b.shaper.shape([{ peer: a.network.self, ...whole }])
}

function bandwidth(end: End, up: number | undefined, down: number | undefined): void {
  end.shaper.setBandwidth({ upBytesPerS: up, downBytesPerS: down })
}

function open(from: End, to: End, protocol: string): Promise<Stream> {
  return from.network.libp2p.dialProtocol(peerIdFromString(to.network.self), protocol)
}

/** Milliseconds until each of `count` exchanges, one after the other, came back. */
async function roundTrips(from: End, to: End, count: number): Promise<number[]> {
  const stream = await open(from, to, ECHO)
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const came = new Promise((resolve) =>
      stream.addEventListener('message', resolve, { once: true }),
    )
    const startMs = performance.now()
    stream.send(Uint8Array.of(i))
    await came
    times.push(performance.now() - startMs)
  }
  await stream.close()
  return times
}

/**
 * Milliseconds until `bytes`, written as fast as the streams take them, have come out at the other
 * end.
 */
async function transferMs(from: End, to: End, bytes: number, streams = 1): Promise<number> {
  const opened = await Promise.all(Array.from({ length: streams }, () => open(from, to, SINK)))
  const wanted = to.sunk.bytes + bytes
  const done = new Promise<void>((resolve) => {
    to.sunk.onData = () => {
      if (to.sunk.bytes >= wanted) resolve()
    }
  })
  const startMs = performance.now()
  await Promise.all(opened.map((stream) => write(stream, bytes / streams)))
  await done
  const tookMs = performance.now() - startMs
  await Promise.all(opened.map((stream) => stream.close()))
  return tookMs
}

async function write(stream: Stream, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= 32_768)
    if (!stream.send(new Uint8Array(Math.min(left, 32_768)))) await stream.onDrain()
}

/**
 * The first of many measurements that is what was asked, or the last. What else runs on this
 * machine only ever adds, so one that fits says that the link does; one that is too quick is
 * answered at once.
 */
async function measured(
  asked: number,
  measure: () => Promise<number>,
  allowed = asked * TOLERANCE,
): Promise<number> {
  for (let tries = 1; ; tries++) {
    const value = await measure()
    if (value < asked + allowed || tries === MAX_TRIES) return value
  }
}

/** For `toSatisfy`. */
function within(asked: number, allowed = asked * TOLERANCE): (value: number) => boolean {
  return (value) => Math.abs(value - asked) < allowed
}

/** A round trip that is what was asked, or as near to it as this machine came. */
async function roundTripNear(asked: number, from: End, to: End): Promise<number> {
  return measured(asked, async () => Math.min(...(await roundTrips(from, to, 4))))
}

describe('the latency of a shaped link', () => {
  test.each([20, 50, 100])('is %i ms one way, within 5 %%', async (latencyMs) => {
    const [a, b] = await connectedPair()
    shapeBoth(a, b, { latencyMs })
    expect(await roundTripNear(2 * latencyMs, a, b)).toSatisfy(within(2 * latencyMs))
  })

  test('can differ by direction', async () => {
    const [a, b] = await connectedPair()
    a.shaper.shape([{ peer: b.network.self, latencyMs: 20, jitterMs: 0, lossRate: 0 }])
    b.shaper.shape([{ peer: a.network.self, latencyMs: 60, jitterMs: 0, lossRate: 0 }])
    expect(await roundTripNear(80, a, b)).toSatisfy(within(80))
  })

  test('holds from the first byte where the shape is known before the dial', async () => {
    const [a, b] = await Promise.all([end(1), end(2)])
    shapeBoth(a, b, { latencyMs: 50 })
    const startMs = performance.now()
    await connect(a, b)
    expect(performance.now() - startMs).toBeGreaterThan(100)
    expect(await roundTripNear(100, b, a)).toSatisfy(within(100))
  })

  test('changes for traffic from now on', async () => {
    const [a, b] = await connectedPair()
    shapeBoth(a, b, { latencyMs: 60 })
    expect(await roundTripNear(120, a, b)).toSatisfy(within(120))
    shapeBoth(a, b, { latencyMs: 20 })
    expect(await roundTripNear(40, a, b)).toSatisfy(within(40))
    shapeBoth(a, b, {})
    expect(Math.min(...(await roundTrips(a, b, 6)))).toBeLessThan(5)
  })

  test('does not slow a transfer down: many pieces are under way at once', async () => {
    const [a, b] = await connectedPair()
    shapeBoth(a, b, { latencyMs: 50 })
    bandwidth(a, 40 * MBIT, undefined)
    // Each stream may send the muxer's first window, 256 KiB, before the other end answers.
    expect(await measured(250, () => transferMs(a, b, 1_000_000, 5))).toSatisfy(within(250))
  })
})

describe('the bandwidth of a node', () => {
  test.each([
    { name: '10 Mbit/s up', up: 10, bytes: 400_000 },
    { name: '50 Mbit/s up', up: 50, bytes: 1_500_000 },
  ])('is $name, within 5 %', async ({ up, bytes }) => {
    const [a, b] = await connectedPair()
    bandwidth(a, up * MBIT, undefined)
    const wantedMs = (bytes / (up * MBIT)) * 1000
    expect(await measured(wantedMs, () => transferMs(a, b, bytes))).toSatisfy(within(wantedMs))
  })

  test('is 20 Mbit/s down, within 5 %, whatever the sender could do', async () => {
    const [a, b] = await connectedPair()
    bandwidth(b, undefined, 20 * MBIT)
    expect(await measured(320, () => transferMs(a, b, 800_000))).toSatisfy(within(320))
  })

  test('is shared by the links of a node', async () => {
    const [a, b] = await connectedPair()
    const c = await end(3)
    await connect(a, c)
    bandwidth(a, 20 * MBIT, undefined)
    const shares: number[] = []
    const both = await measured(320, async () => {
      const times = await Promise.all([transferMs(a, b, 400_000), transferMs(a, c, 400_000)])
      shares.push(Math.min(...times) / Math.max(...times))
      return Math.max(...times)
    })
    expect(Math.max(...shares)).toBeGreaterThan(0.75)
    expect(both).toSatisfy(within(320))
  })

  test('can be lifted while a transfer runs', async () => {
    const [a, b] = await connectedPair()
    bandwidth(a, 2 * MBIT, 2 * MBIT)
    const transfer = transferMs(a, b, 2_000_000)
    bandwidth(a, undefined, undefined)
    expect(await transfer).toBeLessThan(4_000)
  })

  test('makes a writer wait that is far ahead of it', async () => {
    const [a, b] = await connectedPair()
    bandwidth(a, MBIT, undefined)
    const stream = await open(a, b, SINK)
    const sent = Array.from({ length: 16 }, () => stream.send(new Uint8Array(16_384)))
    expect(sent[0]).toBe(true)
    expect(sent.at(-1)).toBe(false)
    stream.abort(new Error('seen enough'))
  })
})

describe('a lossy link', () => {
  test('delays by a round trip what is lost, one in five, and loses nothing', async () => {
    const [a, b] = await connectedPair()
    const lossRate = 0.2
    shapeBoth(a, b, { latencyMs: 10, lossRate })
    const share = await measured(0.36, async () => lateShare(await roundTrips(a, b, 40)), 0.24)
    expect(share).toSatisfy(within(0.36, 0.24))
    expect(a.network.peers()).toHaveLength(1)
  })
})

/** How many of the round trips of a link of 10 ms waited for a retransmission of 20 ms. */
function lateShare(times: readonly number[]): number {
  return times.filter((ms) => ms > 39).length / times.length
}

describe('a link with jitter', () => {
  test('keeps the order of what it carries', async () => {
    const [a, b] = await connectedPair()
    shapeBoth(a, b, { latencyMs: 20, jitterMs: 10 })
    const stream = await open(a, b, ECHO)
    const came: number[] = []
    const all = new Promise<void>((resolve) => {
      stream.addEventListener('message', ({ data }) => {
        came.push(...data.subarray())
        if (came.length === 100) resolve()
      })
    })
    for (let i = 0; i < 100; i++) {
      stream.send(Uint8Array.of(i))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await all
    expect(came).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })

  test('differs from one exchange to the next by as much as was asked', async () => {
    const [a, b] = await connectedPair()
    shapeBoth(a, b, { latencyMs: 30, jitterMs: 5 })
    const times = (await roundTrips(a, b, 40)).toSorted((one, other) => one - other)
    expect(times[20]).toBeGreaterThan(54)
    expect(times[0]).toBeLessThan(56)
    expect((times[36] ?? 0) - (times[4] ?? 0)).toBeGreaterThan(9)
  })
})

describe('a shaped link that is cut', () => {
  test('whole, closes, and is shaped again when it has healed', async () => {
    const [a, b] = await connectedPair()
    shapeBoth(a, b, { latencyMs: 20 })
    a.faults.cut([b.network.self], 'both')
    await eventually(b.network, () => b.network.peers().length === 0)
    a.faults.heal()
    await connect(a, b)
    expect(await roundTripNear(40, b, a)).toSatisfy(within(40))
  })

  test('one way, carries what it was given when it has healed', async () => {
    const [a, b] = await connectedPair()
    shapeBoth(a, b, { latencyMs: 20 })
    const stream = await open(a, b, SINK)
    a.faults.cut([b.network.self], 'outgoing')
    stream.send(new Uint8Array(1000))
    await new Promise((resolve) => systemClock.after(30, () => resolve(undefined)))
    expect(b.sunk.bytes).toBe(0)
    const came = new Promise<void>((resolve) => {
      b.sunk.onData = resolve
    })
    a.faults.heal()
    await came
    expect(b.sunk.bytes).toBe(1000)
  })

  test('by closing it carries first what is under way', async () => {
    const [a, b] = await connectedPair()
    shapeBoth(a, b, { latencyMs: 100 })
    const stream = await open(a, b, SINK)
    const came = new Promise<void>((resolve) => {
      b.sunk.onData = resolve
    })
    stream.send(new Uint8Array(1000))
    await new Promise((resolve) => setImmediate(resolve))
    await a.network.disconnect(b.network.self, 'the test says so')
    await came
    expect(b.sunk.bytes).toBe(1000)
  })
})
