import { isRecord } from '../../src/lib/records.ts'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { Report } from '../../src/measure/report.ts'
import { REPORT_VERSION } from '../../src/measure/reportTerms.ts'
import { rpcClient } from '../../src/rpc/client/rpcClient.ts'
import { grapevine, isAlive, type Running } from '../builders/program.ts'

interface ReadyPeer {
  readonly index: number
  readonly pid: number
  readonly peerId: string
  readonly multiaddrs: readonly string[]
  readonly rpcUrl: string
  readonly metricsUrl: string
  readonly dataDir: string
}

describe('grapevine devnet', () => {
  const running: Running[] = []

  afterEach(async () => {
    for (const program of running.splice(0)) {
      program.child.kill('SIGTERM')
      await program.finished
    }
  })

  function start(args: readonly string[]): Running {
    const program = grapevine(args)
    running.push(program)
    return program
  }

  async function ready(program: Running): Promise<ReadyPeer[]> {
    const event = await program.event((one) => one['event'] === 'ready')
    return event['peers'] as ReadyPeer[]
  }

  test('carries a load to every peer, reports it and leaves nothing behind', async () => {
    const program = start([
      'devnet',
      '--nodes',
      '3',
      '--txs',
      '20',
      '--period',
      '1',
      '--json',
      '--once',
    ])
    const peers = await ready(program)
    expect(peers.map(({ index }) => index)).toEqual([0, 1, 2])
    const { report } = await program.event((one) => one['event'] === 'report')
    expect(report).toMatchObject({
      version: REPORT_VERSION,
      clock: { source: 'host-monotonic', errorMs: 0 },
      nodes: 3,
      transactions: { submitted: 20, accepted: 20, included: 20, coverage: 1 },
      blocks: { coverage: 1 },
      sightingsLost: 0,
    })
    const { code } = await program.finished
    expect(code).toBe(0)
    expect(peers.filter(({ pid }) => isAlive(pid))).toEqual([])
    expect(await Promise.all(peers.map(({ rpcUrl }) => isListening(rpcUrl)))).toEqual([
      false,
      false,
      false,
    ])
    expect(peers.filter(({ dataDir }) => existsSync(dataDir))).toEqual([])
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('ends every peer on %s', async (signal) => {
    const program = start(['devnet', '--nodes', '2', '--json'])
    const peers = await ready(program)
    program.child.kill(signal)
    const { code, stdout } = await program.finished
    expect(code).toBe(0)
    expect(stdout.trim().split('\n').at(-1)).toBe('{"event":"stopped"}')
    expect(peers.filter(({ pid }) => isAlive(pid))).toEqual([])
  })

  test('interrupted in a load, it reports what has been and leaves no peer', async () => {
    const program = start(['devnet', '--nodes', '2', '--txs', '3000', '--period', '1', '--json'])
    const peers = await ready(program)
    await program.event((one) => one['event'] === 'block' && Number(one['transactions']) > 0)
    program.child.kill('SIGINT')
    const { report } = await program.event((one) => one['event'] === 'report')
    expect(report).toMatchObject({ faults: [{ kind: 'interrupted' }] })
    const { submitted } = (report as Report).transactions
    expect(submitted).toBeGreaterThan(0)
    expect(submitted).toBeLessThan(3_000)
    expect((await program.finished).code).toBe(3)
    expect(peers.map(({ pid }) => pid).filter(isAlive)).toEqual([])
  })

  test('peers end when the devnet is killed outright', async () => {
    const program = start(['devnet', '--nodes', '2', '--json'])
    const peers = await ready(program)
    program.child.kill('SIGKILL')
    await program.finished
    await Promise.all(peers.map(({ pid }) => gone(pid)))
    expect(peers.filter(({ pid }) => isAlive(pid))).toEqual([])
  })

  test('tells of blocks and of a peer that dies, and the rest goes on', async () => {
    const program = start(['devnet', '--nodes', '3', '--period', '1', '--json'])
    const peers = await ready(program)
    const first = await program.event((one) => one['event'] === 'block')
    process.kill(peers[2]?.pid ?? 0, 'SIGKILL')
    expect(await program.event((one) => one['event'] === 'peer-exit')).toMatchObject({
      index: 2,
      signal: 'SIGKILL',
    })
    const next = await program.event(
      (one) => one['event'] === 'block' && Number(one['number']) > Number(first['number']) + 1,
    )
    expect(await rpcClient(peers[0]?.rpcUrl ?? '').call('eth_blockNumber')).not.toBe('0x0')
    expect(next).toMatchObject({ transactions: 0 })
  })

  test('every peer serves metrics, the router its own among them', async () => {
    const [peer] = await ready(start(['devnet', '--nodes', '2', '--json']))
    const page = await (await fetch(peer?.metricsUrl ?? '')).text()
    expect(page).toContain('grapevine_head_number')
    expect(page).toContain('gossipsub_mesh_peer_count')
    expect(page).toContain('process_resident_memory_bytes')
  })

  test('is measured while it runs, by its URLs alone, with load and without', async () => {
    const peers = await ready(start(['devnet', '--nodes', '3', '--period', '1', '--json']))
    const urls = peers.map(({ rpcUrl }) => rpcUrl).join(',')
    const measure = async (...more: string[]): Promise<unknown> => {
      const args = ['measure', '--rpc', urls, '--duration', '2', '--json', ...more]
      return JSON.parse((await start(args).finished).stdout)
    }
    expect(await measure('--txs', '6', '--rate', '6')).toMatchObject({
      nodes: 3,
      transactions: { submitted: 6, accepted: 6, items: 6, coverage: 1 },
      clock: { source: 'host-monotonic', clocks: [{ nodes: [0, 1, 2] }] },
    })
    expect(await measure()).toMatchObject({
      transactions: { submitted: 0, items: 0 },
      blocks: { coverage: 1 },
    })
  })

  test('is measured by the URLs of some, and its report counts all members', async () => {
    const peers = await ready(start(['devnet', '--nodes', '5', '--period', '1', '--json']))
    const urls = peers.slice(0, 2).map(({ rpcUrl }) => rpcUrl)
    const args = ['measure', '--rpc', urls.join(','), '--duration', '2', '--txs', '4', '--json']
    expect(JSON.parse((await start(args).finished).stdout)).toMatchObject({
      nodes: 5,
      peers: [{ index: 0 }, { index: 1 }],
      transactions: { accepted: 4, coverage: 1 },
    })
  })

  test('a hash has the same story on the peer that got it and on the others', async () => {
    const program = start(['devnet', '--nodes', '3', '--txs', '3', '--period', '1', '--json'])
    const peers = await ready(program)
    await program.event((one) => one['event'] === 'report')
    const clients = peers.map(({ rpcUrl }) => rpcClient(rpcUrl))
    const head = await clients[0]?.call('eth_getBlockByNumber', ['latest', false])
    const hash = await firstTransaction(clients[0], head)
    const stories = await Promise.all(
      clients.map((client) => client.call('gossip_timeline', [hash])),
    )
    const origins = stories.filter(
      (story) =>
        isRecord(story) && isRecord(story['firstSeen']) && story['firstSeen']['from'] === 'rpc',
    )
    expect(origins).toHaveLength(1)
    for (const story of stories)
      expect(story).toMatchObject({ kind: 'tx', hash, verdict: 'accept' })
    for (const story of stories) expect(JSON.stringify(story)).toContain('"included"')
  })
})

/** The first transaction of the newest block that has one. */
async function firstTransaction(
  client: ReturnType<typeof rpcClient> | undefined,
  head: unknown,
): Promise<string> {
  for (
    let block = head;
    isRecord(block);
    block = await client?.call('eth_getBlockByHash', [block['parentHash'], false])
  ) {
    const { transactions } = block
    if (Array.isArray(transactions) && transactions.length > 0) return String(transactions[0])
  }
  throw new Error('no block holds a transaction')
}

/** Resolves when a process that is not our child is gone. */
async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve))
}

function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    socket.once('connect', () => resolve(socket.destroy() !== undefined))
    socket.once('error', () => resolve(false))
  })
}
