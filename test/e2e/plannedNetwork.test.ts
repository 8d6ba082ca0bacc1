import { isRecord } from '../../src/lib/records.ts'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { startDevnet, type Devnet } from '../../src/devnet/devnet.ts'
import { meshesFormed } from '../../src/devnet/meshesFormed.ts'
import type { Peer } from '../../src/devnet/devnetPeer.ts'
import { bytesToHex, parseHex } from '../../src/lib/bytes.ts'
import { sleep, systemClock } from '../../src/lib/clock.ts'
import type { NetworkPlan } from '../../src/scenario/networkPlan.ts'
import { signTx } from '../../src/tx/signTx.ts'
import { linePlan, linkPlan, nodePlan, starPlan } from '../builders/plan.ts'
import { isAlive, MAIN } from '../builders/program.ts'

const devnets: Devnet[] = []
const dirs: string[] = []

afterEach(async () => {
  await Promise.all(devnets.splice(0).map((devnet) => devnet.stop()))
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
})

async function start(plan: NetworkPlan, processes: number | undefined): Promise<Devnet> {
  const dir = mkdtempSync(join(tmpdir(), 'grapevine-'))
  dirs.push(dir)
  const devnet = await startDevnet({
    program: MAIN,
    nodes: plan.nodes.length,
    chainId: 1337,
    periodS: 1,
    dir,
    settings: {},
    plan,
    ...(processes !== undefined && { processes }),
    clock: systemClock,
    signal: new AbortController().signal,
  })
  devnets.push(devnet)
  return devnet
}

function peerAt(devnet: Devnet, index: number): Peer {
  const peer = devnet.peers.find(({ process }) => process.info.index === index)
  if (peer === undefined) throw new Error(`no peer ${index}`)
  return peer
}

/** Submits a transfer of the first account and answers its hash. */
async function submit(devnet: Devnet, index: number, nonce: number): Promise<string> {
  const [account] = devnet.accounts
  const key = parseHex(account?.privateKey ?? '')
  if (account === undefined || key === undefined) throw new Error('no account')
  const { raw } = signTx(
    {
      type: 2,
      chainId: 1337n,
      nonce: BigInt(nonce),
      maxPriorityFeePerGas: 10n ** 9n,
      maxFeePerGas: 10n ** 11n,
      gasLimit: 21_000n,
      to: account.address,
      value: 1n,
      data: new Uint8Array(),
      accessList: [],
    },
    key,
  )
  return String(await peerAt(devnet, index).rpc.call('eth_sendRawTransaction', [bytesToHex(raw)]))
}

/** When a peer first received the item, on the clock of this host, ms. */
async function firstSeenMs({ rpc }: Peer, hash: string): Promise<number> {
  for (;;) {
    const timeline = await rpc.call('gossip_timeline', [hash]).catch(() => null)
    const first: unknown = isRecord(timeline) ? timeline['firstSeen'] : undefined
    if (isRecord(first)) return Number(first['receivedMs'])
    await sleep(systemClock, 20)
  }
}

async function linkedTo(peer: Peer): Promise<readonly string[]> {
  const peers = await peer.rpc.call('admin_peers')
  return Array.isArray(peers) ? peers.filter(isRecord).map(({ id }) => String(id)) : []
}

async function hasLinks(devnet: Devnet, index: number, others: readonly number[]): Promise<void> {
  const wanted = others.map((other) => peerAt(devnet, other).process.info.peerId).toSorted()
  for (;;) {
    const linked = (await linkedTo(peerAt(devnet, index))).toSorted()
    if (linked.join(' ') === wanted.join(' ')) return
    await sleep(systemClock, 20)
  }
}

describe.each([
  { name: 'one process', processes: 1 },
  { name: 'a process each', processes: undefined },
])('a planned network in $name', ({ processes }) => {
  test('is linked as planned, and a transaction needs the sum of the latencies', async () => {
    const devnet = await start(linePlan(6, 30), processes)
    await meshesFormed(devnet)
    await hasLinks(devnet, 0, [1])
    await hasLinks(devnet, 3, [2, 4])
    const hash = await submit(devnet, 0, 0)
    const times = await Promise.all(devnet.peers.map((peer) => firstSeenMs(peer, hash)))
    const tookMs = times.map((time) => time - (times[0] ?? 0))
    expect(tookMs[1]).toBeGreaterThan(29)
    expect(tookMs[5]).toBeGreaterThan(148)
  })

  test('goes on when one peer dies, and gives it its links again when it comes back', async () => {
    const plan: NetworkPlan = {
      nodes: [nodePlan(0), nodePlan(1, { settings: { logLevel: 'debug' } }), nodePlan(2)],
      links: [linkPlan(0, 1, 5), linkPlan(2, 1, 40), linkPlan(0, 2, 5)],
    }
    const devnet = await start(plan, processes)
    const before = peerAt(devnet, 1).process
    before.signal('SIGKILL')
    expect(await before.exited).toMatchObject({ index: 1, signal: 'SIGKILL' })
    expect(before.isRunning()).toBe(false)
    await hasLinks(devnet, 0, [2])
    await hasLinks(devnet, 2, [0])
    const after = await devnet.start(1)
    expect(after.process.info).toMatchObject({
      peerId: before.info.peerId,
      multiaddrs: before.info.multiaddrs,
      rpcUrl: before.info.rpcUrl,
    })
    await hasLinks(devnet, 1, [0, 2])
    expect(await after.rpc.call('gossip_settings')).toMatchObject({ logLevel: 'debug' })
  })
})

describe('peers that share a process', () => {
  test('are all ended, and their process with them, when the network stops', async () => {
    const devnet = await start(starPlan(4, 1), 2)
    const pids = new Set(devnet.peers.map(({ process }) => process.info.pid))
    expect(pids.size).toBe(2)
    await devnet.stop()
    expect([...pids].filter(isAlive)).toEqual([])
  })

  test('are all gone when their process dies, and each says so', async () => {
    const devnet = await start(starPlan(3, 1), 1)
    const exits: number[] = []
    devnet.onExit(({ index }) => exits.push(index))
    process.kill(peerAt(devnet, 0).process.info.pid, 'SIGKILL')
    await Promise.all(devnet.peers.map((peer) => peer.process.exited))
    await sleep(systemClock, 0)
    expect(exits.toSorted((one, other) => one - other)).toEqual([0, 1, 2])
    expect(devnet.peers.some((peer) => peer.process.isRunning())).toBe(false)
  })

  test('cannot be paused one by one, and say so', async () => {
    const devnet = await start(linePlan(2, 1), 1)
    expect(() => peerAt(devnet, 0).process.signal('SIGSTOP')).toThrow(/shares its process/)
  })

  test('that cannot start are named with the reason', async () => {
    const plan = linePlan(2, 1)
    const nodes = [nodePlan(0), nodePlan(1, { settings: { router: { Dzero: 1 } } })]
    await expect(start({ ...plan, nodes }, 1)).rejects.toThrow(/peer 1 .*no parameter Dzero/)
  })

  test('keep a log each', async () => {
    const settings = { logLevel: 'debug' }
    const { links } = linePlan(2, 1)
    const devnet = await start(
      { nodes: [nodePlan(0, { settings }), nodePlan(1, { settings })], links },
      1,
    )
    for (const { process } of devnet.peers) {
      const { dataDir, index } = process.info
      const lines = readFileSync(join(dataDir, 'peer.log'), 'utf8').trim().split('\n')
      expect(lines.filter((line) => !line.includes(`"peer":${index}`))).toEqual([])
    }
  })

  test('have their links again after a partition that has healed', async () => {
    const devnet = await start(linePlan(3, 5), 1)
    const id = peerAt(devnet, 2).process.info.peerId
    await peerAt(devnet, 1).rpc.call('admin_cutPeers', [[id]])
    await hasLinks(devnet, 1, [0])
    await peerAt(devnet, 1).rpc.call('admin_healPeers')
    await hasLinks(devnet, 1, [0, 2])
    expect(await linkedTo(peerAt(devnet, 0))).toHaveLength(1)
  })
})

test('a hub of a star has room for some of its leaves, and the meshes count as formed', async () => {
  const devnet = await start(starPlan(16, 1), 1)
  await meshesFormed(devnet)
  expect(devnet.neighbours(0)).toHaveLength(15)
  expect(devnet.neighbours(5)).toHaveLength(1)
})
