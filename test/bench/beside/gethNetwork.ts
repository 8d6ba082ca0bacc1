/**
 * A network of geth nodes, a process each, all linked: the same genesis as our devnet, sealed by
 * Clique. geth 1.13.15 is the last version that seals so.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { sleep, systemClock } from '../../../src/lib/clock.ts'
import { signersOf, type DevnetAccount } from '../../../src/devnet/accounts.ts'
import { openNetworkFolder } from '../../../src/devnet/networkFolder.ts'
import { makeDirectory } from '../../../src/lib/files/makeDirectory.ts'
import { rpcClient, type RpcClient } from '../../../src/rpc/client/rpcClient.ts'
import type { SeenNetwork } from './seenNetwork.ts'

const CHAIN_ID = 1337
const PERIOD_S = 2
const LOOK_MS = 200
const READY_WITHIN_MS = 60_000
/** Two nodes that dial each other at the same moment may end both connections for good. */
const MISSING_LINKS = 1
const PASSWORD = 'devnet'

const run = promisify(execFile)
const nodeSchema = z.object({ enode: z.string() })
const countSchema = z.string().transform(Number)

interface GethNode {
  readonly process: ChildProcess
  readonly pid: number
  readonly client: RpcClient
  readonly wsUrl: string
}

/** Runs `use` on so many nodes of the program `geth`, and ends them. */
export async function withGeth<T>(
  geth: string,
  nodes: number,
  use: (network: SeenNetwork) => Promise<T>,
): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'grapevine-geth-'))
  const started: GethNode[] = []
  try {
    const options = { nodes, chainId: CHAIN_ID, periodS: PERIOD_S, dir }
    const folder = await openNetworkFolder(options)
    const { genesisFile: genesis } = folder
    await folder.release()
    const signers = signersOf(options)
    for (let index = 0; index < nodes; index++)
      started.push(await startNode(geth, { dir: join(dir, `${index}`), genesis }, signers[index]))
    await link(started.map(({ client }) => client))
    return await use({
      name: 'geth',
      pids: started.map(({ pid }) => pid),
      clients: started.map(({ client }) => client),
      wsUrls: started.map(({ wsUrl }) => wsUrl),
    })
  } finally {
    await Promise.all(started.map(({ process }) => ended(process)))
    rmSync(dir, { recursive: true, force: true })
  }
}

/** @param signer seals; a node without one follows. */
async function startNode(
  geth: string,
  { dir, genesis }: { readonly dir: string; readonly genesis: string },
  signer: DevnetAccount | undefined,
): Promise<GethNode> {
  makeDirectory(dir)
  await run(geth, ['--datadir', dir, 'init', genesis])
  const sealing = signer === undefined ? [] : await sealingFlags(geth, dir, signer)
  const [port, httpPort, wsPort, enginePort] = await freePorts(4)
  const process = spawn(
    geth,
    [
      ['--datadir', dir, '--networkid', CHAIN_ID, '--verbosity', 1, '--ipcdisable'],
      ['--port', port, '--nat', 'none', '--nodiscover', '--netrestrict', '127.0.0.0/8'],
      ['--http', '--http.port', httpPort, '--http.api', 'eth,net,admin,web3'],
      ['--ws', '--ws.port', wsPort, '--authrpc.port', enginePort],
      ['--syncmode', 'full', '--txpool.pricelimit', 1, ...sealing],
    ]
      .flat()
      .map(String),
    { stdio: 'ignore' },
  )
  const { pid } = process
  if (pid === undefined) throw new Error(`cannot start ${geth}`)
  const client = rpcClient(`http://127.0.0.1:${httpPort}`)
  const node = { process, pid, client, wsUrl: `ws://127.0.0.1:${wsPort}` }
  await until('geth answers', () => client.call('web3_clientVersion').then(Boolean, () => false))
  return node
}

async function sealingFlags(
  geth: string,
  dir: string,
  { address, privateKey }: DevnetAccount,
): Promise<readonly string[]> {
  const [keyFile, passwordFile] = [join(dir, 'key'), join(dir, 'password')]
  writeFileSync(keyFile, privateKey.slice(2))
  writeFileSync(passwordFile, PASSWORD)
  await run(geth, ['--datadir', dir, 'account', 'import', '--password', passwordFile, keyFile])
  const unlocked = ['--unlock', address, '--password', passwordFile, '--allow-insecure-unlock']
  return ['--mine', '--miner.etherbase', address, '--miner.gasprice', '1', ...unlocked]
}

/** Each dials those before it. */
async function link(clients: readonly RpcClient[]): Promise<void> {
  const enodes: string[] = []
  for (const client of clients) {
    for (const enode of enodes) await client.call('admin_addPeer', [enode])
    const { enode } = nodeSchema.parse(await client.call('admin_nodeInfo'))
    enodes.push(enode.replace(/@[^:]*/, '@127.0.0.1').replace(/\?.*/, ''))
  }
  const fewest = clients.length - 1 - MISSING_LINKS
  await until('geth nodes are linked', async () => {
    const counts = await Promise.all(clients.map((client) => client.call('net_peerCount')))
    return counts.every((count) => countSchema.parse(count) >= fewest)
  })
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const endMs = systemClock.monotonicMs() + READY_WITHIN_MS
  while (!(await holds())) {
    if (systemClock.monotonicMs() > endMs)
      throw new Error(`after ${READY_WITHIN_MS} ms it does not hold that ${what}`)
    await sleep(systemClock, LOOK_MS)
  }
}

/** Ports of loopback that nobody used a moment ago. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

function ended(process: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (process.exitCode !== null) return resolve()
    process.once('exit', () => resolve())
    process.kill('SIGTERM')
  })
}
