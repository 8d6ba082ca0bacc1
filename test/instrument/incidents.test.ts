import { describe, expect, test } from 'vitest'
import type { Devnet, Peer } from '../../src/devnet/devnet.ts'
import { applyFault } from '../../src/devnet/faults.ts'
import { homeClient } from '../../src/instrument/homeClient.ts'
import { Incidents } from '../../src/instrument/incidents.ts'
import type { PeerExit } from '../../src/devnet/peerProcess.ts'
import { RpcError } from '../../src/rpc/client/rpcClient.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import type { TimedFault } from '../../src/scenario/fault.ts'

/** A devnet of which the first `running` of `nodes` have been started. */
class FakeDevnet {
  readonly clock = new ManualClock()
  readonly running: Set<number>
  readonly calls: unknown[] = []
  answer: (index: number) => unknown = () => null
  readonly #listeners: ((exit: PeerExit) => void)[] = []
  readonly #nodes: number

  constructor(nodes: number, running: number) {
    this.#nodes = nodes
    this.running = new Set(Array.from({ length: running }, (_, index) => index))
  }

  exit(index: number, signal: NodeJS.Signals | null, code: number | null = null): void {
    this.running.delete(index)
    for (const listener of this.#listeners) listener({ index, code, signal })
  }

  get devnet(): Devnet {
    const peers = Array.from({ length: this.running.size }, (_, index) => this.#peer(index))
    return {
      options: { clock: this.clock, nodes: this.#nodes },
      peers,
      onExit: (listener: (exit: PeerExit) => void) => void this.#listeners.push(listener),
      start: async (index: number) => void this.running.add(index),
    } as unknown as Devnet
  }

  #peer(index: number): Peer {
    return {
      process: {
        info: { index, peerId: `id-${index}` },
        exited: Promise.resolve(),
        isRunning: () => this.running.has(index),
        signal: (name: NodeJS.Signals) => {
          if (name === 'SIGSTOP') throw new Error('shares its process')
          this.exit(index, name)
        },
      },
      rpc: {
        url: `http://${index}`,
        call: async (...call: unknown[]) => {
          this.calls.push([index, ...call])
          return this.answer(index)
        },
      },
    } as unknown as Peer
  }
}

const kill: TimedFault = { atMs: 100, fault: { kind: 'kill', peers: [1] } }
const restart: TimedFault = { atMs: 300, fault: { kind: 'restart', peers: [1] } }

describe('what happens to a network', () => {
  async function played(fake: FakeDevnet, faults: readonly TimedFault[]): Promise<Incidents> {
    const { devnet, clock } = fake
    const incidents = new Incidents(devnet, clock.monotonicMs())
    const playing = incidents.play(faults, async () => {}, new AbortController().signal)
    for (let at = 0; at < 500; at += 10) {
      clock.advance(10)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await playing
    return incidents
  }

  test('by plan is recorded when it begins, and who is killed is not told twice', async () => {
    const fake = new FakeDevnet(3, 3)
    const startMs = fake.clock.monotonicMs()
    const { records, changes } = await played(fake, [kill, restart])
    expect(records).toMatchObject([
      { atMs: 100, kind: 'kill', detail: 'kill peer 1' },
      { atMs: 300, kind: 'restart', detail: 'restart peer 1' },
    ])
    expect(changes.map(({ node, timeMs, isUp }) => [node, timeMs - startMs, isUp])).toEqual([
      [1, 100, false],
      [1, 300, true],
    ])
  })

  test('for a time by plan is recorded with its end', async () => {
    const { records } = await played(new FakeDevnet(3, 3), [{ ...kill, untilMs: 300 }, restart])
    expect(records.map(({ untilMs }) => untilMs)).toEqual([300, undefined])
  })

  test('of itself or by hand is recorded too', async () => {
    const fake = new FakeDevnet(4, 3)
    const { devnet } = fake
    const incidents = new Incidents(devnet, fake.clock.monotonicMs())
    fake.exit(2, null, 1)
    await applyFault(devnet, { kind: 'heal' })
    expect(incidents.records).toMatchObject([
      { atMs: 0, kind: 'peer-exit', detail: 'peer 2 ended (exit code 1)' },
      { atMs: 0, kind: 'heal', detail: 'heal every link' },
    ])
    expect(incidents.changes.map(({ node, isUp }) => [node, isUp])).toEqual([
      [3, false],
      [2, false],
    ])
  })

  test('and cannot be is recorded as such, and the rest goes on', async () => {
    const pause: TimedFault = { atMs: 50, fault: { kind: 'pause', peers: [0] } }
    const { records } = await played(new FakeDevnet(3, 3), [pause, kill])
    expect(records.map(({ kind }) => kind)).toEqual(['pause', 'fault-failed', 'kill'])
    expect(records[1]?.detail).toBe('pause peer 0: shares its process')
  })
})

test('a fault that is answered late holds up no other', async () => {
  const fake = new FakeDevnet(3, 3)
  const never = new Promise(() => {})
  fake.answer = () => never
  const { devnet, clock } = fake
  const incidents = new Incidents(devnet, clock.monotonicMs())
  const heal: TimedFault = { atMs: 50, fault: { kind: 'heal' } }
  void incidents.play([heal, kill], async () => {}, new AbortController().signal)
  for (let at = 0; at < 20; at++) {
    clock.advance(10)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(incidents.records.map(({ atMs, kind }) => [atMs, kind])).toEqual([
    [50, 'heal'],
    [100, 'kill'],
  ])
})

describe('a home of transactions', () => {
  test('is the node itself while it answers', async () => {
    const fake = new FakeDevnet(3, 3)
    const home = homeClient(fake.devnet, 1)
    expect(home.url).toBe('http://1')
    await home.call('eth_sendRawTransaction', ['0x01'])
    expect(fake.calls).toEqual([[1, 'eth_sendRawTransaction', ['0x01']]])
  })

  test('is the next that runs while it does not, to which a known transaction is no refusal', async () => {
    const fake = new FakeDevnet(3, 3)
    const { devnet } = fake
    fake.running.delete(1)
    await homeClient(devnet, 1).call('x')
    expect(fake.calls).toEqual([[2, 'x', undefined]])
    const lost = new Error('connection lost')
    const known = new RpcError(-32_000, 'already known', 'known')
    fake.answer = (index) => {
      throw index === 0 ? lost : known
    }
    await expect(homeClient(devnet, 0).call('x')).resolves.toBeUndefined()
    fake.answer = () => {
      throw known
    }
    await expect(homeClient(devnet, 0).call('x')).rejects.toThrow('already known')
  })

  test('is told to be away when nobody runs', async () => {
    const fake = new FakeDevnet(2, 2)
    const { devnet } = fake
    fake.running.clear()
    await expect(homeClient(devnet, 1).call('x')).rejects.toThrow('peer 1 does not run')
  })
})
