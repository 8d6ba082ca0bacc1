import { describe, expect, test } from 'vitest'
import { untilMeshesForm } from '../../src/devnet/meshesFormed.ts'
import type { MeshedPeer } from '../../src/devnet/meshes.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'

const AIM = { D: 8, Dlo: 3, Dhi: 12 }
const PATIENCE_MS = 30_000
const IDS = Array.from({ length: 4 }, (_, index) => `peer ${index}`)

/** Four peers that know one another, of which those named have empty meshes. */
function peersOf(short: readonly number[], meshSize = 0): readonly MeshedPeer[] {
  return IDS.map((peerId, index) => {
    const others = IDS.filter((id) => id !== peerId)
    const mesh = new Set(short.includes(index) ? others.slice(0, meshSize) : others)
    return { index, peerId, aim: AIM, planned: undefined, meshes: [{ mesh, subscribers: others }] }
  })
}

/** How the wait ended, and after how long, for a network that is read as `readAt` says. */
async function outcomeOf(
  readAt: (elapsedMs: number) => readonly MeshedPeer[],
  load = 1,
): Promise<{ readonly said: string; readonly atMs: number }> {
  const clock = new ManualClock()
  const startMs = clock.monotonicMs()
  const elapsedMs = (): number => clock.monotonicMs() - startMs
  const outcomes: { readonly said: string; readonly atMs: number }[] = []
  const note = (said: string): void => {
    outcomes.push({ said, atMs: elapsedMs() })
  }
  void untilMeshesForm({
    clock,
    loadPerCore: () => load,
    signal: new AbortController().signal,
    read: async () => readAt(elapsedMs()),
    patienceMs: PATIENCE_MS,
  }).then(
    () => note('formed'),
    (error: Error) => note(error.message),
  )
  while (outcomes.length === 0 && elapsedMs() < 20 * PATIENCE_MS) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(100)
  }
  return outcomes[0] ?? { said: 'still waiting', atMs: elapsedMs() }
}

describe('the meshes of a network', () => {
  test('are waited for until they have formed', async () => {
    const { said } = await outcomeOf((ms) => peersOf(ms < 20_000 ? [1, 2] : []))
    expect(said).toBe('formed')
  })

  test('are waited for so many times as long as the machine is overloaded', async () => {
    const formedAfter100s = (ms: number): readonly MeshedPeer[] => peersOf(ms < 100_000 ? [1] : [])
    expect((await outcomeOf(formedAfter100s, 1)).said).toContain('peer 1 has 3 mesh peers too few')
    expect((await outcomeOf(formedAfter100s, 4)).said).toBe('formed')
  })

  test('are waited for as long as one of them grows', async () => {
    const growing = (ms: number): readonly MeshedPeer[] => {
      const size = Math.floor(ms / 20_000)
      return size < 3 ? peersOf([0, 1], size) : peersOf([])
    }
    const { said, atMs } = await outcomeOf(growing)
    expect(said).toBe('formed')
    expect(atMs).toBeGreaterThan(PATIENCE_MS)
  })

  test('that do not form are counted and the first is named once, with the load', async () => {
    const { said } = await outcomeOf(() => peersOf([1, 3]), 1.5)
    expect(said).toBe(
      'the meshes of 2 peers are short, the first: peer 1 has 3 mesh peers too few, and no mesh has grown for 45 s (load: 1.5 for each core)',
    )
  })

  test('of one peer that do not form are told without a count', async () => {
    const { said } = await outcomeOf(() => peersOf([2], 1))
    expect(said).toBe(
      'peer 2 has 2 mesh peers too few, and no mesh has grown for 30 s (load: 1 for each core)',
    )
  })
})
