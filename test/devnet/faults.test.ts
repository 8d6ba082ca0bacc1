import { describe, expect, test } from 'vitest'
import type { Devnet, Peer } from '../../src/devnet/devnet.ts'
import { applyFault } from '../../src/devnet/faults.ts'
import { describeFault, type Fault } from '../../src/scenario/fault.ts'

/** A devnet that notes what is done to it: signals and calls by peer, starts by index. */
function notedDevnet(count: number, gone: readonly number[] = []) {
  const notes: unknown[] = []
  const peers = Array.from({ length: count }, (_, index) => ({
    process: {
      info: { index, peerId: `id-${index}` },
      exited: Promise.resolve({ index, code: null, signal: 'SIGKILL' }),
      isRunning: () => !gone.includes(index),
      signal: (name: string) => notes.push([index, name]) > 0,
    },
    rpc: {
      call: async (method: string, params: readonly unknown[]) =>
        notes.push([index, method, ...params]),
    },
  })) as unknown as Peer[]
  const start = async (index: number): Promise<void> => void notes.push([index, 'start'])
  return { devnet: { peers, start } as unknown as Devnet, notes }
}

const SLOW = { latencyMs: 200, jitterMs: 1, lossRate: 0 }

const CASES: readonly (readonly [text: string, fault: Fault, done: readonly unknown[]])[] = [
  ['kill peer 1', { kind: 'kill', peers: [1] }, [[1, 'SIGKILL']]],
  [
    'restart peers 0,2',
    { kind: 'restart', peers: [0, 2] },
    [
      [0, 'start'],
      [2, 'start'],
    ],
  ],
  ['join peer 3', { kind: 'join', peers: [3] }, [[3, 'start']]],
  ['pause peer 1', { kind: 'pause', peers: [1] }, [[1, 'SIGSTOP']]],
  ['resume peer 1', { kind: 'resume', peers: [1] }, [[1, 'SIGCONT']]],
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
    'mute peers 0,1: takes everything in and forwards nothing',
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
    const { devnet, notes } = notedDevnet(3)
    expect(describeFault(fault)).toBe(text)
    await applyFault(devnet, fault)
    expect(notes).toEqual(done)
  })

  test('that ends heals every peer that runs', async () => {
    const { devnet, notes } = notedDevnet(3, [1])
    await applyFault(devnet, { kind: 'heal' })
    expect(notes).toEqual([
      [0, 'admin_healPeers'],
      [2, 'admin_healPeers'],
    ])
    expect(describeFault({ kind: 'heal' })).toBe('heal every link')
  })

  test('of a peer that was never started is an error that names it', async () => {
    const { devnet, notes } = notedDevnet(2)
    await expect(applyFault(devnet, { kind: 'pause', peers: [7] })).rejects.toThrow(
      new Error('peer 7 has not been started'),
    )
    expect(notes).toEqual([])
  })
})
