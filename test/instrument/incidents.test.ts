import { describe, expect, test } from 'vitest'
import { Incidents } from '../../src/instrument/incidents.ts'
import type { Fault, TimedFault } from '../../src/scenario/fault.ts'
import { FakeNetwork } from '../builders/port.ts'

const NOT_ENDED = new AbortController().signal
const kill: TimedFault = { atMs: 100, fault: { kind: 'kill', peers: [1] } }
const restart: TimedFault = { atMs: 300, fault: { kind: 'restart', peers: [1] } }

function incidentsOf(network: FakeNetwork): Incidents {
  return new Incidents(network, network.clock.monotonicMs())
}

async function played(
  network: FakeNetwork,
  faults: readonly TimedFault[],
  before: (fault: Fault) => Promise<void> = async () => {},
): Promise<Incidents> {
  const incidents = incidentsOf(network)
  const playing = incidents.play(faults, { before, signal: NOT_ENDED })
  await network.pass(500)
  await playing
  return incidents
}

describe('what happens to a network', () => {
  test('by plan is asked for and recorded when it is due', async () => {
    const network = new FakeNetwork(3)
    const { records } = await played(network, [{ ...kill, untilMs: 300 }, restart])
    expect(records).toEqual([
      { atMs: 100, untilMs: 300, kind: 'kill', detail: 'kill peer 1' },
      { atMs: 300, kind: 'restart', detail: 'restart peer 1' },
    ])
    expect(network.asked.map(([atMs, { kind }]) => [atMs, kind])).toEqual([
      [100, 'kill'],
      [300, 'restart'],
    ])
  })

  test('of itself or by hand is recorded too; a peer that was killed is not told twice', async () => {
    const network = new FakeNetwork(4)
    const incidents = incidentsOf(network)
    network.life.note(2, 'gone', { how: 'exit code 1' })
    network.life.note(3, 'gone')
    await network.faults.apply({ kind: 'heal' })
    expect(incidents.records).toEqual([
      { atMs: 0, kind: 'peer-exit', detail: 'peer 2 ended (exit code 1)' },
      { atMs: 0, kind: 'heal', detail: 'heal every link' },
    ])
  })

  test('after the run is not recorded', () => {
    const network = new FakeNetwork(2)
    const incidents = incidentsOf(network)
    incidents.close()
    network.life.note(1, 'gone', { how: 'exit code 1' })
    expect(incidents.records).toEqual([])
  })

  test('and cannot be is recorded as such, and the rest goes on', async () => {
    const network = new FakeNetwork(3)
    const pause: TimedFault = { atMs: 50, fault: { kind: 'pause', peers: [0] } }
    network.answer = ({ kind }) =>
      kind === 'pause' ? Promise.reject(new Error('shares its process')) : Promise.resolve()
    const { records } = await played(network, [pause, kill])
    expect(records.map(({ kind }) => kind)).toEqual(['pause', 'fault-failed', 'kill'])
    expect(records[1]?.detail).toBe('pause peer 0: shares its process')
  })
})

describe('a fault', () => {
  test('that is answered late holds up no other', async () => {
    const network = new FakeNetwork(3)
    network.answer = ({ kind }) => (kind === 'heal' ? new Promise(() => {}) : Promise.resolve())
    const incidents = incidentsOf(network)
    const heal: TimedFault = { atMs: 50, fault: { kind: 'heal' } }
    void incidents.play([heal, kill], { before: async () => {}, signal: NOT_ENDED })
    await network.pass(200)
    expect(network.asked.map(([atMs, { kind }]) => [atMs, kind])).toEqual([
      [50, 'heal'],
      [100, 'kill'],
    ])
  })

  test('waits for what goes before an earlier one of the same node, and for no other', async () => {
    const network = new FakeNetwork(3)
    const other: TimedFault = { atMs: 150, fault: { kind: 'pause', peers: [2] } }
    const soon: TimedFault = { atMs: 110, fault: { kind: 'restart', peers: [1] } }
    await played(network, [kill, soon, other], async ({ kind }) => {
      if (kind === 'kill')
        await new Promise<void>((resolve) => {
          network.clock.after(100, resolve)
        })
    })
    expect(network.asked.map(([atMs, { kind }]) => [atMs, kind])).toEqual([
      [150, 'pause'],
      [200, 'kill'],
      [200, 'restart'],
    ])
  })

  test('that is not due when the run is ended does not happen', async () => {
    const network = new FakeNetwork(3)
    const ended = new AbortController()
    const playing = incidentsOf(network).play([kill, restart], {
      before: async () => {},
      signal: ended.signal,
    })
    await network.pass(200)
    ended.abort()
    await playing
    expect(network.asked.map(([, { kind }]) => kind)).toEqual(['kill'])
  })
})
