/** Whole nodes on loopback sockets in this process, closed again by {@link stopPeers}. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { devnetGenesis } from '../../src/chain/genesis/devnetGenesis.ts'
import type { PeerId } from '../../src/gossip/network.ts'
import { runPeer, type RunningPeer } from '../../src/peer/runningPeer.ts'
import type { MachineClock } from '../../src/lib/machineClock.ts'
import type { Settings } from '../../src/node/settings/settings.ts'
import { testSigners } from './chain.ts'
import { recordingLog, testSettings, type LogLine } from './syncNode.ts'
import { beginWait } from './waiting.ts'

const cleanups: (() => Promise<void> | void)[] = []

export async function stopPeers(): Promise<void> {
  await Promise.all(cleanups.splice(0).map(async (stop) => stop()))
}

export interface TestPeer extends RunningPeer {
  readonly lines: readonly LogLine[]
  readonly id: PeerId
}

/**
 * A genesis file with so many signers of the builders; `testChain` of as many has the same genesis.
 */
export function genesisFile(signers = 1): string {
  const dir = mkdtempSync(join(tmpdir(), 'grapevine-'))
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }))
  const file = join(dir, 'genesis.json')
  const addresses = testSigners(signers).map(({ address }) => address)
  writeFileSync(file, JSON.stringify(devnetGenesis({ signers: addresses, periodS: 1 })))
  return file
}

/**
 * Joins by the first address of `by`, if there is one; lives by the clock of this host unless
 * another is given.
 */
export async function startPeer(
  settings: Partial<Settings>,
  by?: Pick<RunningPeer, 'network'>,
  clock?: MachineClock,
): Promise<TestPeer> {
  const { log, lines } = recordingLog()
  const bootnodes = by === undefined ? [] : by.network.addresses().slice(0, 1)
  const quick = { rpc: false, metrics: false, heartbeatMs: 100 }
  const host = await runPeer(testSettings({ ...quick, bootnodes, ...settings }), log, clock)
  cleanups.push(() => host.stop())
  return { ...host, lines, id: host.network.self }
}

/**
 * Resolves as soon as `holds`, looking again at whatever happens to any of the hosts, heartbeats
 * included.
 */
export function eventually(hosts: readonly RunningPeer[], holds: () => boolean): Promise<void> {
  const endWait = beginWait(() => String(holds))
  return new Promise((resolve) => {
    const look = (): void => {
      if (!holds()) return
      endWait()
      for (const end of ends.splice(0)) end()
      resolve()
    }
    const ends = hosts.flatMap(({ node, network }) => [
      node.chain.heads.on(look),
      node.mempool.events.on(look),
      network.onPeer(look),
      network.onHeartbeat(look),
    ])
    look()
  })
}

/** Whether each of the hosts has all others for peers, and their status. */
export function allKnown(hosts: readonly TestPeer[]): boolean {
  return hosts.every((host) =>
    hosts.every((other) => other === host || host.node.sync.book.get(other.id) !== undefined),
  )
}

/** Whether each of the hosts has all others in its mesh of every topic. */
export function allMeshed(hosts: readonly TestPeer[]): boolean {
  return hosts.every(({ network }) =>
    network.mesh().every(({ mesh }) => mesh.length >= hosts.length - 1),
  )
}
