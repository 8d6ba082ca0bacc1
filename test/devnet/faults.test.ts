import { describe, expect, test } from 'vitest'
import type { Peer } from '../../src/devnet/devnetPeer.ts'
import { DevnetFaults, type FaultyNetwork } from '../../src/devnet/faults.ts'
import { describeFault, type Fault } from '../../src/scenario/fault.ts'
import { peerPort } from '../builders/port.ts'

/** A network that notes what is done to it: what is done to processes and calls, by peer. */
function notedNetwork(count: number, gone: readonly number[] = []) {
  const notes: unknown[] = []
  const running = new Set(Array.from({ length: count }, (_, index) => index))
  for (const index of gone) running.delete(index)
  /** What a peer does with a call. */
  const answers = new Map<number, () => Promise<unknown>>()
  const note = (...what: readonly unknown[]): void => void notes.push(what)
  const isRunning = (index: number) => (): boolean => running.has(index)
  const peers = Array.from({ length: count }, (_, index): Peer => ({
    process: {
      info: {
        index,
        pid: index,
        peerId: `id-${index}`,
        multiaddrs: [],
        rpcUrl: '',
        metricsUrl: undefined,
        dataDir: '',
      },
      exited: new Promise(() => {}),
      isRunning: isRunning(index),
      signal: () => true,
      stop: async () => {},
    },
    rpc: {
      url: '',
      call: async (method, params = []) => {
        note(index, method, ...params)
        return answers.get(index)?.()
      },
    },
    port: peerPort({ index, isRunning: isRunning(index) }),
  }))
  const network: FaultyNetwork = {
    peers,
    start: async (index) => {
      running.add(index)
      note(index, 'start')
    },
    kill: async (index) => {
      running.delete(index)
      note(index, 'kill')
    },
    leave: async (index) => {
      running.delete(index)
      note(index, 'leave')
    },
    pause: (index) => note(index, 'pause'),
    resume: (index) => note(index, 'resume'),
  }
  return { faults: new DevnetFaults(network), notes, answers }
}

const SLOW = { latencyMs: 200, jitterMs: 1, lossRate: 0 }

const CASES: readonly (readonly [text: string, fault: Fault, done: readonly unknown[]])[] = [
  ['kill peer 1', { kind: 'kill', peers: [1] }, [[1, 'kill']]],
  [
    'leave peers 1,2',
    { kind: 'leave', peers: [1, 2] },
    [
      [1, 'leave'],
      [2, 'leave'],
    ],
  ],
  [
    'restart peers 0,2',
    { kind: 'restart', peers: [0, 2] },
    [
      [0, 'start'],
      [2, 'start'],
    ],
  ],
  ['join peer 3', { kind: 'join', peers: [3] }, [[3, 'start']]],
  ['pause peer 1', { kind: 'pause', peers: [1] }, [[1, 'pause']]],
  ['resume peer 1', { kind: 'resume', peers: [1] }, [[1, 'resume']]],
  [
    'partition 0,1 | 2',
    { kind: 'partition', groups: [[0, 1], [2]] },
    [
      [0, 'admin_cutPeers', ['id-2'], 'both'],
      [1, 'admin_cutPeers', ['id-2'], 'both'],
      [2, 'admin_cutPeers', ['id-0', 'id-1'], 'both'],
    ],
  ],
  [
    'nothing from peer 0 to peers 1,2',
    { kind: 'one-way', from: [0], to: [1, 2] },
    [[0, 'admin_cutPeers', ['id-1', 'id-2'], 'outgoing']],
  ],
  [
    'clock-jump peer 2 by -3600 s',
    { kind: 'clock-jump', peers: [2], byMs: -3_600_000 },
    [[2, 'admin_jumpClock', -3_600_000]],
  ],
  [
    'link 0-2 now 200 ms',
    { kind: 'shape-links', links: [{ a: 0, b: 2, shape: SLOW }] },
    [
      [0, 'admin_shapeLinks', [{ peer: 'id-2', ...SLOW }]],
      [2, 'admin_shapeLinks', [{ peer: 'id-0', ...SLOW }]],
    ],
  ],
  [
    'peer 1 has 1 Mbit/s up, any bandwidth down',
    { kind: 'bandwidth', of: [{ peer: 1, upBytesPerS: 125_000, downBytesPerS: null }] },
    [[1, 'admin_setBandwidth', 125_000, null]],
  ],
  [
    'mute peers 0,1: receives all messages and forwards none',
    { kind: 'hostile', peers: [0, 1], behaviour: 'mute' },
    [
      [0, 'admin_misbehave', 'mute'],
      [1, 'admin_misbehave', 'mute'],
    ],
  ],
  ['honest peer 1', { kind: 'honest', peers: [1] }, [[1, 'admin_misbehave']]],
]

describe('a fault', () => {
  test.each(CASES)('told as "%s" is done to the peers it names', async (text, fault, done) => {
    const { faults, notes } = notedNetwork(3)
    expect(describeFault(fault)).toBe(text)
    await faults.apply(fault)
    expect(notes).toEqual(done)
  })

  test('that ends heals every peer that runs', async () => {
    const { faults, notes } = notedNetwork(3, [1])
    await faults.apply({ kind: 'heal' })
    expect(notes).toEqual([
      [0, 'admin_healPeers'],
      [2, 'admin_healPeers'],
    ])
    expect(describeFault({ kind: 'heal' })).toBe('heal every link')
  })

  test('of a peer that does not run is an error that names it', async () => {
    const { faults, notes } = notedNetwork(2, [1])
    const jump: Fault = { kind: 'clock-jump', peers: [1], byMs: 1 }
    await expect(faults.apply(jump)).rejects.toThrow(new Error('peer 1 does not run'))
    expect(notes).toEqual([])
  })

  test('parts those that run from those that do not, and is no error', async () => {
    const { faults, notes } = notedNetwork(2, [1])
    await faults.apply({ kind: 'partition', groups: [[0], [1]] })
    expect(notes).toEqual([[0, 'admin_cutPeers', ['id-1'], 'both']])
  })
})

describe('faults of one peer', () => {
  test('happen in the order in which they are asked for', async () => {
    const { faults, notes } = notedNetwork(2)
    await Promise.all([
      faults.apply({ kind: 'pause', peers: [1] }),
      faults.apply({ kind: 'kill', peers: [1] }),
      faults.apply({ kind: 'restart', peers: [1] }),
      faults.apply({ kind: 'honest', peers: [1] }),
      faults.apply({ kind: 'resume', peers: [1] }),
    ])
    expect(notes.filter((note) => Array.isArray(note) && note[1] !== 'admin_misbehave')).toEqual([
      [1, 'pause'],
      [1, 'kill'],
      [1, 'start'],
      [1, 'resume'],
    ])
    expect(notes).toContainEqual([1, 'admin_misbehave'])
  })

  test('on its process do not wait for its answer to another', async () => {
    const { faults, notes, answers } = notedNetwork(2)
    const late = Promise.withResolvers<undefined>()
    answers.set(1, () => late.promise)
    await faults.apply({ kind: 'pause', peers: [1] })
    const healed = faults.apply({ kind: 'heal' })
    await faults.apply({ kind: 'kill', peers: [1] })
    expect(notes).toContainEqual([1, 'kill'])
    late.reject(new Error('connection lost'))
    await expect(healed).resolves.toBeUndefined()
  })

  test('are told to it one after the other, and a failure of one does not stop the next', async () => {
    const { faults, notes, answers } = notedNetwork(2)
    answers.set(0, () => Promise.reject(new Error('busy')))
    const hostile = faults.apply({ kind: 'hostile', peers: [0], behaviour: 'mute' })
    const honest = faults.apply({ kind: 'honest', peers: [0] })
    await expect(hostile).rejects.toThrow('busy')
    await expect(honest).rejects.toThrow('busy')
    expect(notes).toEqual([
      [0, 'admin_misbehave', 'mute'],
      [0, 'admin_misbehave'],
    ])
  })
})
