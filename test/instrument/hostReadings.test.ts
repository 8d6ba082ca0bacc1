import { describe, expect, test } from 'vitest'
import { readHosts } from '../../src/instrument/readings/hostReadings.ts'
import type { HostAnswer, PeerPort } from '../../src/instrument/port.ts'
import { hostAnswer } from '../../src/instrument/rpc/rpcAnswers.ts'
import { renderReport } from '../../src/measure/terminal/terminal.ts'
import { peerPort, FakeNetwork } from '../builders/port.ts'
import { reportOfPlan } from '../builders/report.ts'

const HOST: HostAnswer = {
  machine: {
    cpu: 'a processor',
    cores: 4,
    memoryGiB: 8,
    platform: 'linux x64',
    kernel: '6.1.0',
    node: '24.1.0',
  },
  loadPerCore: 0.25,
  crypto: { recover: 'native', keccak: 'wasm' },
  client: 'grapevine/v1',
}

function peerOn(index: number, clockId: string, changes: Partial<HostAnswer> = {}): PeerPort {
  return peerPort({
    index,
    clock: async () => ({ clockId, nowMs: 1 }),
    host: async () => ({ ...HOST, ...changes }),
  })
}

function hostsOf(peers: readonly PeerPort[]) {
  return readHosts(Object.assign(new FakeNetwork(peers.length), { peers }))
}

describe('the hosts of a network', () => {
  test('are told one by one, each with its nodes and the highest load that these told', async () => {
    const hosts = await hostsOf([
      peerOn(0, 'clock'),
      peerOn(1, 'other', { loadPerCore: 2 }),
      peerOn(2, 'clock', { loadPerCore: 0.3 }),
      peerOn(3, 'other', { loadPerCore: 1.9 }),
    ])
    expect(hosts).toEqual([
      { ...HOST, nodes: [0, 2], isMeasuring: true, loadPerCore: 0.3 },
      { ...HOST, nodes: [1, 3], isMeasuring: false, loadPerCore: 2 },
    ])
  })

  test('are two rows where the nodes of one machine recover signatures by other means', async () => {
    const slow = { recover: 'noble', keccak: 'noble' }
    const hosts = await hostsOf([peerOn(0, 'clock'), peerOn(1, 'clock', { crypto: slow })])
    expect(hosts.map(({ nodes, crypto }) => [nodes, crypto['recover']])).toEqual([
      [[0], 'native'],
      [[1], 'noble'],
    ])
  })

  test('are those of the nodes that tell: not of older, dead or simulated ones', async () => {
    const old = peerPort({ index: 1, host: () => Promise.reject(new Error('no such method')) })
    const clockless = peerPort({ index: 2, host: async () => HOST })
    expect(
      await hostsOf([peerOn(0, 'clock'), old, clockless, peerPort({ index: 3 })]),
    ).toHaveLength(1)
    expect(await hostsOf([peerPort()])).toEqual([])
  })

  test('have a line each in the report, and a warning where one was overloaded', () => {
    const shown = (isMeasuring: boolean, loadPerCore: number): string =>
      renderReport({
        ...reportOfPlan(),
        hosts: [{ ...HOST, nodes: [0, 1], isMeasuring, loadPerCore }],
      }).replace(/\s+/g, ' ')
    expect(shown(false, 0.25)).toContain(
      'host: nodes 0, 1 on 4 x a processor, 8 GiB, linux x64, kernel 6.1.0, Node 24.1.0; recover native, keccak wasm; 0.25 processes for each core; grapevine/v1',
    )
    expect(shown(false, 0.25)).not.toContain('overloaded')
    expect(shown(false, 2)).toContain('the host of nodes 0, 1 was overloaded (2')
    expect(shown(true, 2)).not.toMatch(/host: |the host of/)
  })

  test('are not taken from an answer that is no such thing', () => {
    for (const wrong of [null, {}, { ...HOST, loadPerCore: -1 }, { ...HOST, machine: { cpu: 1 } }])
      expect(hostAnswer.safeParse(wrong).success).toBe(false)
    expect(hostAnswer.safeParse(HOST).success).toBe(true)
  })
})
