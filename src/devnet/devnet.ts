/** A network of real peers on this machine: processes, ports, genesis, meshes. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { devnetGenesis } from '../chain/devnetGenesis.ts'
import type { Address } from '../crypto/address.ts'
import { DEVNET_MNEMONIC, mnemonicAccount } from '../crypto/accounts.ts'
import { bytesToHex, type Hex } from '../lib/bytes.ts'
import { sleep, type Clock } from '../lib/clock.ts'
import { Emitter } from '../lib/emitter.ts'
import { makeDirectory } from '../lib/makeDirectory.ts'
import {
  startPeer,
  type PeerExit,
  type PeerInfo,
  type PeerPlan,
  type PeerProcess,
} from './peerProcess.ts'
import { isRecord, rpcClient, type RpcClient } from './rpcClient.ts'

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
/** Peers that start at a time: each keeps a core busy for about a second. */
const START_CONCURRENCY = 4
const MESH_POLL_MS = 50
/** Peers that a mesh tries to hold at least (Dlo of the default router settings). */
const MESH_LOW = 6

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
  const devnet = new RunningDevnet(options, writeGenesis(options))
  const start = async (index: number): Promise<void> => {
    await devnet.start(index)
    options.onPeer?.(devnet.peers.length, options.nodes)
  }
  try {
    await start(0)
    const count = options.nodes - (options.late ?? 0)
    const rest = Array.from({ length: count - 1 }, (_, index) => index + 1)
    await inParallel(rest, START_CONCURRENCY, start)
  } catch (error) {
    await devnet.stop()
    throw error
  }
  return devnet
}

/**
 * Waits until every peer's mesh on both topics holds as many peers as it tries to hold, or as many as there are.
 * Throws after `timeoutMs`, naming the peer whose mesh is short.
 */
export async function meshesFormed(devnet: Devnet, timeoutMs: number): Promise<void> {
  const { clock } = devnet.options
  const wanted = Math.min(MESH_LOW, devnet.peers.length - 1)
  const deadlineMs = clock.monotonicMs() + timeoutMs
  for (const { rpc, process } of devnet.peers) {
    while (meshSize(await rpc.call('gossip_mesh')) < wanted) {
      if (clock.monotonicMs() > deadlineMs)
        throw new Error(
          `peer ${process.info.index} has fewer than ${wanted} mesh peers after ${timeoutMs} ms`,
        )
      await sleep(clock, MESH_POLL_MS)
    }
  }
}

/** The smallest mesh among the topics of a `gossip_mesh` answer. */
function meshSize(topics: unknown): number {
  if (!Array.isArray(topics) || topics.length === 0) return 0
  const sizes = topics.map((topic: unknown) =>
    isRecord(topic) && Array.isArray(topic['mesh']) ? topic['mesh'].length : 0,
  )
  return Math.min(...sizes)
}

class RunningDevnet implements Devnet {
  readonly options: DevnetOptions
  readonly accounts: readonly DevnetAccount[]
  readonly genesisFile: string
  readonly #peers = new Map<number, Peer>()
  readonly #exits = new Emitter<PeerExit>()
  #isStopping = false

  constructor(options: DevnetOptions, genesisFile: string) {
    this.options = options
    this.accounts = devnetAccounts(options.senders)
    this.genesisFile = genesisFile
  }

  get peers(): readonly Peer[] {
    return [...this.#peers.values()].toSorted(byIndex)
  }

  onExit(listener: (exit: PeerExit) => void): void {
    this.#exits.on(listener)
  }

  async start(index: number): Promise<Peer> {
    const before = this.#peers.get(index)
    if (before?.process.isRunning()) throw new Error(`peer ${index} runs already`)
    const plan = planOf(this.options, index, this.genesisFile, {
      bootnodes: this.#bootnodesFor(index),
      ports: before === undefined ? [] : portFlags(before.process.info),
    })
    const process = await startPeer(this.options.program, plan, this.options)
    const peer = { process, rpc: before?.rpc ?? rpcClient(process.info.rpcUrl) }
    this.#peers.set(index, peer)
    void process.exited.then((exit) => {
      if (!this.#isStopping) this.#exits.emit(exit)
    })
    return peer
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all(this.peers.map((peer) => peer.process.stop()))
  }

  /** The first peer; the first peer itself, should it come back, joins by the next. */
  #bootnodesFor(index: number): readonly string[] {
    const other = this.peers.find((peer) => peer.process.info.index !== index)
    return other?.process.info.multiaddrs ?? []
  }
}

/** Writes the genesis file of a devnet, always the same for the same options, and answers its path. */
export function writeGenesis(options: DevnetOptions): string {
  makeDirectory(options.dir)
  const file = join(options.dir, 'genesis.json')
  const genesis = devnetGenesis({
    chainId: options.chainId,
    periodS: options.periodS,
    ...(options.gasLimit !== undefined && { gasLimit: options.gasLimit }),
    accounts: [...devnetAccounts(options.senders), spareAccount()].map((account) => account.address),
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
    String(Math.min(options.nodes - 1, 16)),
    ...ports,
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
  const metricsPort = new URL(metricsUrl).port
  return ['--port', port, '--rpc-port', rpcPort, '--metrics-port', metricsPort]
}

function byIndex(a: Peer, b: Peer): number {
  return a.process.info.index - b.process.info.index
}

/** Runs `task` on every item, `width` at a time; rejects with the first error. */
async function inParallel<T>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values()
  const worker = async (): Promise<void> => {
    for (const item of queue) await task(item)
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker))
}
