/** A network of real peers on this machine: processes, ports, genesis, meshes. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { devnetGenesis } from '../chain/genesis/devnetGenesis.ts'
import type { Address } from '../crypto/address.ts'
import { DEVNET_MNEMONIC, mnemonicAccount } from '../crypto/accounts.ts'
import { bytesToHex, type Hex } from '../lib/bytes.ts'
import { sleep, type Clock } from '../lib/clock.ts'
import { Emitter } from '../lib/emitter.ts'
import { ROUTER_DEFAULTS } from '../p2p/router/routerDefaults.ts'
import type { NetworkPlan } from '../scenario/networkPlan.ts'
import { FAULT_FLAGS } from './faults.ts'
import { inParallel } from '../lib/inParallel.ts'
import { lacking, meshAim, readMeshesOf, type MeshAim, type MeshedPeer } from './meshes.ts'
import { PeerHost } from './peerHost.ts'
import { makeDirectory } from '../lib/makeDirectory.ts'
import {
  startPeer,
  type PeerExit,
  type PeerInfo,
  type PeerPlan,
  type PeerProcess,
} from './peerProcess.ts'
import { PlannedLinks, type LinkedPeer } from './plannedLinks.ts'
import { rpcClient, type RpcClient } from '../rpc/client/rpcClient.ts'

export interface DevnetOptions {
  /** The compiled `cli/main.js` that the peers run. */
  readonly program: string
  readonly nodes: number
  /** Of them, the last so many that are started later, by {@link Devnet.start}; none unless given. */
  readonly late?: number
  /** Clique signers, one of each of the first peers; three unless given. */
  readonly signers?: number
  readonly chainId: number
  /** Seconds between blocks (Clique period). */
  readonly periodS: number
  /** Gas limit of blocks; that of the built-in genesis unless given. */
  readonly gasLimit?: number
  /** Accounts that sign the load and have funds; ten unless more are asked for. */
  readonly senders?: number
  /** Directory for genesis, peer directories and logs. */
  readonly dir: string
  /** More flags of `grapevine node`, given to every peer. */
  readonly flags: readonly string[]
  /** Who is linked to whom and how: nobody dials but along it. Without it all peers find each other. */
  readonly plan?: NetworkPlan
  /** All peers share so many processes; a process each if left out. */
  readonly processes?: number
  readonly clock: Clock
  /** Aborting ends a start that is under way. */
  readonly signal: AbortSignal
  /** Called for each peer that is ready, in any order. */
  readonly onPeer?: (ready: number, nodes: number) => void
}

export interface DevnetAccount {
  readonly address: Address
  readonly privateKey: Hex
}

export interface Peer {
  readonly process: PeerProcess
  readonly rpc: RpcClient
}

export interface Devnet {
  readonly options: DevnetOptions
  /** Those that were started, by index. One that went away stays, until it is started again. */
  readonly peers: readonly Peer[]
  readonly accounts: readonly DevnetAccount[]
  readonly genesisFile: string
  /** Called when a peer goes away before {@link Devnet.stop}. */
  onExit(listener: (exit: PeerExit) => void): void
  /** Those that run and that this one is to be linked to: by the plan, or all. */
  neighbours(index: number): readonly Peer[]
  /**
   * Starts a late peer, or one that went away: with the identity, data directory and ports that it had. Throws if it
   * runs, and what {@link startPeer} throws.
   */
  start(index: number): Promise<Peer>
  /** Ends every peer; none is left when it resolves. */
  stop(): Promise<void>
}

/** Funded accounts of the built-in genesis: the first ten of the mnemonic that Ethereum's tools share. */
export const DEVNET_ACCOUNTS = 10
/** Far from the funded ones and the signers. */
const SPARE_ACCOUNT = 1_000
/** Their accounts come after the funded ones. With three, one may die and sealing goes on. */
const DEFAULT_SIGNERS = 3
/** Peers that start at a time: each that is a process keeps a core busy for about a second. */
const START_CONCURRENCY = 4
const MESH_POLL_MS = 100
/** A registry of metrics for each of many nodes costs more than anybody reads from it. */
const SHARED_FLAGS = ['--metrics', 'false'] as const
const MESH_TIMEOUT_MS = 30_000
const MESH_TIMEOUT_PER_PEER_MS = 1_000

/** The funded accounts, with their publicly known keys: never use them outside a devnet. */
export function devnetAccounts(senders = DEVNET_ACCOUNTS): DevnetAccount[] {
  return Array.from({ length: Math.max(DEVNET_ACCOUNTS, senders) }, (_, index) => {
    const { address, privateKey } = mnemonicAccount(DEVNET_MNEMONIC, index)
    return { address, privateKey: bytesToHex(privateKey) }
  })
}

/** Funded too, and used by no load: what a person sends by hand disturbs nobody's nonces. */
export function spareAccount(): DevnetAccount {
  const { address, privateKey } = mnemonicAccount(DEVNET_MNEMONIC, SPARE_ACCOUNT)
  return { address, privateKey: bytesToHex(privateKey) }
}

/** Starts all peers but the late ones; on any failure ends those that run and throws the first error. */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  checkPlan(options)
  const devnet = new RunningDevnet(options, writeGenesis(options))
  const launch = async (index: number): Promise<void> => {
    await devnet.launch(index)
    options.onPeer?.(devnet.peers.length, options.nodes)
  }
  try {
    await devnet.openHosts()
    await launch(0)
    const early = Array.from({ length: options.nodes - (options.late ?? 0) }, (_, index) => index)
    await inParallel(early.slice(1), START_CONCURRENCY, launch)
    await devnet.link(early)
  } catch (error) {
    await devnet.stop()
    throw error
  }
  return devnet
}

/**
 * Waits until every peer's mesh on both topics holds as many peers as it tries to hold, or as many as it could have.
 * Throws after `timeoutMs`, by default a time that grows with the network, naming a peer whose mesh is short.
 */
export async function meshesFormed(
  devnet: Devnet,
  timeoutMs = MESH_TIMEOUT_MS + MESH_TIMEOUT_PER_PEER_MS * devnet.peers.length,
): Promise<void> {
  const { clock, signal } = devnet.options
  const deadlineMs = clock.monotonicMs() + timeoutMs
  const aims = await Promise.all(devnet.peers.map(({ rpc }) => meshAim(rpc)))
  for (;;) {
    const peers = await Promise.all(
      devnet.peers.map((peer, i) => meshedPeer(devnet, peer, aims[i])),
    )
    const byId = new Map(peers.map((peer) => [peer.peerId, peer]))
    const short = peers.find((peer) => lacking(peer, byId) > 0)
    if (short === undefined) return
    signal.throwIfAborted()
    if (clock.monotonicMs() > deadlineMs)
      throw new Error(
        `peer ${short.index} has ${lacking(short, byId)} mesh peers too few after ${timeoutMs} ms`,
      )
    await sleep(clock, MESH_POLL_MS)
  }
}

async function meshedPeer(
  devnet: Devnet,
  { process: { info }, rpc }: Peer,
  aim: MeshAim = ROUTER_DEFAULTS,
): Promise<MeshedPeer> {
  const { index, peerId } = info
  const neighbours = devnet.neighbours(index).map((peer) => peer.process.info.peerId)
  const planned = devnet.options.plan && neighbours
  return { index, peerId, aim, planned, meshes: await readMeshesOf(rpc) }
}

class RunningDevnet implements Devnet {
  readonly options: DevnetOptions
  readonly accounts: readonly DevnetAccount[]
  readonly genesisFile: string
  readonly #peers = new Map<number, Peer>()
  readonly #exits = new Emitter<PeerExit>()
  readonly #links: PlannedLinks | undefined
  #hosts: readonly PeerHost[] = []
  #isStopping = false

  constructor(options: DevnetOptions, genesisFile: string) {
    this.options = options
    this.accounts = devnetAccounts(options.senders)
    this.genesisFile = genesisFile
    this.#links = options.plan && new PlannedLinks(options.plan, options.clock)
  }

  get peers(): readonly Peer[] {
    return [...this.#peers.values()].toSorted(byIndex)
  }

  onExit(listener: (exit: PeerExit) => void): void {
    this.#exits.on(listener)
  }

  neighbours(index: number): readonly Peer[] {
    const linked = this.#links?.neighbours(index)
    return this.peers.filter(({ process }) => {
      const other = process.info.index
      return other !== index && process.isRunning() && (linked?.includes(other) ?? true)
    })
  }

  async start(index: number): Promise<Peer> {
    const peer = await this.launch(index)
    await this.link([index])
    return peer
  }

  /** The processes that peers share, if they do. */
  async openHosts(): Promise<void> {
    const { processes = 0, dir } = this.options
    const names = Array.from({ length: processes }, (_, index) => `host-${index}`)
    this.#hosts = await Promise.all(
      names.map((name) => PeerHost.start({ ...this.options, dir, name })),
    )
  }

  /** Builds the planned links of these peers to all that run. */
  async link(indices: readonly number[]): Promise<void> {
    const running = new Map<number, LinkedPeer>()
    for (const { process, rpc } of this.peers)
      if (process.isRunning()) running.set(process.info.index, { info: process.info, rpc })
    await this.#links?.build(indices, running, this.options.signal)
  }

  /** Starts a peer, without its links. */
  async launch(index: number): Promise<Peer> {
    const before = this.#peers.get(index)
    if (before?.process.isRunning()) throw new Error(`peer ${index} runs already`)
    const plan = planOf(this.options, index, this.genesisFile, {
      bootnodes: this.#bootnodesFor(index),
      ports: before === undefined ? [] : portFlags(before.process.info),
    })
    const host = this.#hosts[index % this.#hosts.length]
    const process = await (host?.startPeer(plan) ??
      startPeer(this.options.program, plan, this.options))
    const peer = { process, rpc: before?.rpc ?? rpcClient(process.info.rpcUrl) }
    this.#peers.set(index, peer)
    void process.exited.then((exit) => {
      if (!this.#isStopping) this.#exits.emit(exit)
    })
    return peer
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    const hosted = this.#hosts.length > 0
    const ends = hosted ? this.#hosts : this.peers.map(({ process }) => process)
    await Promise.all(ends.map((one) => one.stop()))
  }

  /** The first peer; the first peer itself, should it come back, joins by the next. */
  #bootnodesFor(index: number): readonly string[] {
    if (this.options.plan !== undefined) return []
    const other = this.peers.find((peer) => peer.process.info.index !== index)
    return other?.process.info.multiaddrs ?? []
  }
}

function checkPlan({ plan, nodes, processes = 1 }: DevnetOptions): void {
  if (plan !== undefined && plan.nodes.length !== nodes)
    throw new Error(`the plan has ${plan.nodes.length} nodes and the devnet ${nodes}`)
  if (processes < 1) throw new Error('peers need at least one process')
}

/** Writes the genesis file of a devnet, always the same for the same options, and answers its path. */
export function writeGenesis(options: DevnetOptions): string {
  makeDirectory(options.dir)
  const file = join(options.dir, 'genesis.json')
  const genesis = devnetGenesis({
    chainId: options.chainId,
    periodS: options.periodS,
    ...(options.gasLimit !== undefined && { gasLimit: options.gasLimit }),
    accounts: [...devnetAccounts(options.senders), spareAccount()].map(
      (account) => account.address,
    ),
    signers: signerAccounts(options).map((account) => account.address),
  })
  writeFileSync(file, `${JSON.stringify(genesis, null, 2)}\n`)
  return file
}

function signerAccounts({
  nodes,
  signers,
  senders = 0,
}: DevnetOptions): ReturnType<typeof mnemonicAccount>[] {
  const count = Math.min(nodes, signers ?? DEFAULT_SIGNERS)
  return Array.from({ length: count }, (_, index) =>
    mnemonicAccount(DEVNET_MNEMONIC, Math.max(DEVNET_ACCOUNTS, senders) + index),
  )
}

/** Where a peer keeps what it keeps, its log included. */
export function dataDirOf({ dir }: DevnetOptions, index: number): string {
  return join(dir, `peer-${index}`)
}

interface Whereabouts {
  readonly bootnodes: readonly string[]
  /** Flags that name the ports; none where any will do. */
  readonly ports: readonly string[]
}

/** The first peers seal, one signer each. */
function planOf(
  options: DevnetOptions,
  index: number,
  genesisFile: string,
  { bootnodes, ports }: Whereabouts,
): PeerPlan {
  const signer = signerAccounts(options)[index]
  const dataDir = dataDirOf(options, index)
  const flags = [
    '--genesis',
    genesisFile,
    '--data-dir',
    dataDir,
    '--target-peers',
    String(options.plan === undefined ? Math.min(options.nodes - 1, 16) : 0),
    ...(options.plan === undefined ? [] : FAULT_FLAGS),
    ...(options.processes === undefined ? [] : SHARED_FLAGS),
    ...ports,
    ...(options.plan?.nodes[index]?.flags ?? []),
  ]
  if (bootnodes.length > 0) flags.push('--bootnodes', bootnodes.join(','))
  return {
    index,
    dataDir,
    flags: [...flags, ...options.flags],
    ...(signer && { signerKey: bytesToHex(signer.privateKey) }),
  }
}

function portFlags({ multiaddrs, rpcUrl, metricsUrl }: PeerInfo): string[] {
  const port = /\/tcp\/(\d+)/.exec(multiaddrs[0] ?? '')?.[1] ?? '0'
  const rpcPort = new URL(rpcUrl).port
  const ports = ['--port', port, '--rpc-port', rpcPort]
  return metricsUrl === undefined ? ports : [...ports, '--metrics-port', new URL(metricsUrl).port]
}

function byIndex(a: Peer, b: Peer): number {
  return a.process.info.index - b.process.info.index
}
